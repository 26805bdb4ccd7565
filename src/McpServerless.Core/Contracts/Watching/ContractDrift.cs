using System.Text.Json;

namespace McpServerless.Contracts.Watching;

/// <summary>How far a live definition is from the pinned one, from harmless to harmful.</summary>
public enum DriftVerdict
{
    /// <summary>The upstream shows again what is pinned; somebody still has to decide.</summary>
    Returned,

    /// <summary>Other words for people and models, and nothing else.</summary>
    TextOnly,

    /// <summary>Whatever worked goes on to work.</summary>
    Compatible,

    /// <summary>Calls or results may break, or it cannot be told; or the upstream has no such tool any more.</summary>
    Breaking,

    /// <summary>A guard blocks the definition, or its schemas are not admitted.</summary>
    Suspicious,
}

/// <summary>What follows from a drift.</summary>
public enum DriftState
{
    /// <summary>It is known, and the tool goes on.</summary>
    Reported,

    /// <summary>Calls are refused with <c>contract_quarantined</c> until a person decides.</summary>
    Quarantined,

    /// <summary>A person rejected it: refused likewise, until the upstream shows what is pinned.</summary>
    Rejected,
}

/// <summary>A tool whose upstream describes it differently from what is pinned.</summary>
public sealed record ContractDrift
{
    public required string Upstream { get; init; }

    public required string Tool { get; init; }

    /// <summary>Hash of the contract that it was compared with.</summary>
    public required string PinnedHash { get; init; }

    /// <summary>SHA-256 over the canonical JSON of the live definition; null when the upstream has no such tool any more.</summary>
    public string? LiveHash { get; init; }

    /// <summary>The live definition, for a person to look at. No model ever reads it from here. Null when there is none or it is too long to be kept.</summary>
    public JsonElement? Live { get; init; }

    public required DriftVerdict Verdict { get; init; }

    public required DriftState State { get; init; }

    /// <summary>Ids of the rules that were met, of changes as of guards.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>A line for each finding: rule, pointer, and what changed; never the text that a model would read.</summary>
    public IReadOnlyList<string> Findings { get; init; } = [];

    /// <summary>When it was first met.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Whether the ledger has it and every instance was told. Otherwise the next run of the watch does both again.</summary>
    public bool Announced { get; init; }

    /// <summary>The version of the row that this was read from; null for a new one. Opaque.</summary>
    public string? RowVersion { get; init; }

    public bool IsHeld => State is DriftState.Quarantined or DriftState.Rejected;
}

/// <summary>A tool that is not served for now, as every instance remembers it.</summary>
/// <param name="LiveHash">A contract that is replaced by one with this definition is served again; null when there is none.</param>
public sealed record HeldTool(string Upstream, string Tool, string PinnedHash, string? LiveHash);

/// <summary>When an upstream was last compared.</summary>
/// <param name="Failure">Why it could not be; null when it could.</param>
public sealed record WatchedUpstream(string Name, DateTimeOffset LookedAt, string? Failure);
