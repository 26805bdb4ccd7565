using McpServerless.Audit.Retention;

namespace McpServerless.Core.Tests.Audit;

/// <summary>Holds and progress as a store keeps them.</summary>
internal sealed class RetentionShelf : IRetentionStore
{
    private readonly Dictionary<string, LegalHold> _holds = [];
    private IReadOnlyDictionary<string, DateOnly> _progress = new Dictionary<string, DateOnly>();

    public IAsyncEnumerable<LegalHold> ReadHoldsAsync(CancellationToken ct) => _holds.Values.ToList().ToAsyncEnumerable();

    public ValueTask SaveHoldAsync(LegalHold hold, CancellationToken ct)
    {
        _holds[hold.HoldId] = hold;
        return ValueTask.CompletedTask;
    }

    public ValueTask RemoveHoldAsync(string holdId, CancellationToken ct)
    {
        _holds.Remove(holdId);
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyDictionary<string, DateOnly>> ReadProgressAsync(CancellationToken ct) => new(_progress);

    public ValueTask SaveProgressAsync(IReadOnlyDictionary<string, DateOnly> progress, CancellationToken ct)
    {
        _progress = progress.ToDictionary();
        return ValueTask.CompletedTask;
    }
}
