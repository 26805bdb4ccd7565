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
    public ValueTask<(Outcome<UpstreamAnswer> Outcome, int Status)> DiscoverAsync(CancellationToken ct) =>
        SendAsync(RequestMethods.ServerDiscover, _ => { }, AgentCapabilities.None, null, ct);

    /// <summary>Sends a request of the gateway's own, for no agent.</summary>
    public async ValueTask<Outcome<UpstreamAnswer>> RequestAsync(string method, Action<Utf8JsonWriter> parameters, CancellationToken ct) =>
        (await SendAsync(method, parameters, AgentCapabilities.None, null, ct)).Outcome;

    /// <summary>Listens until the upstream ends the subscription, with what it sends meanwhile.</summary>
    public async ValueTask<Outcome<UpstreamAnswer>> ListenAsync(Action<Utf8JsonWriter> parameters, AgentCapabilities capabilities, MessageHandler onNotification, CancellationToken ct) =>
        (await SendAsync(RequestMethods.SubscriptionsListen, parameters, capabilities, onNotification, ct)).Outcome;

    private async ValueTask<(Outcome<UpstreamAnswer> Outcome, int Status)> SendAsync(
        string method, Action<Utf8JsonWriter> parameters, AgentCapabilities capabilities, MessageHandler? onNotification, CancellationToken ct)
    {
        var id = link.NextId();
        using var body = new PooledBytes();
        UpstreamRequest.WriteModern(body, id, method, capabilities, parameters);
        var exchange = new UpstreamExchange(link) { Id = id, Body = body, Revision = ProtocolRevision.Modern, Method = method, OnNotification = onNotification };
        return (await exchange.SendAsync(ct), exchange.Status);
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
