namespace McpServerless.Audit.Sinks;

/// <summary>How far one instance's records of a day were taken by a sink.</summary>
/// <param name="Day">The UTC day.</param>
/// <param name="Writer">The instance.</param>
/// <param name="Taken">By client, the last record that was taken, and so were all before it.</param>
/// <param name="IsDone">Whether the instance wrote nothing else on that day.</param>
public sealed record OutboxPosition(string Day, string Writer, IReadOnlyDictionary<string, long> Taken, bool IsDone);

/// <summary>How a sink is.</summary>
/// <param name="Since">The day from which on records are sent.</param>
/// <param name="LastRun">When its outbox was looked at.</param>
/// <param name="WaitingSince">The time of the oldest record that is known to wait; null when none does.</param>
/// <param name="Fault">Why it waits; null when nothing is wrong.</param>
/// <param name="AlertedAt">When it was last told that it is behind.</param>
public sealed record OutboxState(string Since, DateTimeOffset LastRun, DateTimeOffset? WaitingSince, string? Fault, DateTimeOffset? AlertedAt);

/// <summary>Where outboxes keep how far they have come. The records themselves stay in the ledger.</summary>
public interface IOutboxStore
{
    /// <summary>Lets one instance at a time empty an outbox.</summary>
    /// <returns>False when another one does it.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot be used.</exception>
    ValueTask<bool> TakeAsync(string sink, string holder, DateTimeOffset now, DateTimeOffset until, CancellationToken ct);

    /// <summary>Lets others in before the time is over.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be used.</exception>
    ValueTask GiveBackAsync(string sink, string holder, CancellationToken ct);

    /// <summary>Null before the first run.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be used.</exception>
    ValueTask<OutboxState?> ReadStateAsync(string sink, CancellationToken ct);

    /// <exception cref="StoreUnavailableException">The store cannot be used.</exception>
    ValueTask SaveStateAsync(string sink, OutboxState state, CancellationToken ct);

    /// <exception cref="StoreUnavailableException">The store cannot be used.</exception>
    IAsyncEnumerable<OutboxPosition> ReadPositionsAsync(string sink, string day, CancellationToken ct);

    /// <exception cref="StoreUnavailableException">The store cannot be used; what is not saved is sent again.</exception>
    ValueTask SavePositionAsync(string sink, OutboxPosition position, CancellationToken ct);
}
