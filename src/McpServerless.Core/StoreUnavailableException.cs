namespace McpServerless;

/// <summary>A store could not be read or written: an outage, not a decision.</summary>
/// <remarks>Adapters turn the storage client's exceptions into this one; whoever meets it refuses by its own code.</remarks>
public sealed class StoreUnavailableException : Exception
{
    public StoreUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    public StoreUnavailableException()
    {
    }

    public StoreUnavailableException(string message)
        : base(message)
    {
    }
}
