using McpServerless.ToolCalls;

namespace McpServerless.Http.Mcp;

/// <summary>Where the answer to one message goes.</summary>
internal abstract class McpAnswer : IAgentChannel
{
    /// <summary>Whether an agent can be asked something on the way, and hear of things before the answer.</summary>
    public abstract bool Streams { get; }

    /// <summary>Whether the agent went away before it had all of the answer.</summary>
    public virtual bool IsLost => false;

    /// <summary>Sends a notification or a request ahead of the answer. Returns when the agent's connection took it.</summary>
    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> message, string? eventId, CancellationToken ct);

    /// <summary>Begins the stream without a message.</summary>
    public abstract ValueTask OpenAsync(CancellationToken ct);

    /// <summary>Sends the last message.</summary>
    public abstract ValueTask EndAsync(int status, ReadOnlyMemory<byte> message, CancellationToken ct);

    /// <summary>Ends without a message.</summary>
    public abstract void End(int status);

    /// <summary>Adds a header, where the answer still can have one.</summary>
    public abstract void Header(string name, string value);
}
