using McpServerless.ToolCalls;

namespace McpServerless.Http.Mcp;

/// <summary>Where the answer to one message goes.</summary>
internal abstract class McpAnswer : INotificationSink
{
    /// <summary>Sends a notification ahead of the answer. Returns when the agent's connection took it.</summary>
    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> notification, CancellationToken ct);

    /// <summary>Sends the last message.</summary>
    public abstract ValueTask EndAsync(int status, ReadOnlyMemory<byte> message, CancellationToken ct);

    /// <summary>Ends without a message.</summary>
    public abstract void End(int status);

    /// <summary>Adds a header, where the answer still can have one.</summary>
    public abstract void Header(string name, string value);
}
