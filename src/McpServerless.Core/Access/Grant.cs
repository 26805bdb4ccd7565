using System.Text.Json;
using McpServerless.Budgets;

namespace McpServerless.Access;

/// <summary>Whether a grant lets something happen or keeps it from happening.</summary>
public enum GrantEffect
{
    Allow,

    /// <summary>Wins over everything that allows.</summary>
    Deny,
}

/// <summary>What one client may do on one virtual server, or may not.</summary>
public sealed record Grant
{
    /// <summary>The longest grant, in days.</summary>
    public const int MaxDays = 365;

    public required string GrantId { get; init; }

    public required string ClientId { get; init; }

    /// <summary>Name of the virtual server.</summary>
    public required string Server { get; init; }

    public GrantEffect Effect { get; init; }

    /// <summary>Names or globs (<c>*</c> any run of characters, <c>?</c> one) of tools as the virtual server names them. Nothing by default.</summary>
    public required IReadOnlyList<string> Tools { get; init; }

    /// <summary>Names or globs of prompts as the virtual server names them. Nothing by default.</summary>
    public IReadOnlyList<string> Prompts { get; init; } = [];

    /// <summary>URIs, URI templates or globs of them. Nothing by default. A template is listed where a pattern meets its text; a read is decided by its URI.</summary>
    public IReadOnlyList<string> Resources { get; init; } = [];

    /// <summary>What the arguments of some tools have to be like for the grant to count. None by default.</summary>
    public IReadOnlyList<ArgumentConstraint> Constraints { get; init; } = [];

    /// <summary>From where, when and how a call has to come for the grant to count; null for no matter.</summary>
    public GrantContext? Context { get; init; }

    /// <summary>An app role that an application's own token must have.</summary>
    public string? RequiredRole { get; init; }

    /// <summary>A scope that a delegated token must have.</summary>
    public string? RequiredScope { get; init; }

    /// <summary>A role that the user of a delegated token must have; applications are judged by their own roles.</summary>
    public string? RequiredUserRole { get; init; }

    /// <summary>Names or globs of models, of which the client's registered one has to be one. No matter by default.</summary>
    public IReadOnlyList<string> ModelIds { get; init; } = [];

    /// <summary>From this moment on what it allowed is refused with <c>grant_expired</c>. What denies goes on to deny: for it, it is when somebody has to look at it again.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public required string Justification { get; init; }

    /// <summary>Where the decision was asked for, such as a work item.</summary>
    public string? Ticket { get; init; }

    /// <summary>Who asked for it; another person than the approver where a tool is sensitive.</summary>
    public string? Requester { get; init; }

    public required string Approver { get; init; }

    /// <summary>Why it is right that a pattern matches everything of its server, also what is added later; null where none does.</summary>
    public string? BroadReason { get; init; }

    /// <summary>When somebody has to say again that this is needed.</summary>
    public DateTimeOffset? NextReview { get; init; }

    /// <summary>Whether its end stands in the ledger. Set by the timer that puts it there.</summary>
    public bool EndRecorded { get; init; }

    /// <summary>Limits on the calls that this grant allows; none by default.</summary>
    public IReadOnlyList<BudgetLimit> Budgets { get; init; } = [];
}

/// <summary>What arguments have to be like.</summary>
/// <param name="Tools">Names or globs of the tools whose arguments are meant; those among the grant's.</param>
/// <param name="Arguments">A JSON Schema that the arguments have to keep, admitted and evaluated like those of contracts.</param>
public sealed record ArgumentConstraint(IReadOnlyList<string> Tools, JsonElement Arguments)
{
    public bool Covers(string tool)
    {
        foreach (var pattern in Tools)
        {
            if (NamePattern.Matches(pattern, tool)) return true;
        }

        return false;
    }
}
