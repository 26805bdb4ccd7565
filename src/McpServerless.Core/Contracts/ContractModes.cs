namespace McpServerless.Contracts;

/// <summary>What happens to a result that breaks the tool's outputSchema.</summary>
public enum OutputMode
{
    /// <summary>It is withheld with <c>result_invalid</c>.</summary>
    Enforce,

    /// <summary>It passes, and the ledger says that it broke the contract.</summary>
    Report,

    /// <summary>It is not judged.</summary>
    Off,
}

/// <summary>What happens to arguments that no property and no pattern of the inputSchema names.</summary>
public enum AdditionalArguments
{
    /// <summary>What the schema says.</summary>
    AsSchema,

    /// <summary>The call is refused with <c>arguments_invalid</c>, whatever the schema says.</summary>
    Reject,

    /// <summary>They are taken out before the rest is judged and sent on.</summary>
    Drop,

    /// <summary>They are sent on without being judged, whatever the schema says.</summary>
    Keep,
}
