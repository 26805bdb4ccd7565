using McpServerless.Audit.Indexing;
using Microsoft.Azure.Functions.Worker;

namespace McpServerless.Functions;

/// <summary>Completes the index of instances that are gone, every ten minutes.</summary>
public sealed class AuditIndexFunction(IndexRepair repair)
{
    [Function("audit-index")]
    public Task RunAsync([TimerTrigger("30 */10 * * * *")] TimerInfo timer, CancellationToken cancellationToken) => repair.RunAsync(cancellationToken);
}
