using McpServerless.Access;
using McpServerless.Audit;
using McpServerless.Catalogue;
using McpServerless.Notifying;
using McpServerless.Upstreams;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.Contracts.Watching;

/// <summary>What a run of the watch did.</summary>
/// <param name="Looked">Upstreams that were compared.</param>
/// <param name="Unreadable">Upstreams that could not be: nothing changed for them.</param>
/// <param name="Left">Upstreams for the next run.</param>
/// <param name="Quarantined">Tools that were taken out of service.</param>
/// <param name="Reported">Tools that drifted harmlessly and go on.</param>
/// <param name="Released">Tools that are served again, or are in step again.</param>
public sealed record WatchRun(int Looked, int Unreadable, int Left, int Quarantined, int Reported, int Released);

/// <summary>Compares what MCP servers say of their tools with what is pinned, and takes out of service what no longer keeps it.</summary>
/// <remarks>
/// A run is bounded, remembers how far it came, and can die anywhere: what was found is written before anybody is told of it, and marked when the
/// ledger has it. An upstream that is down changes nothing. HTTP APIs do not list their operations; <c>mcpgov import openapi</c> compares those.
/// </remarks>
public sealed partial class ContractWatch
{
    private readonly ICatalogueStore _catalogues;
    private readonly IContractWatchStore _store;
    private readonly IAccessStore _access;
    private readonly UpstreamClients _upstreams;
    private readonly Ledger _ledger;
    private readonly WatchOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ContractWatch> _logger;
    private readonly NoticeBox? _notices;

    internal ContractWatch(ICatalogueStore catalogues, IContractWatchStore store, IAccessStore access, UpstreamClients upstreams, Ledger ledger, IOptions<WatchOptions> options, TimeProvider time, ILogger<ContractWatch> logger, NoticeBox? notices = null)
    {
        (_catalogues, _store, _access, _upstreams) = (catalogues, store, access, upstreams);
        (_ledger, _options, _time, _logger) = (ledger, options.Value, time, logger);
        _notices = notices;
    }

    /// <summary>Compares as many upstreams as a run may, those first that were not looked at for longest.</summary>
    /// <exception cref="StoreUnavailableException">The state cannot be read or written; the next run makes up for it.</exception>
    public async Task<WatchRun> RunAsync(CancellationToken ct)
    {
        if (!_options.Enabled || await _catalogues.ReadActiveAsync(ct) is not { } active) return new WatchRun(0, 0, 0, 0, 0, 0);
        var lastLooked = (await _store.ReadProgressAsync(ct)).ToDictionary(p => p.Name, p => p.LookedAt, StringComparer.Ordinal);
        var pinned = active.Tools.ToLookup(t => t.Upstream, StringComparer.Ordinal);
        var due = active.Upstreams
            .Where(u => u.Protocol == UpstreamProtocol.Mcp && pinned.Contains(u.Name))
            .OrderBy(u => lastLooked.GetValueOrDefault(u.Name)).ThenBy(u => u.Name, StringComparer.Ordinal)
            .ToList();
        var started = _time.GetTimestamp();
        var tally = new Tally();
        var limits = new ParallelOptions { MaxDegreeOfParallelism = _options.Parallel, CancellationToken = ct };
        await Parallel.ForEachAsync(due.Take(_options.MaxUpstreams), limits, async (upstream, token) =>
        {
            if (_time.GetElapsedTime(started) >= TimeSpan.FromSeconds(_options.RunSeconds)) return;
            await CompareAsync(upstream, [.. pinned[upstream.Name].Where(t => t.State != ToolState.Retired)], tally, token);
        });
        var run = new WatchRun(tally.Looked, tally.Unreadable, due.Count - tally.Looked - tally.Unreadable, tally.Quarantined, tally.Reported, tally.Released);
        Log.Ran(_logger, run.Looked, run.Unreadable, run.Left, run.Quarantined, run.Reported);
        return run;
    }

    private async Task CompareAsync(Upstream upstream, IReadOnlyList<ToolContract> pinned, Tally tally, CancellationToken ct)
    {
        if (!(await _upstreams.For(upstream).ListToolsAsync(ct)).Succeeded(out var tools, out var refusal))
        {
            Interlocked.Increment(ref tally.Unreadable);
            Log.Unreadable(_logger, upstream.Name, refusal.Code.Name);
            await _store.SaveProgressAsync(new WatchedUpstream(upstream.Name, _time.GetUtcNow(), refusal.Code.Name), ct);
            return;
        }

        var live = tools.Where(t => JsonMembers.Text(t, "name") is not null).ToLookup(t => JsonMembers.Text(t, "name")!, StringComparer.Ordinal);
        var known = (await _store.ReadDriftsAsync(upstream.Name, ct)).ToDictionary(d => d.Tool, StringComparer.Ordinal);
        var news = new List<(ContractDrift Drift, ToolContract Contract)>();
        foreach (var contract in pinned)
        {
            known.Remove(contract.Name, out var before);
            if (await SettleAsync(contract, before, DriftJudgement.Of(contract, [.. live[contract.Name]]), tally, ct) is { } drift) news.Add((drift, contract));
        }

        // What is no longer pinned cannot be called either.
        foreach (var left in known.Values)
        {
            await _store.ReleaseAsync(left.Upstream, left.Tool, ct);
            await _store.DeleteDriftAsync(left.Upstream, left.Tool, ct);
        }

        await AnnounceAsync(news, tally, ct);
        await _store.SaveProgressAsync(new WatchedUpstream(upstream.Name, _time.GetUtcNow(), null), ct);
        Interlocked.Increment(ref tally.Looked);
    }

