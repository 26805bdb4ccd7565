using McpServerless.Budgets;

namespace McpServerless.Core.Tests.Budgets.Simulation;

/// <summary>How a network and a service behave.</summary>
internal sealed record Weather
{
    /// <summary>Mean time of one way, in microseconds.</summary>
    public long Latency { get; init; } = 4_000;

    /// <summary>Part of the requests that never arrive.</summary>
    public double LostRequests { get; init; }

    /// <summary>Part of the answers that never arrive, although what was asked for was done.</summary>
    public double LostAnswers { get; init; }

    /// <summary>Part of the writes that are done long after their sender gave up.</summary>
    public double LateWrites { get; init; }

    /// <summary>Part of the writes that are done, and answered as a conflict because they were sent twice.</summary>
    public double RepeatedWrites { get; init; }
}

/// <summary>Table Storage as the engine sees it: conditional writes, the service's own time, and everything that can go wrong in between.</summary>
internal sealed class SimulatedStore(SimulatedWorld world, Weather weather) : IBudgetStore
{
    private readonly Dictionary<BudgetPageKey, StoredPage> _pages = [];
    private int _tags;

    public int Operations { get; private set; }

    public async ValueTask<StoredPage?> ReadAsync(BudgetPageKey key, CancellationToken ct)
    {
        Operations++;
        await OnTheWayAsync(weather.LostRequests);
        var found = _pages.GetValueOrDefault(key);
        await OnTheWayAsync(weather.LostAnswers);
        return found is null ? null : found with { Page = found.Page.Copy() };
    }

    public async ValueTask<bool> WriteAsync(BudgetPageKey key, BudgetPage page, string? tag, CancellationToken ct)
    {
        Operations++;
        if (world.Random.NextDouble() < weather.LateWrites)
        {
            world.At(world.Now + world.Random.Next(100_000, 3_000_000), () => Put(key, page, tag));
            await AfterAsync(world.Random.Next(1_000, 300_000));
            throw new StoreUnavailableException("The write timed out.");
        }

        await OnTheWayAsync(weather.LostRequests);
        var done = Put(key, page, tag);
        await OnTheWayAsync(weather.LostAnswers);
        return done && world.Random.NextDouble() >= weather.RepeatedWrites;
    }

    public async IAsyncEnumerable<(BudgetPageKey Key, StoredPage Stored)> ReadAllAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        await OnTheWayAsync(0);
        foreach (var (key, stored) in _pages.ToList()) yield return (key, stored with { Page = stored.Page.Copy() });
    }

    public async ValueTask<bool> DeleteAsync(BudgetPageKey key, string tag, CancellationToken ct)
    {
        await OnTheWayAsync(0);
        return _pages.TryGetValue(key, out var standing) && standing.Tag == tag && _pages.Remove(key);
    }

    private bool Put(BudgetPageKey key, BudgetPage page, string? tag)
    {
        if (_pages.GetValueOrDefault(key)?.Tag != tag) return false;
        // Through the codec, so that what is simulated is also what is kept.
        _pages[key] = new StoredPage(BudgetPageJson.Read(BudgetPageJson.Write(page)), $"{++_tags}", DateTimeOffset.UnixEpoch.AddTicks(world.Now * 10));
        return true;
    }

    private async Task OnTheWayAsync(double lost)
    {
        var missed = world.Random.NextDouble() < lost;
        await AfterAsync(missed ? 300_000 : (weather.Latency / 4) + world.Random.NextInt64(weather.Latency * 3 / 2));
        if (missed) throw new StoreUnavailableException("The message was lost.");
    }

    private Task AfterAsync(long microseconds)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        world.At(world.Now + microseconds, arrived.SetResult);
        return arrived.Task;
    }
}
