using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace McpServerless.Cli.Gateway;

/// <summary>The gateway's management API, with a token that proves who asks.</summary>
internal sealed class GatewayClient(Uri gateway, HttpClient http, Func<CancellationToken, ValueTask<string>> token) : IDisposable
{
    private const int MaxAnswerBytes = 64 * 1024 * 1024;

    public Uri Address => gateway;

    /// <summary>No redirects are followed: the token is for this address.</summary>
    public static HttpClient CreateHttp() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = TimeSpan.FromSeconds(240), MaxResponseContentBufferSize = MaxAnswerBytes };

    /// <exception cref="UsageException">The gateway cannot be reached, or does not answer as one.</exception>
    public async Task<GatewayAnswer> SendAsync(GatewayCall call, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(call.Method), new Uri(gateway, $"manage/{call.Path}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await token(ct));
        if (call.IfMatch is { } tag) request.Headers.TryAddWithoutValidation("If-Match", tag);
        // What is sent twice on the way is done once.
        if (call.Method == "POST") request.Headers.TryAddWithoutValidation("Idempotency-Key", Guid.NewGuid().ToString("D"));
        if (call.Body is { } body) request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        try
        {
            using var response = await http.SendAsync(request, ct);
            return new GatewayAnswer((int)response.StatusCode, await ReadAsync(response, ct), response.Headers.ETag?.ToString());
        }
        catch (HttpRequestException e)
        {
            throw new UsageException($"the gateway {gateway} cannot be reached: {e.Message}");
        }
        catch (TaskCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new UsageException($"the gateway {gateway} did not answer in time; whether anything was changed is told by looking at it");
        }
    }

    public void Dispose() => http.Dispose();

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var bytes = await response.Content.ReadAsByteArrayAsync(ct);
        if (bytes.Length == 0) return default;
        using var document = StrictJson.Parse(bytes, 512);
        if (document is not null) return document.RootElement.Clone();
        if (!response.IsSuccessStatusCode) return default;
        throw new UsageException("what answers at the address of the gateway is none");
    }
}
