using System.Net.ServerSentEvents;
using System.Text.Json;
using McpServerless.Protocol;
using McpServerless.ToolCalls;

namespace McpServerless.Upstreams;

/// <summary>Reads the messages of an upstream's event stream one by one: none is held back for the next, and none passes unseen.</summary>
internal sealed class UpstreamEvents(int maxMessageBytes)
{
    public const int MaxDepth = 64;

    private static readonly TimeSpan MaxRetry = TimeSpan.FromSeconds(30);

    /// <summary>The request whose answer ends the stream; null for a stream that has none.</summary>
    public required RpcId? Id { get; init; }

    public required bool IsModern { get; init; }

    public MessageHandler? OnNotification { get; init; }

    public MessageHandler? OnRequest { get; init; }

    /// <summary>From where the stream can be taken up again; null when the upstream gives no ids.</summary>
    public string? LastEventId { get; private set; }

    /// <summary>How long the upstream wants a client to wait before it does; null when it says nothing.</summary>
    public TimeSpan? Retry { get; private set; }

    /// <summary>Reads up to the answer; null when the stream ends before it.</summary>
    public async ValueTask<Outcome<UpstreamAnswer>?> ReadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        await using var stream = new MessageLimitStream(await response.Content.ReadAsStreamAsync(ct), maxMessageBytes);
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
                if (item.EventId is { Length: > 0 } id) LastEventId = id;
                if (item.ReconnectionInterval is { } wait) Retry = wait < MaxRetry ? wait : MaxRetry;
                if (await ReadEventAsync(item.Data, item.EventId, (int)response.StatusCode, ct) is { } outcome) return outcome;
            }
        }
        catch (MessageTooLargeException)
        {
            return UpstreamFault.TooLarge(maxMessageBytes);
        }
        catch (IOException) when (LastEventId is not null)
        {
            // Broken off, but it can be taken up again.
        }

        return null;
    }

    /// <summary>The answer that a message is, or what is wrong with it.</summary>
    public Outcome<UpstreamAnswer> Open(JsonDocument document, PooledBytes bytes, int status)
    {
        var message = document.RootElement;
        if (message.ValueKind != JsonValueKind.Object) return Drop(document, "the answer is not a JSON-RPC message");
        var hasResult = message.TryGetProperty("result"u8, out _);
        var hasError = message.TryGetProperty("error"u8, out var error);
        if (hasResult == hasError) return Drop(document, $"HTTP {status}: the answer has neither a result nor an error, or both");
        if (hasError && !IsError(error)) return Drop(document, "the error has no integer code, or no message");

        // An error about a message that could not be read has no id; then it can only be about ours.
        var hasId = message.TryGetProperty("id"u8, out var id) && id.ValueKind != JsonValueKind.Null;
        return Id is { } own && (hasId ? own.Is(id) : hasError)
            ? new UpstreamAnswer(document, bytes, status, IsModern)
            : Drop(document, "the answer has another id than the request");
    }

    /// <summary>The answer, or null when the event was something else.</summary>
    private async ValueTask<Outcome<UpstreamAnswer>?> ReadEventAsync(PooledBytes bytes, string? eventId, int status, CancellationToken ct)
    {
        var keep = false;
        try
        {
            // An event without data only carries an id to resume from (MCP 2025-11-25, Transports).
            if (bytes.Length == 0) return null;
            if (StrictJson.Parse(bytes.Memory, MaxDepth) is not { } document) return UpstreamFault.Protocol("an event is not JSON, or repeats a name");
            var message = document.RootElement;
            if (message.ValueKind != JsonValueKind.Object) return Drop(document, "an event is not a JSON-RPC message");
            if (!message.TryGetProperty("method"u8, out var method))
            {
                var outcome = Open(document, bytes, status);
                keep = outcome.Succeeded(out _, out _);
                return outcome;
            }

            using (document)
            {
                if (method.ValueKind != JsonValueKind.String) return UpstreamFault.Protocol("an event's method is no text");
                var handler = message.TryGetProperty("id"u8, out _) ? OnRequest : OnNotification;
                if (handler is not null && IsEnvelope(message)) await handler(message, bytes.Memory, eventId, ct);
            }

            return null;
        }
        finally
        {
            if (!keep) bytes.Dispose();
        }
    }

    /// <summary>JSON-RPC 2.0, section 4: some of these go on as they are, and what is no message for a strict client is none for any.</summary>
    private static bool IsEnvelope(JsonElement message) =>
        message.TryGetProperty("jsonrpc"u8, out var version) && version.ValueKind == JsonValueKind.String && version.ValueEquals("2.0"u8)
        && !message.TryGetProperty("result"u8, out _) && !message.TryGetProperty("error"u8, out _);

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
