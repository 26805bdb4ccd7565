using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using McpServerless.Catalogue;

namespace McpServerless.Upstreams.Credentials;

/// <summary>Puts the gateway's own credential on every request to one upstream, whatever the protocol.</summary>
/// <remarks>
/// The value is kept until it ends. After a 401 the next request gets a new one, so that a secret that was replaced in the vault is found
/// without a restart; the refused request itself is not sent again.
/// </remarks>
internal sealed class CredentialHandler(UpstreamCredential credential, ICredentialSource source, TimeProvider time, HttpMessageHandler connections) : HttpMessageHandler
{
    /// <summary>An upstream that refuses everything must not make the vault be asked for every call.</summary>
    private static readonly TimeSpan BetweenReads = TimeSpan.FromSeconds(30);

    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\r\n\0");

    private readonly SemaphoreSlim _reading = new(1, 1);
    // The connections are shared with other upstreams and outlive this.
    private readonly HttpMessageInvoker _inner = new(connections, disposeHandler: false);
    private Held? _held;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var held = await HoldAsync(cancellationToken);
        Apply(request, held.Value.Text);
        var response = await _inner.SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized && time.GetUtcNow() - held.ReadAt >= BetweenReads) Interlocked.CompareExchange(ref _held, null, held);
        return response;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _reading.Dispose();
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<Held> HoldAsync(CancellationToken ct)
    {
        if (Volatile.Read(ref _held) is { } held && time.GetUtcNow() < held.Value.UseUntil) return held;
        await _reading.WaitAsync(ct);
        try
        {
            if (Volatile.Read(ref _held) is { } known && time.GetUtcNow() < known.Value.UseUntil) return known;
            var value = await source.ReadAsync(credential, ct);
            if (value.Text.Length == 0 || value.Text.AsSpan().ContainsAny(LineEnds)) throw new UpstreamCredentialException($"what was read for {Describe()} is empty or has more than one line");
            var fresh = new Held(value, time.GetUtcNow());
            Volatile.Write(ref _held, fresh);
            return fresh;
        }
        finally
        {
            _reading.Release();
        }
    }

    private string Describe() => credential.Secret is { } secret ? $"the secret {secret}" : $"the scope {credential.Scope}";

    private void Apply(HttpRequestMessage request, string value)
    {
        switch (credential)
        {
            case { Type: CredentialType.ApiKey, In: ApiKeyPlace.Query }:
                var url = request.RequestUri!; // set by whoever made the request
                var pair = $"{Uri.EscapeDataString(credential.Name!)}={Uri.EscapeDataString(value)}"; // the schema requires a name
                request.RequestUri = new UriBuilder(url) { Query = url.Query.Length > 1 ? $"{url.Query}&{pair}" : pair }.Uri;
                break;
            case { Type: CredentialType.ApiKey, In: ApiKeyPlace.Cookie }:
                var others = request.Headers.TryGetValues("Cookie", out var cookies) ? string.Join("; ", cookies) + "; " : "";
                request.Headers.Remove("Cookie");
                request.Headers.TryAddWithoutValidation("Cookie", $"{others}{credential.Name}={value}");
                break;
            case { Type: CredentialType.ApiKey }:
                request.Headers.Remove(credential.Name!);
                request.Headers.TryAddWithoutValidation(credential.Name!, value);
                break;
            case { Type: CredentialType.Http, Scheme: HttpScheme.Basic }:
                request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(value)));
                break;
            default:
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", value);
                break;
        }
    }

    private sealed record Held(CredentialValue Value, DateTimeOffset ReadAt);
}
