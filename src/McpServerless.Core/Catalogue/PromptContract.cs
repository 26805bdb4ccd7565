namespace McpServerless.Catalogue;

/// <summary>The pinned definition of one prompt.</summary>
/// <remarks><see cref="Contract.Definition"/> is the MCP <c>Prompt</c> object.</remarks>
public sealed record PromptContract : Contract;
