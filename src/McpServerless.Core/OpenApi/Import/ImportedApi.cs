using System.Text.Json;
using McpServerless.Catalogue;

namespace McpServerless.OpenApi.Import;

/// <summary>What becomes of a document: contracts, and a reason for everything that does not become one.</summary>
/// <param name="Title">The API's own name for itself; null where nothing could be read.</param>
/// <param name="Version">The document's version, as contracts take it.</param>
/// <param name="Url">The first server that has a host, its variables filled; null where there is none.</param>
/// <param name="Operations">How many operations the document has.</param>
/// <param name="Tools">In the order of their names.</param>
public sealed record ImportedApi(
    string? Title,
    string Version,
    Uri? Url,
    int Operations,
    IReadOnlyList<ImportedTool> Tools,
    IReadOnlyList<ImportFinding> Findings)
{
    /// <summary>How the upstream wants its callers to prove themselves, the secret named without the upstream's name and a client without its id; null where the document does not say, or nothing that can be done.</summary>
    public UpstreamCredential? Credential { get; init; }
}

/// <summary>One operation as a tool.</summary>
/// <param name="Pointer">Where the operation stands in the document.</param>
/// <param name="Definition">The MCP <c>Tool</c> object.</param>
/// <param name="Http">The member <c>http</c> of the contract (<see cref="HttpBinding"/>).</param>
public sealed record ImportedTool(string Name, string Pointer, JsonElement Definition, JsonElement Http);

/// <summary>Which operations are imported.</summary>
public sealed record ImportSelection
{
    /// <summary>Names or globs of tools, as in virtual servers; empty for all.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Tags of operations; empty for all.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>What paths begin with; empty for all.</summary>
    public string PathPrefix { get; init; } = "";

    /// <summary>Whether only operations that read are taken: GET and QUERY.</summary>
    public bool ReadOnly { get; init; }

    internal bool TakesName(string name) => Names.Count == 0 || Names.Any(pattern => Access.NamePattern.Matches(pattern, name));
}
