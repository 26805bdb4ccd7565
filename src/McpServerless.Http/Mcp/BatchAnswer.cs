using Microsoft.AspNetCore.Http;

namespace McpServerless.Http.Mcp;

/// <summary>The answer to one element of a batch: kept until all of them are there.</summary>
/// <remarks>
/// A batch is answered as one array, so what would come before an element's result has no place and is dropped (MCP 2025-03-26,
/// Transports, leaves the choice). A refusal of the caller as such is the answer to the whole.
/// </remarks>
internal sealed class BatchAnswer(McpAnswer whole) : McpAnswer
{
    public override bool Streams => false;

    public override bool IsLost => whole.IsLost;

    /// <summary>The response; empty for an element that has none.</summary>
    public ReadOnlyMemory<byte> Message { get; private set; }

    /// <summary>401, 403, 404 or 503 when the caller, its session or the gateway, and not this element, was the reason; otherwise 0.</summary>
    public int RefusedWith { get; private set; }

    public override ValueTask SendAsync(ReadOnlyMemory<byte> message, string? eventId, CancellationToken ct) => ValueTask.CompletedTask;

    public override ValueTask OpenAsync(CancellationToken ct) => ValueTask.CompletedTask;

    public override ValueTask EndAsync(int status, ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        if (status is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden or StatusCodes.Status404NotFound or StatusCodes.Status503ServiceUnavailable) RefusedWith = status;
        Message = message.ToArray();
        return ValueTask.CompletedTask;
    }

    public override void End(int status)
    {
    }

    public override void Header(string name, string value) => whole.Header(name, value);
}
