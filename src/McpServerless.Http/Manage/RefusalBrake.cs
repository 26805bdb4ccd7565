using System.Threading.RateLimiting;
using McpServerless.Management;
using Microsoft.Extensions.Options;

namespace McpServerless.Http.Manage;

/// <summary>Holds up callers whose requests are refused again and again: guessing is no way in.</summary>
/// <remarks>In the memory of one instance; a client that goes round all of them has as many tries on each.</remarks>
internal sealed class RefusalBrake(IOptions<ManagementOptions> options) : IDisposable
{
    public const int WindowSeconds = 60;

    private readonly PartitionedRateLimiter<string> _refusals = PartitionedRateLimiter.Create<string, string>(caller => RateLimitPartition.GetFixedWindowLimiter(caller, _ => new FixedWindowRateLimiterOptions
    {
        PermitLimit = options.Value.RefusalsPerMinute,
        Window = TimeSpan.FromSeconds(WindowSeconds),
        QueueLimit = 0,
    }));

    /// <summary>Whether a caller has none left, so that it is not even looked at what it asks.</summary>
    public bool IsHeld(string caller)
    {
        using var lease = _refusals.AttemptAcquire(caller, permitCount: 0);
        return !lease.IsAcquired;
    }

    public void Count(string caller)
    {
        using var lease = _refusals.AttemptAcquire(caller);
    }

    public void Dispose() => _refusals.Dispose();
}
