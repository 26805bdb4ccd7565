namespace McpServerless.Contracts.Comparing;

public sealed partial record ChangeRule
{
    // A tool as a whole.
    public static readonly ChangeRule ToolAdded = Of(ChangeScope.Tool, "tool-added", ChangeImpact.Compatible, "There is a new tool.");
    public static readonly ChangeRule ToolRemoved = Of(ChangeScope.Tool, "tool-removed", ChangeImpact.Breaking, "A tool is gone.");
    public static readonly ChangeRule ToolRenamed = Of(ChangeScope.Tool, "tool-renamed", ChangeImpact.Breaking, "A tool is gone, and a new one has the same schemas: it was probably renamed.");
    public static readonly ChangeRule InputSchemaRefused = Of(ChangeScope.Tool, "schema-refused", ChangeImpact.Undecidable, "A schema is over the bounds within which schemas are compared, or is not valid.");
    public static readonly ChangeRule OutputSchemaAdded = Of(ChangeScope.Tool, "output-schema-added", ChangeImpact.Compatible, "The tool now promises a structured result.");
    public static readonly ChangeRule OutputSchemaRemoved = Of(ChangeScope.Tool, "output-schema-removed", ChangeImpact.Breaking, "The tool no longer promises a structured result.");
    public static readonly ChangeRule DescriptionChanged = Of(ChangeScope.Tool, "description-changed", ChangeImpact.TextOnly, "The description, which a model reads, is another.");
    public static readonly ChangeRule TitleChanged = Of(ChangeScope.Tool, "title-changed", ChangeImpact.TextOnly, "The title or an icon is another.");
    public static readonly ChangeRule MetaChanged = Of(ChangeScope.Tool, "meta-changed", ChangeImpact.Compatible, "_meta is another.");
    public static readonly ChangeRule MemberChanged = Of(ChangeScope.Tool, "member-changed", ChangeImpact.Undecidable, "A member of the tool that the gateway does not know is another.");

    // Hints. What a person approved the tool by must not turn into the opposite unseen.
    public static readonly ChangeRule ReadOnlyLost = Of(ChangeScope.Tool, "read-only-lost", ChangeImpact.Breaking, "readOnlyHint was true: the tool may change something now.");
    public static readonly ChangeRule ReadOnlyGained = Of(ChangeScope.Tool, "read-only-gained", ChangeImpact.Compatible, "readOnlyHint is true now.");
    public static readonly ChangeRule DestructiveGained = Of(ChangeScope.Tool, "destructive-gained", ChangeImpact.Breaking, "destructiveHint was false: the tool may destroy something now.");
    public static readonly ChangeRule DestructiveLost = Of(ChangeScope.Tool, "destructive-lost", ChangeImpact.Compatible, "destructiveHint is false now.");
    public static readonly ChangeRule IdempotentLost = Of(ChangeScope.Tool, "idempotent-lost", ChangeImpact.Breaking, "idempotentHint was true: a repeated call may have a second effect now.");
    public static readonly ChangeRule IdempotentGained = Of(ChangeScope.Tool, "idempotent-gained", ChangeImpact.Compatible, "idempotentHint is true now.");
    public static readonly ChangeRule OpenWorldGained = Of(ChangeScope.Tool, "open-world-gained", ChangeImpact.Breaking, "openWorldHint was false: the tool may meet the world outside now.");
    public static readonly ChangeRule OpenWorldLost = Of(ChangeScope.Tool, "open-world-lost", ChangeImpact.Compatible, "openWorldHint is false now.");
    public static readonly ChangeRule AnnotationChanged = Of(ChangeScope.Tool, "annotation-changed", ChangeImpact.TextOnly, "Another annotation is another.");
    public static readonly ChangeRule TaskSupportNarrowed = Of(ChangeScope.Tool, "task-support-narrowed", ChangeImpact.Breaking, "A way to call the tool, as a task or plainly, is gone.");
    public static readonly ChangeRule TaskSupportWidened = Of(ChangeScope.Tool, "task-support-widened", ChangeImpact.Compatible, "There is another way to call the tool, as a task or plainly.");

    // Prompts and resources.
    public static readonly ChangeRule FeatureAdded = Of(ChangeScope.Feature, "feature-added", ChangeImpact.Compatible, "There is a new prompt or resource.");
    public static readonly ChangeRule FeatureRemoved = Of(ChangeScope.Feature, "feature-removed", ChangeImpact.Breaking, "A prompt or a resource is gone.");
    public static readonly ChangeRule FeatureTextChanged = Of(ChangeScope.Feature, "feature-text-changed", ChangeImpact.TextOnly, "The title, the description or an icon of a prompt, of one of its arguments or of a resource is another.");
    public static readonly ChangeRule FeatureUndecided = Of(ChangeScope.Feature, "feature-undecided", ChangeImpact.Undecidable, "Something else of a prompt or a resource is another, for example its arguments or its media type.");

