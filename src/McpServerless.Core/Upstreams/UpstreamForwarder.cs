using McpServerless.Catalogue;
using McpServerless.Contracts;
using McpServerless.ToolCalls;

namespace McpServerless.Upstreams;

/// <summary>Sends a checked and recorded call to the upstream that serves the tool.</summary>
internal sealed class UpstreamForwarder(UpstreamClients clients, RestClient rest)
{
    /// <summary>Forwards once. Refuses with <c>upstream_unavailable</c>, <c>upstream_timeout</c>, <c>upstream_protocol_error</c> or <c>result_too_large</c>.</summary>
    /// <param name="intent">Taken as proof only: nothing is forwarded before it is made.</param>
    public async ValueTask<Outcome<UpstreamAnswer>> ForwardAsync(RecordedIntent intent, CheckedArguments arguments, AuditEntry entry, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(intent);
        if (arguments.Grant.Tool.Upstream.Protocol == UpstreamProtocol.Rest) return await CallApiAsync(arguments, entry, ct);
        entry.Forwarded = true;
        var outcome = await clients.For(arguments.Grant.Tool.Upstream).CallToolAsync(arguments.Grant, arguments.Call, ct);
        if (outcome.Succeeded(out var answer, out _)) entry.UpstreamStatus = answer.HttpStatus;
        return outcome;
    }

    /// <summary>Refuses with <c>arguments_invalid</c> and <c>result_invalid</c> too.</summary>
    private async ValueTask<Outcome<UpstreamAnswer>> CallApiAsync(CheckedArguments arguments, AuditEntry entry, CancellationToken ct)
    {
        if (!RestClient.Prepare(arguments.Grant, arguments.Call).Succeeded(out var request, out var refusal)) return refusal;
        using (request)
        {
            entry.Forwarded = true;
            var outcome = await rest.SendAsync(arguments.Grant, arguments.Call, request, ct);
            if (outcome.Succeeded(out var answer, out _)) entry.UpstreamStatus = answer.HttpStatus;
            return outcome;
        }
    }
}
