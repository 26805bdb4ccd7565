using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using McpServerless.Protocol;
using McpServerless.ToolCalls;
using ModelContextProtocol.Protocol;

namespace McpServerless.Upstreams;

/// <summary>One POST to an upstream and everything that comes back for it.</summary>
internal sealed class UpstreamExchange(HttpMessageInvoker http, Catalogue.Upstream upstream)
{
    private const int MaxDepth = 64;

    public required long Id { get; init; }

    public required PooledBytes Body { get; init; }

    /// <summary>Revision in the header; null for the handshake of the older era.</summary>
    public string? Revision { get; init; }

    public string? Method { get; init; }

    /// <summary>What <c>Mcp-Name</c> mirrors; null where the method has none.</summary>
    public string? Name { get; init; }

    /// <summary>Arguments that headers repeat, encoded (MCP 2026-07-28, Streamable HTTP).</summary>
    public IEnumerable<(string Name, string Value)> MirroredParameters { get; init; } = [];

    public string? Session { get; init; }

    /// <summary>Called for each notification before the answer, with the message as it arrived.</summary>
    public Func<JsonElement, ReadOnlyMemory<byte>, CancellationToken, ValueTask>? OnNotification { get; init; }

    /// <summary>Called for each request of the upstream before the answer.</summary>
    public Func<JsonElement, CancellationToken, ValueTask>? OnRequest { get; init; }

    /// <summary>The session that the upstream opened, after an <c>initialize</c>.</summary>
    public string? OpenedSession { get; private set; }