    // How the gateway serves it.
    public static readonly ChangeRule HttpChanged = Of(ChangeScope.Contract, "http-changed", ChangeImpact.Undecidable, "Calls of a tool of an HTTP API become another request.");
    public static readonly ChangeRule ToolRetired = Of(ChangeScope.Contract, "tool-retired", ChangeImpact.Breaking, "Calls are refused with tool_retired.");
    public static readonly ChangeRule ToolQuarantined = Of(ChangeScope.Contract, "tool-quarantined", ChangeImpact.Breaking, "Calls are refused with contract_quarantined.");
    public static readonly ChangeRule ToolDeprecated = Of(ChangeScope.Contract, "tool-deprecated", ChangeImpact.Compatible, "The tool is deprecated, and served until its sunset.");
    public static readonly ChangeRule ToolServed = Of(ChangeScope.Contract, "tool-served", ChangeImpact.Compatible, "The tool is served again, or no longer deprecated.");
    public static readonly ChangeRule SunsetEarlier = Of(ChangeScope.Contract, "sunset-earlier", ChangeImpact.Breaking, "A deprecated tool ends earlier than was said.");
    public static readonly ChangeRule SunsetLater = Of(ChangeScope.Contract, "sunset-later", ChangeImpact.Compatible, "A deprecated tool ends later than was said, or never.");
    public static readonly ChangeRule ScopeNeeded = Of(ChangeScope.Contract, "scope-needed", ChangeImpact.Breaking, "Callers need a scope that they did not need.");
    public static readonly ChangeRule RoleNeeded = Of(ChangeScope.Contract, "role-needed", ChangeImpact.Breaking, "Callers need a role that they did not need.");
    public static readonly ChangeRule ScopeDropped = Of(ChangeScope.Contract, "scope-dropped", ChangeImpact.Compatible, "Callers no longer need a scope.");
    public static readonly ChangeRule RoleDropped = Of(ChangeScope.Contract, "role-dropped", ChangeImpact.Compatible, "Callers no longer need a role.");
    public static readonly ChangeRule OutputCheckLoosened = Of(ChangeScope.Contract, "output-check-loosened", ChangeImpact.Breaking, "Results that break the outputSchema were withheld, or at least reported, and no longer are: readers meet what they did not have to expect.");
    public static readonly ChangeRule OutputCheckTightened = Of(ChangeScope.Contract, "output-check-tightened", ChangeImpact.Compatible, "Results that break the outputSchema are withheld now, or reported.");
    public static readonly ChangeRule AdditionalArgumentsRefused = Of(ChangeScope.Contract, "additional-arguments-refused", ChangeImpact.Breaking, "Arguments that the inputSchema does not name were taken, and are refused, dropped or left to the schema now.");
    public static readonly ChangeRule AdditionalArgumentsTaken = Of(ChangeScope.Contract, "additional-arguments-taken", ChangeImpact.Compatible, "Arguments that the inputSchema does not name are taken now, at least in part.");
    public static readonly ChangeRule GovernanceChanged = Of(ChangeScope.Contract, "governance-changed", ChangeImpact.Compatible, "Version, team, sensitivity or audit mode is another.");

    // Virtual servers.
    public static readonly ChangeRule ServerAdded = Of(ChangeScope.Server, "server-added", ChangeImpact.Compatible, "There is a new virtual server.");
    public static readonly ChangeRule ServerRemoved = Of(ChangeScope.Server, "server-removed", ChangeImpact.Breaking, "A virtual server is gone.");
    public static readonly ChangeRule ToolExposed = Of(ChangeScope.Server, "tool-exposed", ChangeImpact.Compatible, "A virtual server exposes another tool.");
    public static readonly ChangeRule ToolHidden = Of(ChangeScope.Server, "tool-hidden", ChangeImpact.Breaking, "A virtual server no longer exposes a tool under this name.");
    public static readonly ChangeRule ToolReplaced = Of(ChangeScope.Server, "tool-replaced", ChangeImpact.Breaking, "A virtual server exposes a tool of another upstream under this name.");
    public static readonly ChangeRule FeatureExposed = Of(ChangeScope.Server, "feature-exposed", ChangeImpact.Compatible, "A virtual server exposes another prompt or resource.");
    public static readonly ChangeRule FeatureHidden = Of(ChangeScope.Server, "feature-hidden", ChangeImpact.Breaking, "A virtual server no longer exposes a prompt under this name, or a resource under this URI.");
    public static readonly ChangeRule FeatureReplaced = Of(ChangeScope.Server, "feature-replaced", ChangeImpact.Breaking, "A virtual server exposes another upstream's prompt under this name, or its resource under this URI.");
    public static readonly ChangeRule ServerTextChanged = Of(ChangeScope.Server, "server-text-changed", ChangeImpact.TextOnly, "A virtual server's title or instructions are others.");
    public static readonly ChangeRule UpstreamMoved = Of(ChangeScope.Server, "upstream-moved", ChangeImpact.Compatible, "An upstream has another address or other limits.");
}
