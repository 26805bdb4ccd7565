using System.Text.Encodings.Web;
using System.Text.Json;
using McpServerless.Catalogue;
using McpServerless.Catalogue.Files;

namespace McpServerless.OpenApi.Import;

/// <summary>What the document does not say of its contracts.</summary>
/// <param name="Upstream">Name of the upstream that serves the tools.</param>
/// <param name="Team">The team that owns them.</param>
/// <param name="Version">Null for the document's own.</param>
/// <param name="Url">Null for the document's first server.</param>
/// <param name="ClientId">Who the gateway is where the API's tokens are given out; null for an API that needs none.</param>
public sealed record ContractOwner(string Upstream, string Team, string? Version, Uri? Url, string? ClientId = null)
{
    /// <summary>The API's credential as the upstream's own; null where the document names none that can be used.</summary>
    public UpstreamCredential? Credential(ImportedApi api) => api.Credential switch
    {
        null => null,
        { Type: CredentialType.ClientCredentials } when ClientId is null => null,
        var credential => credential with { Secret = UpstreamCredential.SecretPrefix(Upstream) + credential.Secret, ClientId = credential.Type == CredentialType.ClientCredentials ? ClientId : null },
    };
}

/// <summary>Contracts as files that a person reviews: one for each tool, and one for the upstream.</summary>
/// <remarks>The same contracts give the same bytes, so that a repository shows what changed and nothing else.</remarks>
public static class ContractFiles
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Paths below the folder, with forward slashes, and contents; the upstream first, then tools by name.</summary>
    /// <param name="schemas">How a file refers to the folder of schemas, for editors; null leaves that out.</param>
    public static IEnumerable<(string Path, byte[] Content)> Write(ImportedApi api, ContractOwner owner, string? schemas)
    {
        if ((owner.Url ?? api.Url) is { } url) yield return ($"upstreams/{owner.Upstream}.json", Bytes(writer => WriteUpstream(writer, owner, api, url, Schema(schemas, up: 1, "upstream"))));
        foreach (var tool in api.Tools)
        {
            yield return ($"tools/{owner.Upstream}/{tool.Name}.json", Bytes(writer => WriteTool(writer, tool, owner, api.Version, Schema(schemas, up: 2, "tool-contract"))));
        }
    }

    private static void WriteUpstream(Utf8JsonWriter writer, ContractOwner owner, ImportedApi api, Uri url, string? schema)
    {
        writer.WriteStartObject();
        if (schema is not null) writer.WriteString("$schema"u8, schema);
        writer.WriteString("kind"u8, FileSchemas.Upstream);
        writer.WriteString("name"u8, owner.Upstream);
        writer.WriteString("protocol"u8, JsonNamingPolicy.CamelCase.ConvertName(nameof(UpstreamProtocol.Rest)));
        writer.WriteString("url"u8, url.OriginalString);
        if (owner.Credential(api) is { } credential) CredentialMember.Write(writer, credential);
        writer.WriteEndObject();
    }

    private static void WriteTool(Utf8JsonWriter writer, ImportedTool tool, ContractOwner owner, string version, string? schema)
    {
        writer.WriteStartObject();
        if (schema is not null) writer.WriteString("$schema"u8, schema);
        writer.WriteString("kind"u8, FileSchemas.ToolContract);
        writer.WriteString("upstream"u8, owner.Upstream);
        writer.WriteString("version"u8, owner.Version ?? version);
        writer.WriteString("team"u8, owner.Team);
        writer.WritePropertyName("http"u8);
        tool.Http.WriteTo(writer);
        writer.WritePropertyName("definition"u8);
        tool.Definition.WriteTo(writer);
        writer.WriteEndObject();
    }

    private static string? Schema(string? folder, int up, string name) =>
        folder is null ? null : $"{string.Concat(Enumerable.Repeat("../", up))}{folder}/{name}.schema.json";

    private static byte[] Bytes(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options)) write(writer);
        buffer.Write("\n"u8);
        return buffer.ToArray();
    }
}
