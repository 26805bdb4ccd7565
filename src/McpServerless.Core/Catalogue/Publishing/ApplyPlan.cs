using McpServerless.Access;
using McpServerless.Catalogue.Files;
using McpServerless.Contracts.Comparing;

namespace McpServerless.Catalogue.Publishing;

public enum ChangeAction
{
    Unchanged,
    Added,
    Changed,
    Removed,

    /// <summary>Published, but not in the folder, and left as it is.</summary>
    Kept,
}

/// <summary>What changed the catalogue, as the ledger keeps it.</summary>
public sealed record CatalogueChange
{
    /// <summary>So many are named in one record.</summary>
    private const int MaxNamed = 300;

    /// <summary>The version that was active before; 0 for none.</summary>
    public required long Before { get; init; }

    /// <summary>The version that was made active again; null where a new one was published, or none.</summary>
    public long? SwitchedTo { get; init; }

    /// <summary>What was added, changed and removed, by kind and name; the first ones where there are many.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    /// <summary>How many there were.</summary>
    public int Count { get; init; }

    /// <summary>Why it is right that callers may break; null when they do not.</summary>
    public string? AcceptedBreaking { get; init; }

    public static CatalogueChange Of(ApplyPlan plan, string? acceptedBreaking)
    {
        var changes = plan.Changes.Where(c => c.Action is ChangeAction.Added or ChangeAction.Changed or ChangeAction.Removed).Select(c => $"{c.Action} {c.Kind} {c.Name}").ToList();
        return new CatalogueChange { Before = plan.ActiveVersion, Changes = [.. changes.Take(MaxNamed)], Count = changes.Count, AcceptedBreaking = plan.NeedsApproval ? acceptedBreaking : null };
    }
}

/// <summary>What an apply does to one thing.</summary>
/// <param name="Kind">As in the files: <c>Upstream</c>, <c>ToolContract</c>, <c>PromptContract</c>, <c>ResourceContract</c>, <c>VirtualServer</c>, <c>Client</c>, <c>Grant</c>.</param>
public sealed record PlannedChange(string Kind, string Name, ChangeAction Action);

/// <summary>What an apply will do, worked out against what is published now.</summary>
public sealed record ApplyPlan
{
    internal ApplyPlan()
    {
    }

    public required IReadOnlyList<PlannedChange> Changes { get; init; }

    /// <summary>What changes for callers, worst first; empty before the first apply.</summary>
    public IReadOnlyList<ContractChange> ContractChanges { get; init; } = [];

    /// <summary>True when a person has to accept that callers may break.</summary>
    public bool NeedsApproval => ContractChanges.Any(c => c.NeedsApproval);

    /// <summary>With an error among them the plan cannot be applied.</summary>
    public required IReadOnlyList<CatalogueFinding> Findings { get; init; }

    /// <summary>The catalogue version that was active when this was planned; 0 for none.</summary>
    public required long ActiveVersion { get; init; }

    public bool ChangesAnything => Changes.Any(c => c.Action is ChangeAction.Added or ChangeAction.Changed or ChangeAction.Removed);

    public bool HasErrors => Findings.Any(f => f.Severity == FindingSeverity.Error);

    /// <summary>Null when the catalogue stays as it is.</summary>
    public CatalogueVersion? NewVersion { get; internal init; }

    /// <summary>The clients that the folder names, as they are to be, by id.</summary>
    internal IReadOnlyDictionary<string, Client> Clients { get; init; } = new Dictionary<string, Client>();

    internal IReadOnlyList<PlannedWrite<Client>> ClientsToSave { get; init; } = [];

    internal IReadOnlyList<PlannedWrite<Grant>> GrantsToSave { get; init; } = [];

    internal IReadOnlyList<PlannedWrite<Grant>> GrantsToRemove { get; init; } = [];
}

/// <summary>A client or grant as it is to be.</summary>
/// <param name="Read">The ETag of what it replaces; null where there was nothing.</param>
/// <param name="Before">What it replaces; null for nothing.</param>
internal sealed record PlannedWrite<T>(T Value, string? Read, T? Before)
    where T : class;

/// <summary>What an apply did.</summary>
/// <param name="Number">The number of the active version; null when somebody else published since the plan was made: nothing was changed then.</param>
/// <param name="Conflicts">Clients and grants that somebody else changed since the plan was made, by kind and name. They are as that person left them; all else was applied.</param>
public sealed record ApplyResult(long? Number, IReadOnlyList<string> Conflicts);
