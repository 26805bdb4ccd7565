using System.Text.Json;
using McpServerless.Protocol;
using McpServerless.ToolCalls;
using ModelContextProtocol.Protocol;

namespace McpServerless.Upstreams;

/// <summary>Which of an upstream's notifications about one call reach the agent, and under which token.</summary>
/// <remarks>
/// Progress passes for the token that this request gave, with rising values alone (MCP 2026-07-28, Progress). Log messages pass where the request asked for
/// them and from the level that it named (MCP 2026-07-28, Logging), or to the session that set a level with its upstream. The rest is dropped: what was
/// not advertised is not sent.
/// </remarks>
internal sealed class NotificationFilter(GovernedCall call, RpcId? progressToken, Func<string, string?>? eventIds)
{
    private const int MaxMessageBytes = 64 * 1024;

    private readonly bool _ofSession = eventIds is not null;
    private double _lastProgress = double.NegativeInfinity;

    public async ValueTask PassAsync(JsonElement message, ReadOnlyMemory<byte> raw, string? eventId, CancellationToken ct)
    {
        if (raw.Length > MaxMessageBytes || !message.TryGetProperty("params"u8, out var parameters) || parameters.ValueKind != JsonValueKind.Object) return;
        var method = message.GetProperty("method"u8);
        if (method.ValueEquals(NotificationMethods.ProgressNotification)) await PassProgressAsync(parameters, eventId, ct);
        else if (method.ValueEquals(OlderMethods.LoggingMessage) && WantsLog(parameters)) await call.Agent.SendAsync(raw, OwnId(eventId), ct);
    }

    private string? OwnId(string? eventId) => eventId is null ? null : eventIds?.Invoke(eventId);

    private bool WantsLog(JsonElement parameters)
    {
        if (!parameters.TryGetProperty("level"u8, out var level) || level.ValueKind != JsonValueKind.String) return false;
        if (!call.IsModern) return _ofSession;
        return call.LogLevel.ValueKind == JsonValueKind.String
            && LogSeverity.Of(level.GetString()) is >= 0 and var severity
            && LogSeverity.Of(call.LogLevel.GetString()) is >= 0 and var least
            && severity >= least;
    }

    private async ValueTask PassProgressAsync(JsonElement parameters, string? eventId, CancellationToken ct)
    {
        if (progressToken is not { } own || !parameters.TryGetProperty("progressToken"u8, out var token) || !own.Is(token)) return;
        if (!parameters.TryGetProperty("progress"u8, out var progress) || progress.ValueKind != JsonValueKind.Number) return;
        var value = progress.GetDouble();
        if (value <= _lastProgress) return;
        _lastProgress = value;

        using var body = new PooledBytes(512);
        UpstreamRequest.WriteNotification(body, NotificationMethods.ProgressNotification, writer =>
        {
            writer.WritePropertyName("progressToken"u8);
            call.ProgressToken.WriteTo(writer);
            foreach (var member in parameters.EnumerateObject())
            {
                if (!member.NameEquals("progressToken"u8)) member.WriteTo(writer);
            }
        });
        await call.Agent.SendAsync(body.Memory, OwnId(eventId), ct);
    }
}
