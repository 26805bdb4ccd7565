namespace McpServerless.Budgets;

/// <summary>One conversation with the store about a page, and the calls that wait for its end.</summary>
internal sealed class LeaseRound
{
    private readonly List<TaskCompletionSource<bool>> _waiting = [];

    /// <summary>True when the store answered; false when it did not, or not in time. Called under the engine's gate.</summary>
    public Task<bool> JoinAsync(TimeSpan wait, TimeProvider time, CancellationToken ct)
    {
        var waiting = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add(waiting);
        return EndAsync(waiting, wait, time, ct);
    }

    /// <summary>Lets those who wait go on. Nobody joins any more.</summary>
    public void End(bool answered)
    {
        foreach (var waiting in _waiting) waiting.TrySetResult(answered);
    }

    private static async Task<bool> EndAsync(TaskCompletionSource<bool> waiting, TimeSpan wait, TimeProvider time, CancellationToken ct)
    {
        await using var timer = time.CreateTimer(static w => ((TaskCompletionSource<bool>)w!).TrySetResult(false), waiting, wait, Timeout.InfiniteTimeSpan);
        await using var gone = ct.Register(static w => ((TaskCompletionSource<bool>)w!).TrySetCanceled(), waiting);
        return await waiting.Task;
    }
}
