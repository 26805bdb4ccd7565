using McpServerless.Azure.Budgets;
using McpServerless.Azure.Tests.Storage;
using McpServerless.Budgets;
using Microsoft.Extensions.Logging.Abstractions;

namespace McpServerless.Azure.Tests.Budgets;

/// <summary>A store that throttles or does not answer: calls that hold what they need go on, the others hear so in time, and it heals by itself.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class SlowStoreTests(AzuriteFixture azurite)
{
    private static readonly BudgetLimit Limit = new() { Name = "rate", Kind = LimitKind.Rate, Amount = 10_000, Per = LimitPeriod.Second, Burst = 20_000 };

    private readonly Account _account = azurite.NewAccount();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CallsThatHoldWhatTheyNeed_WaitForNothing_AndTheOthersAreToldInTime(bool hangs)
    {
        var store = new Trouble(new TableBudgetStore(_account.OpenWithoutRetries()));
        using var engine = new BudgetEngine(store, Microsoft.Extensions.Options.Options.Create(new BudgetOptions { WaitMilliseconds = 100, LeaseMilliseconds = 60_000, IdleMilliseconds = 60_000 }), TimeProvider.System, NullLogger<BudgetEngine>.Instance);
        // Demand of some hundred calls a second, so that a block is in hand.
        // The first contact with a fresh account can take longer than a call waits here.
        for (int leased = 0, calls = 0; leased < 400 && calls < 2_000; calls++)
        {
            if ((await engine.ReserveAsync(Request, CancellationToken.None)).Lease is not null) leased++;
        }

        store.Begin(hangs);
        var atOnce = 0;
        Task<BudgetDecision> next;
        while ((next = engine.ReserveAsync(Request, CancellationToken.None).AsTask()).IsCompletedSuccessfully && (await next).Lease is not null) atOnce++;
        Assert.InRange(atOnce, 20, 20_000);
        Assert.True((await next).Unavailable);
        // An open tool is served up to its ceiling meanwhile.
        var open = await engine.ReserveAsync(Request with { FailMode = BudgetFailMode.Open, OpenCallsPerMinute = 60 }, CancellationToken.None);
        Assert.True(open.Lease?.Unmetered);

        store.End();
        var healed = false;
        for (var attempt = 0; attempt < 200 && !healed; attempt++)
        {
            healed = (await engine.ReserveAsync(Request, CancellationToken.None)).Lease is not null;
            if (!healed) await Task.Delay(50);
        }

        Assert.True(healed);
    }

    private static BudgetRequest Request { get; } = Subjects.Request(Limit);

    /// <summary>The real store, before which requests are refused as the service does when it is busy, or hang.</summary>
    private sealed class Trouble(IBudgetStore inner) : IBudgetStore
    {
        private TaskCompletionSource? _hanging;
        private bool _busy;

        public void Begin(bool hangs) => (_hanging, _busy) = (hangs ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : null, !hangs);

        public void End()
        {
            _busy = false;
            _hanging?.SetResult();
            _hanging = null;
        }

        public async ValueTask<StoredPage?> ReadAsync(BudgetPageKey key, CancellationToken ct)
        {
            await PassAsync();
            return await inner.ReadAsync(key, ct);
        }

        public async ValueTask<bool> WriteAsync(BudgetPageKey key, BudgetPage page, string? tag, CancellationToken ct)
        {
            await PassAsync();
            return await inner.WriteAsync(key, page, tag, ct);
        }

        public IAsyncEnumerable<(BudgetPageKey Key, StoredPage Stored)> ReadAllAsync(CancellationToken ct) => inner.ReadAllAsync(ct);

        public ValueTask<bool> DeleteAsync(BudgetPageKey key, string tag, CancellationToken ct) => inner.DeleteAsync(key, tag, ct);

        private Task PassAsync() => _busy ? throw new StoreUnavailableException("503 (Server Busy)") : _hanging?.Task ?? Task.CompletedTask;
    }
}
