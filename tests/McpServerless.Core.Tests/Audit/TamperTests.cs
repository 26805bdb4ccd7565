using McpServerless.Audit.Verification;
using Xunit.Abstractions;

namespace McpServerless.Core.Tests.Audit;

/// <summary>Whatever single thing is changed in a written ledger, verification finds it and names a place; and it never alarms without cause.</summary>
public sealed class TamperTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Changes = 10_000;

    private WrittenLedger _ledger = null!;

    public async Task InitializeAsync() => _ledger = await WrittenLedger.WriteAsync();

    public Task DisposeAsync()
    {
        _ledger.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task EveryChange_IsFound_AndNamed()
    {
        var random = new Random(20261126);
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var original = _ledger.Store.Segments;
        var tampering = new LedgerTampering(_ledger);
        for (var i = 0; counts.Values.Sum() < Changes; i++)
        {
            var shelf = new SegmentShelf();
            foreach (var segment in original) shelf.Put(segment);
            var change = (Change)random.Next(Enum.GetValues<Change>().Length);
            if (tampering.Apply(change, shelf, random) is not { } place) continue;
            counts[change.ToString()] = counts.GetValueOrDefault(change.ToString()) + 1;
            var report = await _ledger.VerifyAsync(shelf);
            Assert.True(report.Alarms > 0, $"change {i}, {change} at {place}, was not found");
            Assert.True(report.Findings.Any(f => f.IsAlarm && Names(f.Place, place, change)), $"change {i}, {change} at {place}, was found elsewhere: {string.Join("; ", report.Findings.Where(f => f.IsAlarm))}");
        }

        output.WriteLine($"{counts.Values.Sum()} changes, all found: {string.Join(", ", counts.Select(c => $"{c.Key} {c.Value}"))}");
        Assert.Equal(Enum.GetValues<Change>().Length, counts.Count);
    }

    [Fact]
    public async Task UntouchedLedger_RaisesNoAlarm()
    {
        var report = await _ledger.VerifyAsync();
        Assert.Empty(report.Findings.Where(f => f.IsAlarm).Select(f => f.ToString()));
        Assert.True(report is { Records: > 150, Checkpoints: 7, HeadsCompared: > 20 }, $"{report.Records} records, {report.Checkpoints} checkpoints, {report.HeadsCompared} heads");
    }

    /// <summary>The record itself or the next one; of a chain that was made consistent again, the next place that an instance or a checkpoint states.</summary>
    private static bool Names(LedgerPlace found, LedgerPlace place, Change change) =>
        (found.Day, found.ClientId, found.Writer) == (place.Day, place.ClientId, place.Writer)
        && (change is Change.RewrittenWithHashes ? found.Sequence >= place.Sequence : change is Change.ChainRemoved or Change.Order or Change.SegmentRemoved || found.Sequence - place.Sequence is >= 0 and <= 1);
}
