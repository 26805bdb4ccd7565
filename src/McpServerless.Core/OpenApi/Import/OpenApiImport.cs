using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.OpenApi;

namespace McpServerless.OpenApi.Import;

/// <summary>Reads an OpenAPI 3.0, 3.1 or 3.2 document, JSON or YAML, into tool contracts.</summary>
/// <remarks>Never throws for what a document holds, and reaches nothing but the document. The same document gives the same contracts, in the same order.</remarks>
public static partial class OpenApiImport
{
    /// <param name="location">Where the document came from, for servers that it names relative to that; null for a file.</param>
    public static ImportedApi Read(ReadOnlyMemory<byte> document, ImportSelection selection, Uri? location = null)
    {
        var findings = new List<ImportFinding>();
        if (OpenApiSource.Read(document, findings) is not { } source) return new ImportedApi(null, "0", null, 0, [], findings);

        var tools = new List<ImportedTool>();
        var names = new ToolNames();
        var operations = 0;
        var credentials = new Credentials(source.Model);
        foreach (var (path, item) in (source.Model.Paths ?? []).OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            foreach (var (method, operation) in (item?.Operations ?? []).OrderBy(o => o.Key.Method, StringComparer.Ordinal))
            {
                operations++;
                // Every operation takes its name, so that those of others do not depend on what is selected.
                var name = names.Of(operation.OperationId, method.Method, path);
                if (!IsSelected(selection, name, path, method, operation)) continue;
                var mapping = new OperationMapping(source, credentials, findings);
                if (mapping.Map(name, path, method, item!, operation) is { } tool) tools.Add(tool);
            }
        }

        foreach (var webhook in source.Model.Webhooks?.Keys ?? [])
            findings.Add(new ImportFinding(ImportRule.CallbacksNotMapped, $"/webhooks/{JsonPointers.Escape(webhook)}", "is a webhook"));
        findings.AddRange(credentials.Findings());
        return new ImportedApi(
            source.Model.Info?.Title,
            ContractVersion(source.Model.Info?.Version),
            ServerUrl(source, location),
            operations,
            [.. tools.OrderBy(t => t.Name, StringComparer.Ordinal)],
            [.. findings.Distinct().OrderBy(f => f.Pointer, StringComparer.Ordinal).ThenBy(f => f.Rule.Id, StringComparer.Ordinal).ThenBy(f => f.Message, StringComparer.Ordinal)])
        {
            Credential = credentials.ForUpstream(),
        };
    }

    private static bool IsSelected(ImportSelection selection, string name, string path, HttpMethod method, OpenApiOperation operation) =>
        selection.TakesName(name)
        && path.StartsWith(selection.PathPrefix, StringComparison.Ordinal)
        && (!selection.ReadOnly || method.Method is "GET" or "QUERY")
        && (selection.Tags.Count == 0 || (operation.Tags ?? new HashSet<OpenApiTagReference>()).Any(t => selection.Tags.Contains(t.Reference?.Id ?? t.Name ?? "", StringComparer.Ordinal)));

    /// <summary>As the schema of contract files has it.</summary>
    private static string ContractVersion(string? version)
    {
        var text = Others().Replace(version ?? "", "-").Trim('-');
        return text.Length == 0 ? "0" : text.Length <= 64 ? text : text[..64];
    }

    /// <summary>Read from the document itself: the library has replaced what is relative by an address of its own.</summary>
    private static Uri? ServerUrl(OpenApiSource source, Uri? location)
    {
        foreach (var server in (source.Root["servers"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var url = server["url"]?.ToString() ?? "";
            foreach (var (name, variable) in server["variables"] as JsonObject ?? [])
                url = url.Replace($"{{{name}}}", ((variable as JsonObject)?["default"])?.ToString() ?? "", StringComparison.Ordinal);
            // On Unix "/v1" is an absolute URI of a file.
            var uri = Uri.TryCreate(url, UriKind.Absolute, out var absolute) && !absolute.IsFile ? absolute : location is not null && Uri.TryCreate(location, url, out var relative) ? relative : null;
            if (uri is not null && uri.Scheme is "https" or "http" && uri.Host.Length > 0) return uri;
        }

        return null;
    }

    [GeneratedRegex("[^A-Za-z0-9.+-]+")]
    private static partial Regex Others();
}
