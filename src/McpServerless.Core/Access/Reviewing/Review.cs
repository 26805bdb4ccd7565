using McpServerless.Access.Administration;
using McpServerless.Catalogue;

namespace McpServerless.Access.Reviewing;

public enum ReviewState
{
    /// <summary>Waits for an answer.</summary>
    Open,

    /// <summary>Answered, or past its time; what follows from that is still to be done.</summary>
    Decided,

    /// <summary>What followed from the answer is done.</summary>
    Done,

    /// <summary>The grant ended or was taken away before anybody answered.</summary>
    Lapsed,
}

public enum ReviewAnswer
{
    /// <summary>All of it is still needed.</summary>
    Keep,

    /// <summary>Only what was used is.</summary>
    Reduce,

    /// <summary>None of it is.</summary>
    Revoke,

    /// <summary>Nobody answered in time, which means that it is not needed.</summary>
    None,
}

/// <summary>Which review is meant: one grant in one campaign.</summary>
public sealed record ReviewPlace(string Campaign, string ClientId, string Server, string GrantId);

/// <summary>A dated question to a named reviewer about one grant: keep, reduce or revoke. No answer means revoke.</summary>
public sealed record Review
{
    public required string Campaign { get; init; }

    public required string ClientId { get; init; }

    public required string Server { get; init; }

    public required string GrantId { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>From this moment on the grant is taken away unless somebody answered.</summary>
    public required DateTimeOffset DueBy { get; init; }

    /// <summary>Who is asked.</summary>
    public required string Reviewer { get; init; }

    /// <summary>Who is asked too when time runs out.</summary>
    public required string Backup { get; init; }

    /// <summary>Who asked for the grant, and therefore does not say that it is needed.</summary>
    public string? Requester { get; init; }

    public required Sensitivity Sensitivity { get; init; }

    public ReviewState State { get; init; }

    /// <summary>Null while it is open, and where it lapsed.</summary>
    public ReviewAnswer? Answer { get; init; }

    public string? AnsweredBy { get; init; }

    public DateTimeOffset? AnsweredAt { get; init; }

    public string? Reason { get; init; }

    /// <summary>What an answer to reduce leaves.</summary>
    public ReducedGrant? Reduction { get; init; }

    /// <summary>What the ledger said when it was answered; null where nobody did.</summary>
    public GrantUse? Use { get; init; }

    /// <summary>What the grant allowed when it was answered.</summary>
    public Grant? Grant { get; init; }

    public ReviewPlace Place() => new(Campaign, ClientId, Server, GrantId);

    /// <summary>Whether somebody is asked by name.</summary>
    public bool IsFor(Actor actor) => actor.Is(Reviewer) || actor.Is(Backup);
}

/// <summary>What is left of a grant.</summary>
public sealed record ReducedGrant(IReadOnlyList<string> Tools, IReadOnlyList<string> Prompts, IReadOnlyList<string> Resources)
{
    public bool IsEmpty => Tools.Count + Prompts.Count + Resources.Count == 0;
}

public enum CampaignKind
{
    /// <summary>All grants, once a quarter.</summary>
    Quarter,

    /// <summary>Grants whose own date for a review has come, month by month.</summary>
    Due,
}

/// <summary>Reviews that belong together.</summary>
public sealed record ReviewCampaign
{
    /// <summary><c>2026-Q4</c>, or <c>due-2026-11</c>.</summary>
    public required string CampaignId { get; init; }

    public required CampaignKind Kind { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>The client whose grants were asked about last; null before the first. Only while it is filled.</summary>
    public string? FilledTo { get; init; }

    /// <summary>Whether all are asked about that are to be.</summary>
    public bool IsFilled { get; init; }

    /// <summary>When its last review was done with; null before.</summary>
    public DateTimeOffset? ClosedAt { get; init; }
}
