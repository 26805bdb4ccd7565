using McpServerless.Access.Expiring;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace McpServerless.Functions;

/// <summary>Puts on record what has ended, every five minutes, and takes it away a month later.</summary>
public sealed partial class ExpiryFunctions(AccessExpiry expiry, ILogger<ExpiryFunctions> logger)
{
    [Function("expireAccess")]
    public Task ExpireAsync([TimerTrigger("30 */5 * * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(timer);
        if (timer.IsPastDue) Log.Late(logger, "expireAccess");
        return expiry.ExpireAsync(cancellationToken);
    }

    [Function("purgeExpired")]
    public Task PurgeAsync([TimerTrigger("0 40 3 * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(timer);
        if (timer.IsPastDue) Log.Late(logger, "purgeExpired");
        return expiry.PurgeAsync(cancellationToken);
    }

    private static partial class Log
    {
        // What is due is worked out from the state, so a late run needs nothing but to run.
        [LoggerMessage(2111, LogLevel.Information, "The timer {Name} runs late")]
        public static partial void Late(ILogger logger, string name);
    }
}
