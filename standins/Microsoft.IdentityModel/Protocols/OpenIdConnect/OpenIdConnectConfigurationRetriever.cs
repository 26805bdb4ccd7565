namespace Microsoft.IdentityModel.Protocols.OpenIdConnect;

/// <summary>Fetches the discovery document and then the keys that it points to.</summary>
public class OpenIdConnectConfigurationRetriever : IConfigurationRetriever<OpenIdConnectConfiguration>
{
    public static Task<OpenIdConnectConfiguration> GetAsync(string address, CancellationToken cancel) =>
        GetAsync(address, new HttpDocumentRetriever(), cancel);

    public static Task<OpenIdConnectConfiguration> GetAsync(string address, HttpClient httpClient, CancellationToken cancel) =>
        GetAsync(address, new HttpDocumentRetriever(httpClient), cancel);

    public static async Task<OpenIdConnectConfiguration> GetAsync(string address, IDocumentRetriever retriever, CancellationToken cancel)
    {
        if (string.IsNullOrWhiteSpace(address)) throw new ArgumentNullException(nameof(address));
        ArgumentNullException.ThrowIfNull(retriever);
        var configuration = new OpenIdConnectConfiguration().Read(await retriever.GetDocumentAsync(address, cancel).ConfigureAwait(false));
        if (string.IsNullOrEmpty(configuration.JwksUri)) return configuration;

        configuration.JsonWebKeySet = new(await retriever.GetDocumentAsync(configuration.JwksUri, cancel).ConfigureAwait(false));
        foreach (var key in configuration.JsonWebKeySet.GetSigningKeys()) configuration.SigningKeys.Add(key);
        return configuration;
    }

    Task<OpenIdConnectConfiguration> IConfigurationRetriever<OpenIdConnectConfiguration>.GetConfigurationAsync(
        string address, IDocumentRetriever retriever, CancellationToken cancel) => GetAsync(address, retriever, cancel);
}
