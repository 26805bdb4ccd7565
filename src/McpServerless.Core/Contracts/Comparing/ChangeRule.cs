namespace McpServerless.Contracts.Comparing;

/// <summary>What a change does to those who rely on what was before, from harmless to harmful.</summary>
public enum ChangeImpact
{
    /// <summary>Words that only people and models read.</summary>
    TextOnly,

    /// <summary>Whatever worked goes on to work.</summary>
    Compatible,

    /// <summary>Whether something breaks cannot be decided. It counts as breaking unless a person approves it.</summary>
    Undecidable,

    /// <summary>Calls that were valid are refused, or results come that nobody had to expect.</summary>
    Breaking,
}

/// <summary>What a rule judges.</summary>
public enum ChangeScope
{
    /// <summary>A tool as a whole, and its words and hints.</summary>
    Tool,

    /// <summary>A prompt or a resource, whose definition is compared for its words alone.</summary>
    Feature,

    /// <summary>How the gateway serves a tool, a prompt or a resource.</summary>
    Contract,

    /// <summary>A virtual server, and what it exposes.</summary>
    Server,

    /// <summary>A place in an inputSchema or an outputSchema.</summary>
    Schema,
}

/// <summary>One kind of change. Ids are stable and never reused.</summary>
/// <remarks>
/// A schema that accepts less (narrowed) breaks callers when it is an input and nobody when it is an output; one that accepts more (widened) breaks readers
/// when it is an output and nobody when it is an input.
/// </remarks>
public sealed partial record ChangeRule
{
    private ChangeRule(string id, ChangeScope scope, ChangeImpact onInput, ChangeImpact onOutput, string meaning)
    {
        (Id, Scope, OnInput, OnOutput, Meaning) = (id, scope, onInput, onOutput, meaning);
        Registry.Rules.Add(this);
    }

    /// <summary>All rules: those of tools, contracts and servers, then those of schemas.</summary>
    /// <remarks>Made when first asked for, when every field has its rule.</remarks>
    public static IReadOnlyList<ChangeRule> All => field ??= [.. Registry.Rules.OrderBy(r => r.Scope)];

    /// <summary>Stable, in kebab case.</summary>
    public string Id { get; }

    public ChangeScope Scope { get; }

    /// <summary>What it means in an inputSchema. For rules that are not about schemas both members say the same.</summary>
    public ChangeImpact OnInput { get; }

    public ChangeImpact OnOutput { get; }

    public string Meaning { get; }

    public override string ToString() => Id;

    private static ChangeRule Of(ChangeScope scope, string id, ChangeImpact impact, string meaning) => new(id, scope, impact, impact, meaning);

    private static ChangeRule Narrowed(string keyword, string meaning) => new($"{keyword}-narrowed", ChangeScope.Schema, ChangeImpact.Breaking, ChangeImpact.Compatible, meaning);

    private static ChangeRule Widened(string keyword, string meaning) => new($"{keyword}-widened", ChangeScope.Schema, ChangeImpact.Compatible, ChangeImpact.Breaking, meaning);

    private static ChangeRule Undecided(string keyword, string meaning) => new($"{keyword}-undecided", ChangeScope.Schema, ChangeImpact.Undecidable, ChangeImpact.Undecidable, meaning);

    /// <summary>Filled by the constructor, so that no rule can be left out of the table.</summary>
    private static class Registry
    {
        public static readonly List<ChangeRule> Rules = [];
    }
}
