using System.Net;
using System.Text.Json;
using McpServerless.Protocol;
using McpServerless.Telemetry;
using McpServerless.ToolCalls;
using ModelContextProtocol.Protocol;

namespace McpServerless.Upstreams;

/// <summary>Called for a notification or a request of the upstream, with the message as it arrived and the id of its event.</summary>
internal delegate ValueTask MessageHandler(JsonElement message, ReadOnlyMemory<byte> raw, string? eventId, CancellationToken ct);

/// <summary>One POST to an upstream and everything that comes back for it.</summary>
internal sealed class UpstreamExchange(UpstreamLink link)
{
    /// <summary>How often a stream that ends without an answer is taken up again, when nothing new came meanwhile.</summary>
    private const int MaxIdleResumptions = 5;

    private static readonly TimeSpan DefaultRetry = TimeSpan.FromSeconds(1);

    public required RpcId Id { get; init; }

    public required PooledBytes Body { get; init; }

    /// <summary>Revision in the header; null for the handshake of the older era.</summary>
    public string? Revision { get; init; }

    public string? Method { get; init; }

    /// <summary>What <c>Mcp-Name</c> mirrors; null where the method has none.</summary>
    public string? Name { get; init; }

    /// <summary>Arguments that headers repeat, encoded (MCP 2026-07-28, Streamable HTTP).</summary>
    public IEnumerable<(string Name, string Value)> MirroredParameters { get; init; } = [];

    public string? Session { get; init; }

    public MessageHandler? OnNotification { get; init; }

    public MessageHandler? OnRequest { get; init; }

    /// <summary>The session that the upstream opened, after an <c>initialize</c>.</summary>
    public string? OpenedSession { get; private set; }

    /// <summary>The HTTP status; 0 before there was one.</summary>
    public int Status { get; private set; }

    private bool IsModern => Revision == ProtocolRevision.Modern;

    /// <summary>Sends the message and reads up to its answer.</summary>
    /// <exception cref="HttpRequestException">The upstream could not be reached, or broke off.</exception>
    /// <exception cref="IOException">The upstream broke off.</exception>
    /// <exception cref="OperationCanceledException">The time limit or the caller ended it.</exception>
    public async ValueTask<Outcome<UpstreamAnswer>> SendAsync(CancellationToken ct)
    {
        using var response = await PostAsync(ct);
        var mediaType = response.Content.Headers.ContentType?.MediaType;
        switch (mediaType)
        {
            case "application/json":
                return await ReadJsonAsync(response, ct);
            case "text/event-stream" when response.StatusCode == HttpStatusCode.OK:
                return await ReadStreamAsync(Events(), response, ct);
            default:
                return UpstreamFault.FromStatus(Status, mediaType);
        }
    }

    /// <summary>Takes up a stream of this request after an event (MCP 2025-11-25, Transports, Resumability).</summary>
    public async ValueTask<Outcome<UpstreamAnswer>> ResumeAsync(string lastEventId, CancellationToken ct)
    {
        using var response = await link.GetAsync(Revision, Session, lastEventId, ct);
        Status = (int)response.StatusCode;
        var mediaType = response.Content.Headers.ContentType?.MediaType;
        return mediaType == "text/event-stream" && response.StatusCode == HttpStatusCode.OK
            ? await ReadStreamAsync(Events(), response, ct)
            : UpstreamFault.FromStatus(Status, mediaType);
    }

    /// <summary>Sends a message that has no answer.</summary>
    public async ValueTask<bool> NotifyAsync(CancellationToken ct)
    {
        using var response = await PostAsync(ct);
        return response.IsSuccessStatusCode;
    }

    private UpstreamEvents Events() => new(link.Upstream.MaxResultBytes) { Id = Id, IsModern = IsModern, OnNotification = OnNotification, OnRequest = OnRequest };

    /// <summary>An upstream may end a stream before the answer and let the client come back for it.</summary>
    private async ValueTask<Outcome<UpstreamAnswer>> ReadStreamAsync(UpstreamEvents events, HttpResponseMessage first, CancellationToken ct)
    {
        var response = first;
        var idle = 0;
        try
        {
            while (true)
            {
                var before = events.LastEventId;
                if (await events.ReadAsync(response, ct) is { } outcome) return outcome;
                if (Session is null || events.LastEventId is not { } last) return UpstreamFault.Unavailable("the event stream ended before the answer");
                idle = last == before ? idle + 1 : 0;
                if (idle >= MaxIdleResumptions) return UpstreamFault.Unavailable("the event stream ended again and again before the answer");
                await Task.Delay(events.Retry ?? DefaultRetry, link.TimeSource, ct);
                if (response != first) response.Dispose();
                response = await link.GetAsync(Revision, Session, last, ct);
                if (response.StatusCode != HttpStatusCode.OK) return UpstreamFault.Unavailable($"the event stream ended before the answer, and cannot be taken up again: HTTP {(int)response.StatusCode}");
            }
        }
        finally
        {
            if (response != first) response.Dispose();
        }
    }

    private async ValueTask<HttpResponseMessage> PostAsync(CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, link.Upstream.Url) { Version = HttpVersion.Version11 };
        request.Content = new ReadOnlyMemoryContent(Body.Memory);
        // Constants need no parsing and no formatting anew for each call.
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        if (Revision is not null) request.Headers.TryAddWithoutValidation("MCP-Protocol-Version", Revision);
        if (Session is not null) request.Headers.TryAddWithoutValidation("Mcp-Session-Id", Session);
        if (IsModern && Method is not null)
        {
            request.Headers.TryAddWithoutValidation("Mcp-Method", Method);
            if (Name is not null) request.Headers.TryAddWithoutValidation("Mcp-Name", McpHeaderEncoder.EncodeValue(Name));
            foreach (var (name, value) in MirroredParameters) request.Headers.TryAddWithoutValidation(name, value);
        }

        TraceContext.Write(request);
        var response = await link.Http.SendAsync(request, ct);
        Status = (int)response.StatusCode;
        if (response.Headers.TryGetValues("Mcp-Session-Id", out var sessions)) OpenedSession = sessions.First();
        return response;
    }

    private async ValueTask<Outcome<UpstreamAnswer>> ReadJsonAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var limit = link.Upstream.MaxResultBytes;
        if (response.Content.Headers.ContentLength > limit) return UpstreamFault.TooLarge(limit);
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        var bytes = new PooledBytes((int)Math.Clamp(response.Content.Headers.ContentLength ?? 4096, 256, 1 << 20) + 1);
        Outcome<UpstreamAnswer>? outcome = null;
        try
        {
            outcome = await bytes.ReadToEndAsync(stream, limit, ct) ? Open(bytes) : UpstreamFault.TooLarge(limit);
        }
        finally
        {
            if (outcome is null || !outcome.Succeeded(out _, out _)) bytes.Dispose();
        }

        return outcome;
    }

    private Outcome<UpstreamAnswer> Open(PooledBytes bytes) => StrictJson.Parse(bytes.Memory, UpstreamEvents.MaxDepth) is { } document
        ? Events().Open(document, bytes, Status)
        : UpstreamFault.Protocol($"HTTP {Status} with a body that is not JSON, or repeats a name");
}
