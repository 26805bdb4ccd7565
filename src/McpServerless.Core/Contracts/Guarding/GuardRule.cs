namespace McpServerless.Contracts.Guarding;

/// <summary>What can be suspicious about a definition that a model will read. Ids are stable and never reused.</summary>
/// <param name="IsBlocking">Whether the definition is not taken unless a person accepts the finding, by its rule and with a reason.</param>
public sealed record GuardRule(string Id, bool IsBlocking, string Meaning)
{
    public static readonly GuardRule NameInvalid = new("guard-name", true, "A tool's name is not 1 to 128 letters, digits, underscores, dots or hyphens.");
    public static readonly GuardRule SchemaRefused = new("guard-schema", true, "A schema is over the bounds, refers to somewhere else, or has a pattern that cannot be bounded: calls could not be held to it. No reason makes it right.");
    public static readonly GuardRule HiddenText = new("guard-hidden-text", true, "A text has characters that nobody sees and a model reads.");
    public static readonly GuardRule BidirectionalText = new("guard-bidirectional-text", true, "A text has characters that change the direction of reading, so that people and models read different texts.");
    public static readonly GuardRule ModelInstructions = new("guard-model-instructions", true, "A text speaks to the model instead of describing the tool.");
    public static readonly GuardRule Secret = new("guard-secret", true, "A text looks like a credential.");
    public static readonly GuardRule LookAlike = new("guard-look-alike", false, "A tool's name is hard to tell from another upstream's.");
    public static readonly GuardRule LongText = new("guard-long-text", false, "A description is longer than 4,096 characters: there is room for much that nobody reads.");

    public static IReadOnlyList<GuardRule> All { get; } = [NameInvalid, SchemaRefused, HiddenText, BidirectionalText, ModelInstructions, Secret, LookAlike, LongText];

    public override string ToString() => Id;
}

/// <summary>Something suspicious, and where. Never holds the text itself.</summary>
/// <param name="Pointer">JSON pointer into the definition.</param>
public sealed record GuardFinding(GuardRule Rule, string Pointer, string Detail);

/// <summary>A person's word that a finding is known and taken, kept with the contract.</summary>
/// <param name="Rule">Id of a <see cref="GuardRule"/>.</param>
public sealed record GuardAcceptance(string Rule, string Reason);
