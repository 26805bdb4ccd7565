using System.Text.Json;
using McpServerless.Protocol;
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
    public async ValueTask<Outcome<JsonElement[]>> ListToolsAsync(CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(upstream.TimeoutSeconds), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            if (!(await EraAsync(both.Token)).Succeeded(out var era, out var refusal)) return refusal;
            UpstreamSession? session = null;
            if (!era.IsModern && !(await InitializeAsync(both.Token)).Succeeded(out session, out refusal)) return refusal;
            return await ReadPagesAsync(session, both.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return UpstreamFault.Timeout(upstream.TimeoutSeconds);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return UpstreamFault.Unavailable(e.Message);
        }
    }

    private async ValueTask<Outcome<JsonElement[]>> ReadPagesAsync(UpstreamSession? session, CancellationToken ct)
    {
        var tools = new List<JsonElement>();
        string? cursor = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var id = Interlocked.Increment(ref _lastId);
            using var body = new PooledBytes();
            UpstreamRequest.WriteToolsList(body, id, modern: session is null, cursor);
            var exchange = new UpstreamExchange(http, upstream)
            {
                Id = id,
                Body = body,
                Revision = session?.Revision ?? ProtocolRevision.Modern,
                Session = session?.Id,
                Method = session is null ? RequestMethods.ToolsList : null,
            };
            if (!(await exchange.SendAsync(ct)).Succeeded(out var answer, out var refusal)) return refusal;
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
