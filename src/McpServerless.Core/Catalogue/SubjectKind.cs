namespace McpServerless.Catalogue;

/// <summary>What kind of thing a request is about.</summary>
public enum SubjectKind
{
    Tool,

    Prompt,

    /// <summary>A resource by its URI, or a template by its text.</summary>
    Resource,
}
