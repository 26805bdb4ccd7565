using System.Text.Json;
using McpServerless.Access;
using McpServerless.Catalogue;
using McpServerless.Protocol;
using McpServerless.Sealing;
using McpServerless.ToolCalls;
using McpServerless.Upstreams;
using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;

namespace McpServerless.Sessions;

/// <summary>Subscriptions of agents of the era without sessions: one request that is held, and acknowledged for what its caller may hear of.</summary>
/// <remarks>
/// MCP 2026-07-28, Subscriptions. Changes of single resources and of tasks are passed on; changes of lists are not offered, because lists come from the catalogue
/// and say themselves how long they hold.
/// </remarks>
public sealed class Subscriptions
{
    private const int MaxItems = 200;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly GatewayRequests _requests;
    private readonly Authorizer _authorizer;
    private readonly Continuations _continuations;
    private readonly UpstreamClients _upstreams;
    private readonly SessionOptions _options;
    private readonly TimeProvider _time;

    internal Subscriptions(GatewayRequests requests, Authorizer authorizer, Continuations continuations, UpstreamClients upstreams, IOptions<SessionOptions> options, TimeProvider time) =>
        (_requests, _authorizer, _continuations, _upstreams, _options, _time) = (requests, authorizer, continuations, upstreams, options.Value, time);

    /// <summary>Acknowledges, and passes on what changes until the time is up; the closing result is the caller's to write.</summary>
    /// <param name="context">The request.</param>
    /// <param name="id">Its id, which names the subscription.</param>
    /// <param name="parameters">Its <c>params</c>, with <c>notifications</c>.</param>
    /// <param name="agent">The stream.</param>
    /// <param name="ct">The caller went away.</param>
    public ValueTask<Outcome<Admission>> ListenAsync(RequestContext context, RpcId id, JsonElement parameters, IAgentChannel agent, CancellationToken ct) =>
        _requests.AnswerAsync(context, async (admission, _, token) =>
        {
            var wanted = await WantedAsync(admission, parameters, token);
            using var acknowledgement = new PooledBytes(512);
            UpstreamRequest.WriteNotification(acknowledgement, "notifications/subscriptions/acknowledged", writer =>
            {
                writer.WriteStartObject("notifications"u8);
                WriteList(writer, "resourceSubscriptions"u8, wanted.SelectMany(w => w.Uris));
                WriteList(writer, "taskIds"u8, wanted.SelectMany(w => w.Tasks.Values));
                writer.WriteEndObject();
                WriteMeta(writer, id, default);
            });
            await agent.SendAsync(acknowledgement.Memory, null, token);

            using var limit = new CancellationTokenSource(admission.HoldFor(_options.StreamSeconds, _time), _time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, token);
            try
            {
                await Task.WhenAll(wanted.Select(w => FollowAsync(admission, w, id, agent, both.Token)));
                // With nothing to follow, too, a subscription is held: the client asked to be told, not to be turned away.
                await Task.Delay(Timeout.InfiniteTimeSpan, _time, both.Token);
            }
            catch (OperationCanceledException) when (!token.IsCancellationRequested)
            {
                // Its time is up; it ends in good order.
            }

            return (Outcome<Admission>)admission;
        }, ct, recordBegin: true);

    /// <summary>What of the wishes the caller may hear of, by upstream.</summary>
    private async ValueTask<List<Wish>> WantedAsync(Admission admission, JsonElement parameters, CancellationToken ct)
    {
        var wishes = new Dictionary<string, Wish>(StringComparer.Ordinal);
        var notifications = parameters.TryGetProperty("notifications"u8, out var own) ? own : default;
        foreach (var uri in Texts(notifications, "resourceSubscriptions"))
        {
            if (!_authorizer.Authorize(admission, SubjectKind.Resource, uri).Succeeded(out var grant, out _) || !_authorizer.Confirm(grant).Succeeded(out grant, out _)) continue;
            WishOf(grant.Feature.Upstream).Uris.Add(uri);
        }

        foreach (var sealedId in Texts(notifications, "taskIds"))
        {
            if (_continuations.TaskOf(admission, sealedId) is not { } task || admission.Server.FindUpstream(task.Upstream) is not { } upstream) continue;
            WishOf(upstream).Tasks[task.TaskId] = sealedId;
        }

        var honoured = new List<Wish>();
        foreach (var wish in wishes.Values)
        {
            var offer = await _upstreams.For(wish.Upstream).OfferAsync(admission.Caller.Principal, ct);
            if (!offer.Subscriptions) wish.Uris.Clear();
            if (!offer.Tasks) wish.Tasks.Clear();
            if (wish.Uris.Count + wish.Tasks.Count > 0) honoured.Add(wish);
        }

        return honoured;

        Wish WishOf(Catalogue.Upstream upstream)
        {
            if (!wishes.TryGetValue(upstream.Name, out var wish)) wishes.Add(upstream.Name, wish = new Wish(upstream));
            return wish;
        }
    }

    private async Task FollowAsync(Admission admission, Wish wish, RpcId id, IAgentChannel agent, CancellationToken ct)
    {
        var client = _upstreams.For(wish.Upstream);
        while (true)
        {
            try
            {
                if (await client.IsModernAsync(ct)) await FollowModernAsync(client, wish, id, agent, ct);
                else await FollowLegacyAsync(client, wish, id, agent, ct);
            }
            catch (Exception e) when (e is HttpRequestException or IOException && !ct.IsCancellationRequested)
            {
                // The upstream may come back while the subscription is still held.
            }

            await Task.Delay(Pause, _time, ct);
        }
    }

