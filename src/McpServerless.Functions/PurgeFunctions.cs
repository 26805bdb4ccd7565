using McpServerless.Budgets;
using McpServerless.Budgets.Runaway;
using McpServerless.Management;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace McpServerless.Functions;

/// <summary>Removes counters and answers that are over, once an hour.</summary>
public sealed partial class PurgeFunctions(BudgetOperations budgets, IDemandStore demand, IIdempotencyStore answers, TimeProvider time, ILogger<PurgeFunctions> logger)
{
    [Function("purge-budgets")]
    public async Task PurgeBudgetsAsync([TimerTrigger("0 17 * * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(timer);
        var (removed, left) = await budgets.PurgeAsync(cancellationToken);
        Log.Purged(logger, removed, left);
    }

    /// <summary>Forgets what was usual for clients that have not called for 90 days.</summary>
    [Function("purge-demand")]
    public async Task PurgeDemandAsync([TimerTrigger("0 37 3 * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(timer);
        Log.Forgotten(logger, await demand.PurgeAsync(DemandBaseline.HourOf(time.GetUtcNow().AddDays(-90)), cancellationToken));
    }

    /// <summary>Forgets answers of the management API whose keys are past their time.</summary>
    [Function("purge-answers")]
    public async Task PurgeAnswersAsync([TimerTrigger("0 27 * * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(timer);
        Log.AnswersForgotten(logger, await answers.PurgeAsync(time.GetUtcNow(), cancellationToken));
    }

    private static partial class Log
    {
        [LoggerMessage(7102, LogLevel.Information, "What was usual for {Removed} clients is forgotten")]
        public static partial void Forgotten(ILogger logger, int removed);

        [LoggerMessage(7103, LogLevel.Information, "{Removed} answers of the management API are forgotten")]
        public static partial void AnswersForgotten(ILogger logger, int removed);

        [LoggerMessage(7101, LogLevel.Information, "{Removed} pages of counters removed, {Left} left")]
        public static partial void Purged(ILogger logger, int removed, int left);
    }
}
