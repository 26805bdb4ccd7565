using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using McpServerless.Catalogue;
using McpServerless.Catalogue.Files;
using McpServerless.Contracts.Guarding;

namespace McpServerless.Contracts.Importing;

/// <summary>What an import did with one tool.</summary>
public enum ImportAction
{
    Added,
    Changed,
    Unchanged,

    /// <summary>Not written, because of a finding that blocks.</summary>
    Refused,
}

/// <param name="File">Relative to the folder, with forward slashes.</param>
public sealed record ImportedTool(ToolContract Tool, string File, ImportAction Action, IReadOnlyList<GuardFinding> Findings);

/// <summary>Writes definitions into files that a person reviews: one for each tool, in a stable order, and only the definition of a file that is there already.</summary>
/// <remarks>What governs a tool (its version, team, sensitivity, state) is the team's own and is never overwritten. A file of a tool that is gone stays, and is named.</remarks>
public sealed class ContractFiles(string folder)
{
    private static readonly string[] Schemas = ["inputSchema", "outputSchema"];

    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    /// <summary>Writes the files of one upstream's tools.</summary>
    /// <param name="team">Owner of tools that have no file yet.</param>
    /// <exception cref="IOException">A file could not be written.</exception>
    public async Task<IReadOnlyList<ImportedTool>> WriteAsync(Upstream upstream, IReadOnlyList<ToolContract> tools, string team, CancellationToken ct)
    {
        await WriteUpstreamAsync(upstream, ct);
        var imported = new List<ImportedTool>();
        foreach (var tool in tools.OrderBy(t => t.Name, StringComparer.Ordinal)) imported.Add(await WriteAsync(tool, team, ct));
        return imported;
    }

    /// <summary>Files of this upstream whose tool is not among these.</summary>
    public IReadOnlyList<string> Orphans(string upstream, IReadOnlyList<ToolContract> tools)
    {
        var directory = Path.Combine(folder, "tools", upstream);
        if (!Directory.Exists(directory)) return [];
        var known = tools.Select(t => t.Name + ".json").ToHashSet(StringComparer.Ordinal);
        return [.. Directory.EnumerateFiles(directory, "*.json").Select(f => Path.GetFileName(f)!).Where(f => !known.Contains(f)).Order(StringComparer.Ordinal).Select(f => $"tools/{upstream}/{f}")];
    }

    private async Task<ImportedTool> WriteAsync(ToolContract tool, string team, CancellationToken ct)
    {
        var findings = DefinitionGuards.Check(tool.Definition);
        // A name that MCP does not allow may also be none that a file can have.
        if (findings.Any(f => f.Rule == GuardRule.NameInvalid)) return new(tool, "", ImportAction.Refused, findings);
        var file = $"tools/{tool.Upstream}/{tool.Name}.json";
        if (RefusedSchemas(tool.Definition) is { Count: > 0 } refused) return new(tool, file, ImportAction.Refused, [.. refused, .. findings]);
        var path = Path.Combine(folder, file);
        using var existing = File.Exists(path) ? JsonDocument.Parse(await File.ReadAllBytesAsync(path, ct)) : null;
        var accepted = Accepted(existing);
        if (findings.Any(f => f.Rule.IsBlocking && !accepted.Contains(f.Rule.Id))) return new(tool, file, ImportAction.Refused, findings);
        if (existing is not null && existing.RootElement.TryGetProperty("definition", out var old) && JsonElement.DeepEquals(old, tool.Definition)) return new(tool, file, ImportAction.Unchanged, findings);

        await SaveAsync(path, writer => WriteTool(writer, tool, team, existing?.RootElement), ct);
        return new(tool, file, existing is null ? ImportAction.Added : ImportAction.Changed, findings);
    }

    private static List<GuardFinding> RefusedSchemas(JsonElement definition) =>
    [
        .. from name in Schemas
           let schema = JsonMembers.Member(definition, name)
           where schema.ValueKind != JsonValueKind.Undefined
           from finding in SchemaAdmission.Check(schema)
           select new GuardFinding(GuardRule.SchemaRefused, $"/{name}{finding.Pointer}", finding.Message),
    ];

    private static HashSet<string> Accepted(JsonDocument? file) =>
        file is not null && file.RootElement.TryGetProperty("accepted", out var list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(a => a.GetProperty("rule").GetString()!)] // the file's schema requires it
            : [];

    private static void WriteTool(Utf8JsonWriter writer, ToolContract tool, string team, JsonElement? existing)
    {
        writer.WriteStartObject();
        if (existing is { } file)
        {
            foreach (var member in file.EnumerateObject().Where(m => m.Name != "definition")) member.WriteTo(writer);
        }
        else
        {
            writer.WriteString("kind"u8, "ToolContract");
            writer.WriteString("upstream"u8, tool.Upstream);
            writer.WriteString("version"u8, "1.0.0");
            writer.WriteString("team"u8, team);
        }

        writer.WritePropertyName("definition"u8);
        WriteOrdered(writer, tool.Definition);
        writer.WriteEndObject();
    }

    /// <summary>The members that a person reads first come first; the rest, and what is within, as the upstream had it.</summary>
    private static void WriteOrdered(Utf8JsonWriter writer, JsonElement definition)
    {
        string[] first = ["name", "title", "description", "inputSchema", "outputSchema", "annotations"];
        writer.WriteStartObject();
        foreach (var name in first)
        {
            if (!definition.TryGetProperty(name, out var value)) continue;
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }

        foreach (var member in definition.EnumerateObject().Where(m => !first.Contains(m.Name)).OrderBy(m => m.Name, StringComparer.Ordinal)) member.WriteTo(writer);
        writer.WriteEndObject();
    }

    private async Task WriteUpstreamAsync(Upstream upstream, CancellationToken ct)
    {
        var path = Path.Combine(folder, "upstreams", upstream.Name + ".json");
        if (File.Exists(path) || File.Exists(Path.ChangeExtension(path, ".yaml"))) return;
        await SaveAsync(path, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("kind"u8, "Upstream");
            writer.WriteString("name"u8, upstream.Name);
            writer.WriteString("url"u8, upstream.Url.ToString());
            if (upstream.Credential is { } credential) CredentialMember.Write(writer, credential);
            if (upstream.AllowPrivateNetwork) writer.WriteBoolean("allowPrivateNetwork"u8, true);
            writer.WriteEndObject();
        }, ct);
    }

    private static async Task SaveAsync(string path, Action<Utf8JsonWriter> write, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!); // a file within the folder has a directory
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options)) write(writer);
        await File.WriteAllTextAsync(path, Encoding.UTF8.GetString(buffer.ToArray()) + "\n", ct);
    }
}
