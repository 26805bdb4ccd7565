namespace McpServerless.Contracts.Sanitising;

/// <summary>What the audit record keeps of a value. A later one keeps less.</summary>
internal enum FieldRule
{
    Keep,

    /// <summary>A keyed hash: equal values can be told to be equal, but not guessed.</summary>
    Hash,

    /// <summary>That it was there, but not its value.</summary>
    Mask,

    /// <summary>Nothing.</summary>
    Drop,
}