    private static async Task FollowModernAsync(UpstreamClient client, Wish wish, RpcId id, IAgentChannel agent, CancellationToken ct)
    {
        var capabilities = wish.Tasks.Count > 0 ? AgentCapabilities.OfTasks : AgentCapabilities.None;
        var outcome = await client.Modern.ListenAsync(
            writer =>
            {
                writer.WriteStartObject("notifications"u8);
                WriteList(writer, "resourceSubscriptions"u8, wish.Uris);
                WriteList(writer, "taskIds"u8, wish.Tasks.Keys);
                writer.WriteEndObject();
            },
            capabilities,
            (message, _, _, token) => PassAsync(wish, message, id, agent, token),
            ct);
        if (outcome.Succeeded(out var answer, out _)) answer.Dispose();
    }

    /// <summary>In the older era subscriptions belong to a session, so this one gets its own for as long as it is held.</summary>
    private async Task FollowLegacyAsync(UpstreamClient client, Wish wish, RpcId id, IAgentChannel agent, CancellationToken ct)
    {
        if (await client.OpenAsync(ProtocolRevision.Legacy20251125, AgentCapabilities.None, ct) is not { } session) return;
        try
        {
            await client.Legacy.NotifyAsync(session, NotificationMethods.InitializedNotification, null, ct);
            foreach (var uri in wish.Uris)
            {
                var subscribed = await client.Legacy.RequestAsync(session, new RpcId($"subscribe-{uri}"), RequestMethods.ResourcesSubscribe, writer => writer.WriteString("uri"u8, uri), ct);
                if (subscribed.Succeeded(out var answer, out _)) answer.Dispose();
            }

            var events = new UpstreamEvents(client.Upstream.MaxResultBytes)
            {
                Id = null,
                IsModern = false,
                OnRequest = (message, _, _, token) => client.Legacy.ReplyAsync(session, message, token),
                OnNotification = (message, _, _, token) => PassAsync(wish, message, id, agent, token),
            };
            await client.Legacy.StreamAsync(session, null, events, () => ValueTask.CompletedTask, ct);
        }
        finally
        {
            await EndQuietlyAsync(client, session);
        }
    }

    private async Task EndQuietlyAsync(UpstreamClient client, UpstreamSession session)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2), _time);
        try
        {
            if (session.Id is not null) await client.Legacy.EndAsync(session, limit.Token);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // The upstream lets it go by its own rules.
        }
    }

    /// <summary>Passes what was acknowledged, under the client's own names, and nothing else.</summary>
    private static async ValueTask PassAsync(Wish wish, JsonElement message, RpcId id, IAgentChannel agent, CancellationToken ct)
    {
        if (!message.TryGetProperty("params"u8, out var parameters) || parameters.ValueKind != JsonValueKind.Object) return;
        var method = message.GetProperty("method"u8);
        string? task = null;
        if (method.ValueEquals(NotificationMethods.ResourceUpdatedNotification))
        {
            if (JsonMembers.Text(parameters, "uri") is not { } uri || !wish.Uris.Contains(uri)) return;
        }
        else if (!method.ValueEquals("notifications/tasks"u8) || JsonMembers.Text(parameters, "taskId") is not { } taskId || !wish.Tasks.TryGetValue(taskId, out task))
        {
            return;
        }

        using var body = new PooledBytes(512);
        UpstreamRequest.WriteNotification(body, method.GetString()!, writer =>
        {
            foreach (var member in parameters.EnumerateObject())
            {
                if (member.NameEquals("_meta"u8)) continue;
                if (task is not null && member.NameEquals("taskId"u8)) writer.WriteString("taskId"u8, task);
                else member.WriteTo(writer);
            }

            WriteMeta(writer, id, parameters.TryGetProperty("_meta"u8, out var meta) ? meta : default);
        });
        await agent.SendAsync(body.Memory, null, ct);
    }

    /// <summary>The subscription's id is the client's own request id, in its own type.</summary>
    private static void WriteMeta(Utf8JsonWriter writer, RpcId id, JsonElement meta)
    {
        writer.WriteStartObject("_meta"u8);
        id.Write(writer, "io.modelcontextprotocol/subscriptionId"u8);
        if (meta.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in meta.EnumerateObject())
            {
                if (!member.NameEquals(MetaKeys.SubscriptionId)) member.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IEnumerable<string> values)
    {
        var all = values.ToList();
        if (all.Count == 0) return;
        writer.WriteStartArray(name);
        foreach (var value in all) writer.WriteStringValue(value);
        writer.WriteEndArray();
    }

    private static IEnumerable<string> Texts(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var values) && values.ValueKind == JsonValueKind.Array
            ? values.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!).Distinct(StringComparer.Ordinal).Take(MaxItems)
            : [];

    /// <summary>What a caller wants to hear of from one upstream.</summary>
    private sealed record Wish(Catalogue.Upstream Upstream)
    {
        public HashSet<string> Uris { get; } = new(StringComparer.Ordinal);

        /// <summary>The upstream's ids of tasks, each with the one that the client has.</summary>
        public Dictionary<string, string> Tasks { get; } = new(StringComparer.Ordinal);
    }
}
