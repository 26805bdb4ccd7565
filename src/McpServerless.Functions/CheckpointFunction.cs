using McpServerless.Audit.Checkpoints;
using Microsoft.Azure.Functions.Worker;

namespace McpServerless.Functions;

/// <summary>Signs the ledger every five minutes.</summary>
public sealed class CheckpointFunction(CheckpointSchedule schedule)
{
    [Function("checkpoint")]
    public Task RunAsync([TimerTrigger("0 */5 * * * *")] TimerInfo timer, CancellationToken cancellationToken) => schedule.RunAsync(cancellationToken);
}
