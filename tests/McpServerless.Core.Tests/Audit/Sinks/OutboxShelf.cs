using System.Collections.Concurrent;
using McpServerless.Audit.Sinks;

namespace McpServerless.Core.Tests.Audit.Sinks;

/// <summary>Outboxes as a store keeps them, that can be out of reach.</summary>
internal sealed class OutboxShelf : IOutboxStore
{
    private readonly ConcurrentDictionary<(string Sink, string Day, string Writer), OutboxPosition> _positions = new();
    private readonly ConcurrentDictionary<string, OutboxState> _states = new();
    private (string Holder, DateTimeOffset Until)? _lease;

    public bool IsDown { get; set; }

    public bool SavingFails { get; set; }

    public ValueTask<bool> TakeAsync(string sink, string holder, DateTimeOffset now, DateTimeOffset until, CancellationToken ct)
    {
        if (IsDown) throw new StoreUnavailableException("down");
        if (_lease is { } lease && lease.Holder != holder && lease.Until > now) return new(false);
        _lease = (holder, until);
        return new(true);
    }

    public ValueTask GiveBackAsync(string sink, string holder, CancellationToken ct)
    {
        if (_lease?.Holder == holder) _lease = null;
        return ValueTask.CompletedTask;
    }

    public ValueTask<OutboxState?> ReadStateAsync(string sink, CancellationToken ct) => new(_states.GetValueOrDefault(sink));

    public ValueTask SaveStateAsync(string sink, OutboxState state, CancellationToken ct)
    {
        if (SavingFails) throw new StoreUnavailableException("down");
        _states[sink] = state;
        return ValueTask.CompletedTask;
    }

    public IAsyncEnumerable<OutboxPosition> ReadPositionsAsync(string sink, string day, CancellationToken ct) =>
        _positions.Where(p => p.Key.Sink == sink && p.Key.Day == day).Select(p => p.Value).ToAsyncEnumerable();

    public ValueTask SavePositionAsync(string sink, OutboxPosition position, CancellationToken ct)
    {
        if (SavingFails) throw new StoreUnavailableException("down");
        _positions[(sink, position.Day, position.Writer)] = position with { Taken = new Dictionary<string, long>(position.Taken) };
        return ValueTask.CompletedTask;
    }
}
