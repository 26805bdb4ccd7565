using McpServerless.Budgets;
using McpServerless.Catalogue;

namespace McpServerless.Access;

/// <summary>What one client may do on one virtual server.</summary>
public sealed record Grant
{
    public required string GrantId { get; init; }

    public required string ClientId { get; init; }

    /// <summary>Name of the virtual server.</summary>
    public required string Server { get; init; }

    /// <summary>Names or globs (<c>*</c> any run of characters, <c>?</c> one) of tools as the virtual server names them. Nothing by default.</summary>
    public required IReadOnlyList<string> Tools { get; init; }

    /// <summary>Names or globs of prompts as the virtual server names them. Nothing by default.</summary>
    public IReadOnlyList<string> Prompts { get; init; } = [];

    /// <summary>URIs, URI templates or globs of them. Nothing by default. A template is listed where a pattern meets its text; a read is decided by its URI.</summary>
    public IReadOnlyList<string> Resources { get; init; } = [];

    /// <summary>A role that the user of a delegated token must have; applications are judged by their own roles.</summary>
    public string? RequiredUserRole { get; init; }

    /// <summary>From this moment on what it allowed is refused with <c>grant_expired</c>.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public required string Justification { get; init; }

    public required string Approver { get; init; }

    /// <summary>When somebody has to say again that this is needed.</summary>
    public DateTimeOffset? NextReview { get; init; }

    /// <summary>Limits on the calls that this grant allows; none by default.</summary>
    public IReadOnlyList<BudgetLimit> Budgets { get; init; } = [];

    public bool Covers(SubjectKind kind, string name)
    {
        foreach (var pattern in PatternsOf(kind))
        {
            if (NamePattern.Matches(pattern, name)) return true;
        }

        return false;
    }

    private IReadOnlyList<string> PatternsOf(SubjectKind kind) => kind switch
    {
        SubjectKind.Tool => Tools,
        SubjectKind.Prompt => Prompts,
        SubjectKind.Resource => Resources,
        _ => [],
    };
}
