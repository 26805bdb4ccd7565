using System.Net;

namespace Microsoft.IdentityModel.Protocols;

/// <summary>Fetches a document with one GET, and a second one after a 408 or 503.</summary>
/// <remarks>
/// Neither time nor size is bounded here, and the cancellation token is not passed on, as in the real package: the
/// <see cref="HttpClient"/> given to the constructor sets <c>Timeout</c> and <c>MaxResponseContentBufferSize</c>.
/// </remarks>
public class HttpDocumentRetriever : IDocumentRetriever
{
    /// <summary>Keys of <see cref="Exception.Data"/> under which a failed response is found.</summary>
    public const string StatusCode = "status_code";
    public const string ResponseContent = "response_content";

    private static readonly HttpClient s_shared = new();
    private readonly HttpClient _client;

    public HttpDocumentRetriever()
    {
        _client = s_shared;
    }

    public HttpDocumentRetriever(HttpClient httpClient)
    {
        ArgumentNullException.ThrowIfNull(httpClient);
        _client = httpClient;
    }

    /// <summary>Whether an address that is not <c>https</c> is refused.</summary>
    /// <value>Default true.</value>
    public bool RequireHttps { get; set; } = true;

    /// <exception cref="ArgumentException">IDX20108: the address is not https.</exception>
    /// <exception cref="IOException">IDX20804 or IDX20807: nothing, or a refusal, came back.</exception>
    public async Task<string> GetDocumentAsync(string address, CancellationToken cancel)
    {
        if (string.IsNullOrWhiteSpace(address)) throw new ArgumentNullException(nameof(address));
        if (RequireHttps && !address.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"IDX20108: '{address}' is not an https address.", nameof(address));

        HttpStatusCode status;
        string content;
        try
        {
            (status, content) = await GetAsync(new Uri(address, UriKind.RelativeOrAbsolute)).ConfigureAwait(false);
        }
        catch (Exception ex)
        {
            throw new IOException($"IDX20804: '{address}' could not be fetched.", ex);
        }

        if ((int)status is >= 200 and < 300) return content;
        var refused = new IOException($"IDX20807: '{address}' answered with {(int)status}.");
        refused.Data.Add(StatusCode, status);
        refused.Data.Add(ResponseContent, content);
        throw refused;
    }

    private async Task<(HttpStatusCode Status, string Content)> GetAsync(Uri uri)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            using var response = await _client.SendAsync(request).ConfigureAwait(false);
            var again = response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.ServiceUnavailable;
            if (attempt == 1 && again) continue;
            return (response.StatusCode, await response.Content.ReadAsStringAsync().ConfigureAwait(false));
        }
    }
}
