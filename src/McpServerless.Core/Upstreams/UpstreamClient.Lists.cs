using System.Text.Json;
using McpServerless.ToolCalls;
using ModelContextProtocol.Protocol;

namespace McpServerless.Upstreams;

internal sealed partial class UpstreamClient
{
    /// <summary>The most tools that are read from one upstream. One that goes on paging for ever is not waited for.</summary>
    public const int MaxTools = 5_000;

    private const int MaxPages = 200;

    /// <summary>All tools as the upstream describes them now, in its order.</summary>
    /// <remarks>Refuses with <c>upstream_unavailable</c>, <c>upstream_timeout</c>, <c>upstream_protocol_error</c> or <c>result_too_large</c>.</remarks>
    public ValueTask<Outcome<JsonElement[]>> ListToolsAsync(CancellationToken ct) =>
        Guard.RunAsync(this, 0, static (client, _, token) => client.ReadToolsAsync(token), ct);

    private async ValueTask<Outcome<JsonElement[]>> ReadToolsAsync(CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(Upstream.TimeoutSeconds), _link.TimeSource);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            if (!(await ProfileAsync(both.Token)).Succeeded(out var profile, out var refusal)) return refusal;
            if (profile.IsModern) return await ReadPagesAsync((parameters, token) => Modern.RequestAsync(RequestMethods.ToolsList, parameters, token), both.Token);

            // A session of its own: nobody's calls are on it, and it ends with the list.
            if (!(await OpenSharedAsync(both.Token)).Succeeded(out var session, out refusal)) return refusal;
            var tools = await ReadPagesAsync((parameters, token) => Legacy.RequestAsync(session, _link.NextId(), RequestMethods.ToolsList, parameters, token), both.Token);
            if (session.Id is not null) await Legacy.EndAsync(session, both.Token);
            return tools;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return UpstreamFault.Timeout(Upstream.TimeoutSeconds);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            _profile = null;
            return UpstreamFault.Unavailable(e.Message);
        }
    }

    private static async ValueTask<Outcome<JsonElement[]>> ReadPagesAsync(Func<Action<Utf8JsonWriter>, CancellationToken, ValueTask<Outcome<UpstreamAnswer>>> request, CancellationToken ct)
    {
        var tools = new List<JsonElement>();
        string? cursor = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var from = cursor;
            var outcome = await request(writer =>
            {
                if (from is not null) writer.WriteString("cursor"u8, from);
            }, ct);
            if (!outcome.Succeeded(out var answer, out var refusal)) return refusal;
            using (answer)
            {
                if (answer.Result.ValueKind != JsonValueKind.Object || !answer.Result.TryGetProperty("tools"u8, out var list) || list.ValueKind != JsonValueKind.Array)
                    return UpstreamFault.Protocol("tools/list was not answered with a list of tools");
                tools.AddRange(list.EnumerateArray().Select(t => t.Clone()));
                if (tools.Count > MaxTools) return UpstreamFault.Protocol($"the upstream lists more than {MaxTools} tools");
                cursor = answer.Result.TryGetProperty("nextCursor"u8, out var next) && next.ValueKind == JsonValueKind.String ? next.GetString() : null;
                if (cursor is null) return tools.ToArray();
            }
        }

        return UpstreamFault.Protocol($"the upstream's list of tools has more than {MaxPages} pages");
    }
}
