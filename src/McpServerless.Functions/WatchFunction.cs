using McpServerless.Contracts.Watching;
using Microsoft.Azure.Functions.Worker;

namespace McpServerless.Functions;

/// <summary>Compares upstreams with what is pinned, every five minutes.</summary>
public sealed class WatchFunction(ContractWatch watch)
{
    [Function("watch")]
    public Task RunAsync([TimerTrigger("30 */5 * * * *")] TimerInfo timer, CancellationToken cancellationToken) => watch.RunAsync(cancellationToken);
}
