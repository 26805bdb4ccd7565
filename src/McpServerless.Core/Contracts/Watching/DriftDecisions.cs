using System.Text.Json;
using Json.Schema;
using McpServerless.Access;
using McpServerless.Audit;
using McpServerless.Catalogue;
using McpServerless.Contracts.Guarding;

namespace McpServerless.Contracts.Watching;

/// <summary>How a person's decision ended.</summary>
/// <param name="Fault">Why nothing was changed; null when it was carried out.</param>
/// <param name="Contract">The contract that holds from now on; null when nothing was changed.</param>
/// <param name="CatalogueVersion">The active version afterwards; null when it stayed the same.</param>
public sealed record DriftDecision(string? Fault, ToolContract? Contract, long? CatalogueVersion)
{
    internal static DriftDecision Failed(string fault) => new(fault, null, null);
}

/// <summary>Carries out what a person decided about a drift. The ledger has the decision before it takes effect.</summary>
/// <param name="record">Makes a record durable; false when it could not be.</param>
public sealed class DriftDecisions(
    ICatalogueStore catalogues, IContractWatchStore store, IAccessStore access, Func<AuditRecord, CancellationToken, ValueTask<bool>> record, TimeProvider time)
{
    /// <summary>Pins what the watch saw, word for word, and serves the tool again.</summary>
    /// <remarks>What a person accepts is what was kept with the finding, not what the upstream may show by now: the next run compares that anew.</remarks>
    /// <exception cref="StoreUnavailableException">The store cannot be used. Deciding again finishes what was begun.</exception>
    public async Task<DriftDecision> AcceptAsync(string upstream, string tool, string reason, string by, CancellationToken ct)
    {
        if (await FindAsync(upstream, tool, ct) is not (var active, { } drift, { } contract)) return DriftDecision.Failed($"no drift of {upstream}/{tool} is known");
        if (drift.PinnedHash != contract.Hash) return DriftDecision.Failed("the contract was replaced since; the watch compares the new one within minutes");
        if (drift.LiveHash is null) return DriftDecision.Failed("the upstream has no such tool any more: set its file to state: retired, or take it out, and apply");
        var accepted = contract;
        if (drift.Verdict != DriftVerdict.Returned)
        {
            if (drift.Live is not { } live) return DriftDecision.Failed("the live definition is too long to be kept: import it, look at it, and apply");
            accepted = Adopt(contract, live, drift.LiveHash, reason);
            if (FindFault(accepted) is { } fault) return DriftDecision.Failed(fault);
        }

        if (!await record(DriftRecords.OfDecision(DriftRecords.Accepted, drift, contract, reason, by, accepted.Hash, time.GetUtcNow()), ct)) return NotRecorded();
        long? number = null;
        if (!ReferenceEquals(accepted, contract))
        {
            var version = active with { Tools = [.. active.Tools.Select(t => ReferenceEquals(t, contract) ? accepted : t)], AcceptedBreaking = reason };
            number = await catalogues.PublishAsync(version, active.Number, ct);
            if (number is null) return DriftDecision.Failed("somebody else published meanwhile; nothing was changed. Look at what they published, and decide again");
        }

        await store.ReleaseAsync(upstream, tool, ct);
        await access.BumpEpochAsync(ct);
        await store.DeleteDriftAsync(upstream, tool, ct);
        return new DriftDecision(null, accepted, number);
    }

    /// <summary>Keeps what is pinned. The tool stays out of service until its upstream shows that again.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be used. Deciding again finishes what was begun.</exception>
    public async Task<DriftDecision> RejectAsync(string upstream, string tool, string reason, string by, CancellationToken ct)
    {
        if (await FindAsync(upstream, tool, ct) is not (_, { } drift, { } contract)) return DriftDecision.Failed($"no drift of {upstream}/{tool} is known");
        if (!await record(DriftRecords.OfDecision(DriftRecords.Rejected, drift, contract, reason, by, contract.Hash, time.GetUtcNow()), ct)) return NotRecorded();
        await store.HoldAsync(new HeldTool(upstream, tool, drift.PinnedHash, drift.LiveHash), ct);
        await access.BumpEpochAsync(ct);
        return await store.SaveDriftAsync(drift with { State = DriftState.Rejected, Announced = true }, ct) is null
            ? DriftDecision.Failed("the upstream changed again at this moment; look at it, and decide again")
            : new DriftDecision(null, contract, null);
    }

    private async Task<(CatalogueVersion Active, ContractDrift? Drift, ToolContract? Contract)?> FindAsync(string upstream, string tool, CancellationToken ct) =>
        await catalogues.ReadActiveAsync(ct) is { } active
            ? (active, await store.FindDriftAsync(upstream, tool, ct), active.Tools.FirstOrDefault(t => t.Upstream == upstream && t.Name == tool))
            : null;

    private static ToolContract Adopt(ToolContract contract, JsonElement live, string liveHash, string reason)
    {
        var definition = LiveDefinition.WithRulesOf(contract.Definition, live);
        var taken = (contract.Accepted ?? []).ToList();
        foreach (var rule in DefinitionGuards.Check(live).Select(f => f.Rule).Where(r => r.IsBlocking).DistinctBy(r => r.Id))
        {
            if (!taken.Exists(a => a.Rule == rule.Id)) taken.Add(new GuardAcceptance(rule.Id, reason));
        }

        return contract with
        {
            Definition = definition,
            Hash = CanonicalJson.Hash(definition),
            // Build metadata of the same version (Semantic Versioning 2.0.0, item 10): what it means to callers, a person says in the file.
            Version = $"{contract.Version.Split('+')[0]}+live.{liveHash[..8]}",
            State = contract.State == ToolState.Quarantined ? ToolState.Active : contract.State,
            Accepted = taken.Count > 0 ? taken : null,
        };
    }

    /// <summary>What no reason can make right: the gateway could not hold calls to such a definition.</summary>
    private static string? FindFault(ToolContract contract)
    {
        foreach (var name in new[] { "inputSchema", "outputSchema" })
        {
            if (!contract.Definition.TryGetProperty(name, out var schema))
            {
                if (name == "inputSchema") return "the live definition has no inputSchema, so it cannot be pinned";
                continue;
            }

            if (SchemaAdmission.Check(schema) is [var refused, ..]) return $"the live {name} is not admitted, so it cannot be pinned: {refused}";
            try
            {
                // A value has to be checked before every fault of a schema shows.
                _ = ValueSchema.Build(schema).Check(contract.Definition);
            }
            catch (Exception e) when (e is JsonSchemaException or RefResolutionException or JsonException or ArgumentException)
            {
                return $"the live {name} is not a valid JSON Schema, so it cannot be pinned: {e.Message}";
            }
        }

        var input = contract.Definition.GetProperty("inputSchema");
        if (JsonMembers.Text(input, "type") != "object") return "the root of the live inputSchema is not type: object, so it cannot be pinned";
        return MirroredParameters.Read(input).Findings is [var header, ..] ? $"the live inputSchema cannot be pinned: {header.Pointer} {header.Message}" : null;
    }

    private static DriftDecision NotRecorded() => DriftDecision.Failed("the ledger cannot be written, so nothing was changed");
}
