using System.Net;
using McpServerless.Protocol;

namespace McpServerless.Upstreams;

/// <summary>The way to one upstream, and the ids of what goes there.</summary>
internal sealed class UpstreamLink(Catalogue.Upstream upstream, HttpMessageInvoker http, TimeProvider time)
{
    private long _lastId;

    public Catalogue.Upstream Upstream => upstream;

    public HttpMessageInvoker Http => http;

    public TimeProvider TimeSource => time;

    public RpcId NextId() => new(Interlocked.Increment(ref _lastId));

    /// <summary>Opens a stream of the older era; with an event id, where an earlier one ended.</summary>
    public ValueTask<HttpResponseMessage> GetAsync(string? revision, string? session, string? lastEventId, CancellationToken ct) =>
        SendAsync(HttpMethod.Get, revision, session, lastEventId, ct);

    /// <summary>Ends a session of the older era.</summary>
    public ValueTask<HttpResponseMessage> DeleteAsync(string? revision, string? session, CancellationToken ct) =>
        SendAsync(HttpMethod.Delete, revision, session, null, ct);

    private async ValueTask<HttpResponseMessage> SendAsync(HttpMethod method, string? revision, string? session, string? lastEventId, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, upstream.Url) { Version = HttpVersion.Version11 };
        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        if (revision is not null) request.Headers.TryAddWithoutValidation("MCP-Protocol-Version", revision);
        if (session is not null) request.Headers.TryAddWithoutValidation("Mcp-Session-Id", session);
        if (lastEventId is not null) request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        return await http.SendAsync(request, ct);
    }
}
