using System.Globalization;
using System.Text.Json;
using McpServerless.Contracts;
using McpServerless.Protocol;
using McpServerless.ToolCalls;

namespace McpServerless.Upstreams;

/// <summary>Lets requests of an upstream reach the agent whose session they belong to, where the agent can and may be asked.</summary>
/// <remarks>
/// The agent answers by a request of its own, which any instance can receive. So the id under which it is asked says which upstream of the session wants to
/// know (its place) and under which id: nothing has to be remembered.
/// </remarks>
internal sealed class AgentRequests(LegacyUpstream upstream, UpstreamSession session, AgentCapabilities capabilities, IAgentChannel agent, int place, Func<string, string?>? eventIds)
{
    public async ValueTask PassAsync(JsonElement message, ReadOnlyMemory<byte> raw, string? eventId, CancellationToken ct)
    {
        if (RpcId.Of(message.GetProperty("id"u8)) is not { } id) return;
        if (message.GetProperty("method"u8).ValueEquals("ping"u8) || InputRequests.Judge(message, capabilities) is not null)
        {
            await upstream.ReplyAsync(session, message, ct);
            return;
        }

        using var body = new PooledBytes();
        UpstreamRequest.WriteWithId(body, message, new RpcId(Tag(place, id)));
        await agent.SendAsync(body.Memory, eventId is null ? null : eventIds?.Invoke(eventId), ct);
    }

    private static string Tag(int place, RpcId id) => string.Create(CultureInfo.InvariantCulture, $"{place}:{id.ToTag()}");

    /// <summary>Which upstream of the session asked, and under which id; null for an id that was not given out like this.</summary>
    public static (int Place, RpcId Id)? ReadTag(JsonElement id)
    {
        if (id.ValueKind != JsonValueKind.String) return null;
        var tag = id.GetString().AsSpan();
        var colon = tag.IndexOf(':');
        return colon > 0 && int.TryParse(tag[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var place) && RpcId.FromTag(tag[(colon + 1)..]) is { } own
            ? (place, own)
            : null;
    }
}
