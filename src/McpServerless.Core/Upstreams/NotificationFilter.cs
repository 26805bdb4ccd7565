using System.Runtime.InteropServices;
using System.Text.Json;
using McpServerless.ToolCalls;
using ModelContextProtocol.Protocol;

namespace McpServerless.Upstreams;

/// <summary>Which of an upstream's notifications reach the agent, and under which token.</summary>
/// <remarks>
/// Progress passes for the token that this request gave, with rising values alone (MCP 2026-07-28, Progress). The rest is dropped: what
/// was not advertised is not sent.
/// </remarks>
internal sealed class NotificationFilter(ToolCall call, long requestId)
{
    private const int MaxMessageBytes = 64 * 1024;

    private double _lastProgress = double.NegativeInfinity;

    public async ValueTask PassAsync(JsonElement message, ReadOnlyMemory<byte> raw, CancellationToken ct)
    {
        if (raw.Length > MaxMessageBytes || !message.TryGetProperty("params"u8, out var parameters) || parameters.ValueKind != JsonValueKind.Object) return;
        var method = message.GetProperty("method"u8);
        if (method.ValueKind != JsonValueKind.String) return;
        if (method.ValueEquals(NotificationMethods.ProgressNotification)) await PassProgressAsync(parameters, ct);
    }

    private async ValueTask PassProgressAsync(JsonElement parameters, CancellationToken ct)
    {
        if (call.ProgressToken.ValueKind is not (JsonValueKind.String or JsonValueKind.Number)) return;
        if (!parameters.TryGetProperty("progressToken"u8, out var token) || token.ValueKind != JsonValueKind.Number || !token.TryGetInt64(out var own) || own != requestId) return;
        if (!parameters.TryGetProperty("progress"u8, out var progress) || progress.ValueKind != JsonValueKind.Number) return;
        var value = progress.GetDouble();
        if (value <= _lastProgress) return;
        _lastProgress = value;

        using var body = new PooledBytes(512);
        UpstreamRequest.WriteNotification(body, NotificationMethods.ProgressNotification, writer =>
        {
            writer.WritePropertyName("progressToken"u8);
            writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(call.ProgressToken), skipInputValidation: true);
            foreach (var member in parameters.EnumerateObject())
            {
                if (!member.NameEquals("progressToken"u8)) member.WriteTo(writer);
            }
        });
        await call.Notifications.SendAsync(body.Memory, ct);
    }
}
