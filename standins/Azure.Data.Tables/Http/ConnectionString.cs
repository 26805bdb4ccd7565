#nullable enable
namespace Azure.Data.Tables;

/// <summary>The part of a storage connection string that Table Storage needs.</summary>
internal sealed record ConnectionString(Uri Endpoint, TableSharedKeyCredential? SharedKey, AzureSasCredential? Sas)
{
    // The emulators' well-known account; its key is public.
    private const string DevelopmentAccount = "devstoreaccount1";
    private const string DevelopmentKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    /// <exception cref="FormatException">A setting is not of the form <c>name=value</c>.</exception>
    /// <exception cref="InvalidOperationException">The settings do not name an account, or no way to sign in to it.</exception>
    public static ConnectionString Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var settings = Settings(text);
        if (string.Equals(settings.GetValueOrDefault("UseDevelopmentStorage"), "true", StringComparison.OrdinalIgnoreCase))
        {
            var proxy = settings.TryGetValue("DevelopmentStorageProxyUri", out var uri) ? new Uri(uri) : new Uri("http://127.0.0.1");
            var endpoint = new UriBuilder(proxy.Scheme, proxy.Host, 10002, DevelopmentAccount).Uri;
            return new ConnectionString(endpoint, new TableSharedKeyCredential(DevelopmentAccount, DevelopmentKey), null);
        }

        var account = settings.GetValueOrDefault("AccountName");
        var sharedKey = account is not null && settings.TryGetValue("AccountKey", out var key) ? new TableSharedKeyCredential(account, key) : null;
        var sas = settings.TryGetValue("SharedAccessSignature", out var signature) ? new AzureSasCredential(signature) : null;
        if (sharedKey is null && sas is null)
            throw new InvalidOperationException("The connection string has neither AccountName with AccountKey nor SharedAccessSignature.");
        return new ConnectionString(EndpointOf(settings, account), sharedKey, sharedKey is null ? sas : null);
    }

    private static Uri EndpointOf(Dictionary<string, string> settings, string? account)
    {
        if (settings.TryGetValue("TableEndpoint", out var endpoint))
            return new Uri(endpoint);
        if (account is null)
            throw new InvalidOperationException("The connection string has neither TableEndpoint nor AccountName.");
        var scheme = settings.GetValueOrDefault("DefaultEndpointsProtocol", "https");
        var suffix = settings.GetValueOrDefault("EndpointSuffix", "core.windows.net");
        return new Uri($"{scheme}://{account}.table.{suffix}");
    }

    private static Dictionary<string, string> Settings(string text)
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            // Only the first '=' divides: keys end in '=' and signatures are full of it.
            var split = setting.IndexOf('=', StringComparison.Ordinal);
            if (split <= 0)
                throw new FormatException("Each setting of a connection string has the form name=value.");
            if (!settings.TryAdd(setting[..split], setting[(split + 1)..]))
                throw new FormatException($"The connection string sets {setting[..split]} twice.");
        }

        return settings;
    }
}
