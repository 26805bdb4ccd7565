using FunctionsRuntime.Startup;
using Microsoft.AspNetCore.Http;

namespace FunctionsRuntime.Http;

/// <summary>The host's request queue: so many run, so many more wait, the next one is answered with 429.</summary>
internal sealed class HttpThrottle : IDisposable
{
    private readonly int maxOutstanding;
    private readonly SemaphoreSlim? turns;
    private int outstanding;

    private HttpThrottle(HostJson limits)
    {
        maxOutstanding = limits.MaxOutstandingRequests ?? int.MaxValue;
        turns = limits.MaxConcurrentRequests is { } concurrent ? new SemaphoreSlim(concurrent) : null;
    }

    /// <returns>Null when host.json sets no limit.</returns>
    public static HttpThrottle? For(HostJson limits) =>
        limits is { MaxConcurrentRequests: null, MaxOutstandingRequests: null } ? null : new HttpThrottle(limits);

    public bool TryAccept()
    {
        if (Interlocked.Increment(ref outstanding) <= maxOutstanding) return true;
        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref outstanding);

    /// <remarks>Takes a free turn without asking the request for its token, which costs an allocation.</remarks>
    public Task WaitForTurnAsync(HttpContext request) =>
        turns is null || turns.Wait(0, CancellationToken.None) ? Task.CompletedTask : turns.WaitAsync(request.RequestAborted);

    public void EndTurn() => turns?.Release();

    public void Dispose() => turns?.Dispose();
}
