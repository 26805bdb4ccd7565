using System.Text.Json.Serialization;

namespace McpServerless.Catalogue;

/// <summary>The pinned definition of one resource, or of a template that stands for many.</summary>
/// <remarks><see cref="Contract.Definition"/> is the MCP <c>Resource</c> or <c>ResourceTemplate</c> object.</remarks>
public sealed record ResourceContract : Contract
{
    /// <summary>Whether it is a template (<c>uriTemplate</c>, RFC 6570) and not a resource of its own (<c>uri</c>).</summary>
    [JsonIgnore]
    public bool IsTemplate => Definition.TryGetProperty("uriTemplate"u8, out _);
}
