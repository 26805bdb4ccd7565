using McpServerless.Audit.Sinks;
using Microsoft.Azure.Functions.Worker;

namespace McpServerless.Functions;

/// <summary>Sends what the ledger has to the places that settings name, every minute.</summary>
public sealed class OutboxFunction(Outbox outbox)
{
    [Function("outbox")]
    public Task RunAsync([TimerTrigger("15 * * * * *")] TimerInfo timer, CancellationToken cancellationToken) => outbox.RunAsync(cancellationToken);
}