    /// <summary>The HTTP status; 0 before there was one.</summary>
    public int Status { get; private set; }

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
                return await ReadEventsAsync(response, ct);
            default:
                return UpstreamFault.FromStatus(Status, mediaType);
        }
    }

    /// <summary>Sends a message that has no answer.</summary>
    public async ValueTask<bool> NotifyAsync(CancellationToken ct)
    {
        using var response = await PostAsync(ct);
        return response.IsSuccessStatusCode;
    }

    private async ValueTask<HttpResponseMessage> PostAsync(CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, upstream.Url) { Version = HttpVersion.Version11 };
        request.Content = new ReadOnlyMemoryContent(Body.Memory);
        // Constants need no parsing and no formatting anew for each call.
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        if (Revision is not null) request.Headers.TryAddWithoutValidation("MCP-Protocol-Version", Revision);
        if (Session is not null) request.Headers.TryAddWithoutValidation("Mcp-Session-Id", Session);
        if (Revision == ProtocolRevision.Modern && Method is not null)
        {
            request.Headers.TryAddWithoutValidation("Mcp-Method", Method);
            if (Name is not null) request.Headers.TryAddWithoutValidation("Mcp-Name", McpHeaderEncoder.EncodeValue(Name));
            foreach (var (name, value) in MirroredParameters) request.Headers.TryAddWithoutValidation(name, value);
        }

        var response = await http.SendAsync(request, ct);
        Status = (int)response.StatusCode;
        if (response.Headers.TryGetValues("Mcp-Session-Id", out var sessions)) OpenedSession = sessions.First();
        return response;
    }

    private async ValueTask<Outcome<UpstreamAnswer>> ReadJsonAsync(HttpResponseMessage response, CancellationToken ct)
    {
        if (response.Content.Headers.ContentLength > upstream.MaxResultBytes) return UpstreamFault.TooLarge(upstream.MaxResultBytes);
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        var bytes = new PooledBytes((int)Math.Clamp(response.Content.Headers.ContentLength ?? 4096, 256, 1 << 20) + 1);
        Outcome<UpstreamAnswer>? outcome = null;
        try
        {
            outcome = await bytes.ReadToEndAsync(stream, upstream.MaxResultBytes, ct) ? Open(bytes) : UpstreamFault.TooLarge(upstream.MaxResultBytes);
        }
        finally
        {
            if (outcome is null || !outcome.Succeeded(out _, out _)) bytes.Dispose();
        }

        return outcome;
    }

    private async ValueTask<Outcome<UpstreamAnswer>> ReadEventsAsync(HttpResponseMessage response, CancellationToken ct)
    {
        await using var stream = new MessageLimitStream(await response.Content.ReadAsStreamAsync(ct), upstream.MaxResultBytes);
        var events = SseParser.Create(stream, (_, data) =>
        {
            stream.MessageRead();
            var bytes = new PooledBytes(Math.Max(256, data.Length));
            data.CopyTo(bytes.GetSpan(data.Length));
            bytes.Advance(data.Length);
            return bytes;
        });
        try
        {
            await foreach (var item in events.EnumerateAsync(ct))
            {
                if (await ReadEventAsync(item.Data, ct) is { } outcome) return outcome;
            }
        }
        catch (MessageTooLargeException)
        {
            return UpstreamFault.TooLarge(upstream.MaxResultBytes);
        }

        return UpstreamFault.Unavailable("the event stream ended before the answer");
    }

    /// <summary>The answer, or null when the event was something else.</summary>
    private async ValueTask<Outcome<UpstreamAnswer>?> ReadEventAsync(PooledBytes bytes, CancellationToken ct)
    {
        var keep = false;
        try
        {
            // An event without data only carries an id to resume from (MCP 2025-11-25, Transports).
            if (bytes.Length == 0) return null;
            if (StrictJson.Parse(bytes.Memory, MaxDepth) is not { } document) return UpstreamFault.Protocol("an event is not JSON, or repeats a name");
            var message = document.RootElement;
            if (message.ValueKind != JsonValueKind.Object) return Drop(document, "an event is not a JSON-RPC message");
            var hasMethod = message.TryGetProperty("method"u8, out _);
            if (!hasMethod)
            {
                var outcome = Open(document, bytes);
                keep = outcome.Succeeded(out _, out _);
                return outcome;
            }

            using (document)
            {
                if (message.TryGetProperty("id"u8, out _))
                {
                    if (OnRequest is not null) await OnRequest(message, ct);
                }
                else if (OnNotification is not null)
                {
                    await OnNotification(message, bytes.Memory, ct);
                }
            }

            return null;
        }
        finally
        {
            if (!keep) bytes.Dispose();
        }
    }

    private Outcome<UpstreamAnswer> Open(PooledBytes bytes) =>
        StrictJson.Parse(bytes.Memory, MaxDepth) is { } document ? Open(document, bytes) : UpstreamFault.Protocol($"HTTP {Status} with a body that is not JSON, or repeats a name");

    private Outcome<UpstreamAnswer> Open(JsonDocument document, PooledBytes bytes)
    {
        var message = document.RootElement;
        if (message.ValueKind != JsonValueKind.Object) return Drop(document, "the answer is not a JSON-RPC message");
        var hasResult = message.TryGetProperty("result"u8, out _);
        var hasError = message.TryGetProperty("error"u8, out var error);
        if (hasResult == hasError) return Drop(document, $"HTTP {Status}: the answer has neither a result nor an error, or both");
        if (hasError && !IsError(error)) return Drop(document, "the error has no integer code, or no message");

        // An error about a message that could not be read has no id; then it can only be about ours.
        var hasId = message.TryGetProperty("id"u8, out var id) && id.ValueKind != JsonValueKind.Null;
        if (hasId ? id.ValueKind != JsonValueKind.Number || !id.TryGetInt64(out var number) || number != Id : hasResult)
        {
            return Drop(document, "the answer has another id than the request");
        }

        return new UpstreamAnswer(document, bytes, Status);
    }

    /// <summary>JSON-RPC 2.0, section 5.1: the error goes on to the agent, whose client may be strict.</summary>
    private static bool IsError(JsonElement error) =>
        error.ValueKind == JsonValueKind.Object
        && error.TryGetProperty("code"u8, out var code) && code.ValueKind == JsonValueKind.Number && code.TryGetInt64(out _)
        && error.TryGetProperty("message"u8, out var message) && message.ValueKind == JsonValueKind.String;

    private static Refusal Drop(JsonDocument document, string note)
    {
        document.Dispose();
        return UpstreamFault.Protocol(note);
    }
}
