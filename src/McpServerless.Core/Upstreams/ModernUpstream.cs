using System.Text.Json;
using McpServerless.Catalogue;
using McpServerless.Contracts;
using McpServerless.Protocol;
using McpServerless.ToolCalls;
using ModelContextProtocol.Protocol;

namespace McpServerless.Upstreams;

/// <summary>Talks to an upstream in the era without a handshake.</summary>
internal sealed class ModernUpstream(UpstreamLink link)
{
    public async ValueTask<Outcome<UpstreamAnswer>> CallAsync(CheckedCall checkedCall, CancellationToken ct)
    {
        var call = checkedCall.Call;
        var id = link.NextId();
        // The message's own id serves as its token, because two callers may use the same one.
        RpcId? progress = call.ProgressToken.ValueKind == JsonValueKind.Undefined ? null : id;
        using var body = new PooledBytes();
        UpstreamRequest.WriteCall(body, id, checkedCall, modern: true, progress);
        var exchange = new UpstreamExchange(link)
        {
            Id = id,
            Body = body,
            Revision = ProtocolRevision.Modern,
            Method = call.Method,
            Name = NameOf(checkedCall),
            MirroredParameters = call.Method == RequestMethods.ToolsCall && checkedCall.Grant.Feature is ExposedTool tool ? tool.Compiled.Mirrored.HeadersFor(call.Arguments) : [],
            OnNotification = new NotificationFilter(call, progress, eventIds: null).PassAsync,
        };
        return await exchange.SendAsync(ct);
    }

    /// <summary>Asks what the upstream is: the answer, or why there is none, with the HTTP status that it had.</summary>
    public async ValueTask<(Outcome<UpstreamAnswer> Outcome, int Status)> DiscoverAsync(CancellationToken ct)
    {
        var id = link.NextId();
        using var body = new PooledBytes();
        UpstreamRequest.WriteDiscover(body, id);
        var exchange = new UpstreamExchange(link) { Id = id, Body = body, Revision = ProtocolRevision.Modern, Method = RequestMethods.ServerDiscover };
        return (await exchange.SendAsync(ct), exchange.Status);
    }

    /// <summary>Listens until the upstream ends the subscription, with what it sends meanwhile.</summary>
    public async ValueTask<Outcome<UpstreamAnswer>> ListenAsync(Action<Utf8JsonWriter> parameters, AgentCapabilities capabilities, MessageHandler onNotification, CancellationToken ct)
    {
        var id = link.NextId();
        using var body = new PooledBytes();
        UpstreamRequest.WriteModern(body, id, RequestMethods.SubscriptionsListen, capabilities, parameters);
        var exchange = new UpstreamExchange(link) { Id = id, Body = body, Revision = ProtocolRevision.Modern, Method = RequestMethods.SubscriptionsListen, OnNotification = onNotification };
        return await exchange.SendAsync(ct);
    }

    /// <summary>What <c>Mcp-Name</c> mirrors (MCP 2026-07-28, Streamable HTTP; SEP-2663 for tasks).</summary>
    private static string? NameOf(CheckedCall checkedCall) => checkedCall.Call.Method switch
    {
        RequestMethods.ToolsCall or RequestMethods.PromptsGet => checkedCall.Grant.Feature.Contract.Name,
        RequestMethods.ResourcesRead => checkedCall.Call.Target.Name,
        CallTarget.TasksGet or CallTarget.TasksUpdate or CallTarget.TasksCancel => checkedCall.Continuation.Task!.TaskId,
        _ => null,
    };
}
