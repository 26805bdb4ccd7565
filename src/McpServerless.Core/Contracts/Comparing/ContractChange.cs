namespace McpServerless.Contracts.Comparing;

/// <summary>Which of a tool's schemas a change is in.</summary>
public enum SchemaSide
{
    /// <summary>In none: it is about the tool or the virtual server.</summary>
    None,
    Input,
    Output,
}

/// <summary>One difference between what was and what is.</summary>
/// <param name="Rule">Which kind of change.</param>
/// <param name="Impact">The rule's own, or less where the change can only be to the good.</param>
/// <param name="Subject"><c>upstream/tool</c>, or <c>server:name</c> for a virtual server.</param>
/// <param name="Pointer">JSON pointer into the definition: into the new one where something was added or made stricter, into the old one where something went.</param>
/// <param name="Detail">For people. Holds parts of schemas, and never of what a model would read.</param>
public sealed record ContractChange(ChangeRule Rule, ChangeImpact Impact, string Subject, SchemaSide Side, string Pointer, string Detail)
{
    /// <summary>Whether it has to be accepted by a person before it is applied.</summary>
    public bool NeedsApproval => Impact is ChangeImpact.Breaking or ChangeImpact.Undecidable;
}
