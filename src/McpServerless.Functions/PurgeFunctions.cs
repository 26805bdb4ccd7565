using McpServerless.Budgets;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace McpServerless.Functions;

/// <summary>Removes counters that are over, once an hour.</summary>
public sealed partial class PurgeFunctions(BudgetOperations budgets, ILogger<PurgeFunctions> logger)
{
    [Function("purge-budgets")]
    public async Task PurgeBudgetsAsync([TimerTrigger("0 17 * * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(timer);
        var (removed, left) = await budgets.PurgeAsync(cancellationToken);
        Log.Purged(logger, removed, left);
    }

    private static partial class Log
    {
        [LoggerMessage(7101, LogLevel.Information, "{Removed} pages of counters removed, {Left} left")]
        public static partial void Purged(ILogger logger, int removed, int left);
    }
}
