using McpServerless.Budgets;
using McpServerless.Contracts;
using McpServerless.ToolCalls;

namespace McpServerless.Upstreams;

/// <summary>Sends a checked and recorded call to the upstream that serves the tool.</summary>
internal sealed class UpstreamForwarder(UpstreamClients clients)
{
    /// <summary>Forwards once. Refuses with <c>upstream_unavailable</c>, <c>upstream_timeout</c>, <c>upstream_protocol_error</c> or <c>result_too_large</c>.</summary>
    /// <param name="lease">Taken as proof only: the call has a place in every budget.</param>
    /// <param name="intent">Taken as proof only: nothing is forwarded before it is made.</param>
    public async ValueTask<Outcome<UpstreamAnswer>> ForwardAsync(BudgetLease lease, RecordedIntent intent, CheckedArguments arguments, AuditEntry entry, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(intent);
        entry.Forwarded = true;
        var outcome = await clients.For(arguments.Grant.Tool.Upstream).CallToolAsync(arguments.Grant, arguments.Call, ct);
        if (outcome.Succeeded(out var answer, out _)) entry.UpstreamStatus = answer.HttpStatus;
        return outcome;
    }
}