    /// <summary>Brings the row of one tool to what was found.</summary>
    /// <returns>The drift, where the ledger does not have it yet; otherwise null.</returns>
    private async Task<ContractDrift?> SettleAsync(ToolContract contract, ContractDrift? before, DriftJudgement found, Tally tally, CancellationToken ct)
    {
        if (found.Verdict == DriftVerdict.Returned)
        {
            if (before is null) return null;
            // The contract was replaced, the upstream took a rejected change back, or words are again what they were.
            if (!before.IsHeld || before.State == DriftState.Rejected || before.PinnedHash != contract.Hash) return await ReleaseAsync(contract, before, tally, ct);
            if (before is { Verdict: DriftVerdict.Returned, Announced: true }) return null;
        }
        else if (before is not null && before.LiveHash == found.LiveHash && before.PinnedHash == contract.Hash)
        {
            return before.Announced ? null : before;
        }

        var drift = new ContractDrift
        {
            Upstream = contract.Upstream,
            Tool = contract.Name,
            PinnedHash = contract.Hash,
            LiveHash = found.LiveHash,
            Live = found.Live,
            Verdict = found.Verdict,
            // What waits for a person goes on to wait, whatever the upstream shows meanwhile.
            State = found.IsSevere || before is { IsHeld: true } ? DriftState.Quarantined : DriftState.Reported,
            Rules = found.Rules,
            Findings = found.Findings,
            Since = before is { IsHeld: true } ? before.Since : _time.GetUtcNow(),
            RowVersion = before?.RowVersion,
        };
        // Somebody decided at this moment: the next run sees what follows.
        return await _store.SaveDriftAsync(drift, ct);
    }

    private async Task<ContractDrift?> ReleaseAsync(ToolContract contract, ContractDrift drift, Tally tally, CancellationToken ct)
    {
        if (drift.IsHeld)
        {
            // The record first: a tool that is served again without a trace is what nobody should find.
            if (!await _ledger.AppendAsync(DriftRecords.OfWatch(DriftRecords.Released, drift, contract, _time.GetUtcNow()), ct)) return null;
            await _store.ReleaseAsync(drift.Upstream, drift.Tool, ct);
            await _access.BumpEpochAsync(ct);
        }

        await _store.DeleteDriftAsync(drift.Upstream, drift.Tool, ct);
        Interlocked.Increment(ref tally.Released);
        return null;
    }

    /// <summary>First every instance, then the ledger; what neither got is told again by the next run.</summary>
    private async Task AnnounceAsync(List<(ContractDrift Drift, ToolContract Contract)> news, Tally tally, CancellationToken ct)
    {
        foreach (var (drift, _) in news.Where(n => n.Drift.IsHeld)) await _store.HoldAsync(new HeldTool(drift.Upstream, drift.Tool, drift.PinnedHash, drift.LiveHash), ct);
        if (news.Exists(n => n.Drift.IsHeld)) await _access.BumpEpochAsync(ct);
        foreach (var (drift, contract) in news)
        {
            var happening = drift.State == DriftState.Quarantined && drift.Verdict != DriftVerdict.Returned ? DriftRecords.Quarantined : DriftRecords.Reported;
            if (happening == DriftRecords.Quarantined) Log.Quarantined(_logger, drift.Upstream, drift.Tool, DriftRecords.NameOf(drift.Verdict));
            if (!await _ledger.AppendAsync(DriftRecords.OfWatch(happening, drift, contract, _time.GetUtcNow()), ct)) continue;
            if (happening == DriftRecords.Quarantined && _notices is not null) await _notices.PostAsync(DriftRecords.NoticeOf(drift, contract, _time.GetUtcNow()), ct);
            await _store.SaveDriftAsync(drift with { Announced = true }, ct);
            if (happening == DriftRecords.Quarantined) Interlocked.Increment(ref tally.Quarantined);
            else Interlocked.Increment(ref tally.Reported);
        }
    }

    private sealed class Tally
    {
        public int Looked;
        public int Unreadable;
        public int Quarantined;
        public int Reported;
        public int Released;
    }

    private static partial class Log
    {
        [LoggerMessage(8001, LogLevel.Information, "Watch: {Looked} upstreams compared, {Unreadable} not readable, {Left} left; {Quarantined} tools quarantined, {Reported} reported")]
        public static partial void Ran(ILogger logger, int looked, int unreadable, int left, int quarantined, int reported);

        [LoggerMessage(8002, LogLevel.Warning, "Watch: upstream {Upstream} could not be read ({Code}); nothing changed for its tools")]
        public static partial void Unreadable(ILogger logger, string upstream, string code);

        [LoggerMessage(8003, LogLevel.Warning, "Watch: tool {Upstream}/{Tool} is quarantined: {Verdict}")]
        public static partial void Quarantined(ILogger logger, string upstream, string tool, string verdict);
    }
}
