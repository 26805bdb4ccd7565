using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace McpServerless.Http.Manage;

internal sealed record CampaignBody
{
    [Description("The campaign's name; not one of those that open by themselves each month."), StringLength(32), RegularExpression("^(?!due-)[A-Za-z0-9-]{1,32}$")]
    public required string Campaign { get; init; }

    [Description("Why; kept in the ledger."), StringLength(500, MinimumLength = 1), RegularExpression("\\S")]
    public required string Reason { get; init; }
}

/// <summary>What a person can answer; that nobody answered is no answer.</summary>
internal enum ReviewAnswerName
{
    Keep,
    Reduce,
    Revoke,
}

internal sealed record ReviewAnswerBody
{
    [Description("keep: all of it is needed. reduce: only what was used, or what leave names. revoke: none of it.")]
    public required ReviewAnswerName Answer { get; init; }

    [Description("With reduce, what is left; what was used where left out.")]
    public LeftBody? Leave { get; init; }

    [Description("Why; kept in the ledger and in the campaign's report."), StringLength(500, MinimumLength = 1), RegularExpression("\\S")]
    public required string Reason { get; init; }
}

/// <remarks>What has a default is set and not initialised: generated code would overwrite the default of an <c>init</c> property that is missing.</remarks>
internal sealed record LeftBody
{
    [Description("Tools, by name."), MaxLength(1000), Each(MaxLength = 192, Pattern = Patterns.Tools)]
    public IReadOnlyList<string> Tools { get; set; } = [];

    [Description("Prompts, by name."), MaxLength(1000), Each]
    public IReadOnlyList<string> Prompts { get; set; } = [];

    [Description("Patterns of resources, as the grant has them."), MaxLength(1000), Each(MaxLength = 2048)]
    public IReadOnlyList<string> Resources { get; set; } = [];
}

internal sealed record ReviewAnswersBody
{
    [Description("The same for all of them. reduce leaves of each what was used.")]
    public required ReviewAnswerName Answer { get; init; }

    [Description("The grants that it is for."), Length(1, 50)]
    public required IReadOnlyList<ReviewedBody> Reviews { get; init; }

    [Description("Why; kept in the ledger and in the campaign's report."), StringLength(500, MinimumLength = 1), RegularExpression("\\S")]
    public required string Reason { get; init; }
}

internal sealed record ReviewedBody
{
    [Description("The application (client) id."), RegularExpression(Patterns.Guid)]
    public required string ClientId { get; init; }

    [Description("The virtual server."), RegularExpression(Patterns.Name)]
    public required string Server { get; init; }

    [Description("The grant's name."), RegularExpression(Patterns.Name)]
    public required string GrantId { get; init; }
}

internal sealed record ReviewOutcomesBody
{
    [Description("One for each review that was named, in that order.")]
    public required IReadOnlyList<ReviewOutcomeBody> Outcomes { get; init; }
}

internal sealed record ReviewOutcomeBody
{
    public required string ClientId { get; init; }

    public required string Server { get; init; }

    public required string GrantId { get; init; }

    [Description("done, or decided where the timer finishes it; left out where it was not answered.")]
    public string? State { get; init; }

    [Description("Why it was not answered: the code of a problem.")]
    public string? Code { get; init; }

    [Description("Why it was not answered, for people.")]
    public string? Detail { get; init; }
}
