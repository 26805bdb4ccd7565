using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace McpServerless.OpenApi.Import;

/// <summary>Successes of an operation as the schema of the tool's result.</summary>
internal sealed class ResponseMapping(OpenApiSource source, List<ImportFinding> findings)
{
    /// <summary>Null where not every success promises JSON of a known form.</summary>
    public JsonObject? OutputSchema { get; private set; }

    public IReadOnlyList<string> Success { get; private set; } = ["2XX"];

    /// <summary>The header <c>Accept</c>: JSON where there is some, else what is described.</summary>
    public string? Accept { get; private set; }

    public void Map(OpenApiOperation operation, string at)
    {
        var responses = operation.Responses ?? [];
        var successes = responses.Where(r => r.Key.Length == 3 && r.Key[0] == '2').Select(r => (Code: r.Key.ToUpperInvariant(), r.Key, Response: r.Value)).OrderBy(r => r.Code, StringComparer.Ordinal).ToList();
        foreach (var key in responses.Keys.Where(k => k.StartsWith('3') && k != "304"))
            findings.Add(new ImportFinding(ImportRule.RedirectNotFollowed, $"{at}/{key}", "is a redirect"));
        if (successes.Count == 0)
        {
            if (responses.TryGetValue("default", out var otherwise)) successes.Add(("2XX", "default", otherwise));
            else findings.Add(new ImportFinding(ImportRule.SuccessAssumed, at, "names no status of success"));
        }
        else
        {
            Success = [.. successes.Select(s => s.Code).Where(IsStatus).Distinct(StringComparer.Ordinal)];
            if (Success.Count == 0) Success = ["2XX"];
        }

        foreach (var (_, key, response) in successes) Note(response, $"{at}/{key}");
        Accept = AcceptOf(successes.SelectMany(s => s.Response?.Content?.Keys ?? []));
        if (successes.Count > 0) MapSchemas([.. successes.Select(s => (s.Response, $"{at}/{s.Key}"))]);
    }

    private void MapSchemas(IReadOnlyList<(IOpenApiResponse? Response, string At)> successes)
    {
        var conversion = new SchemaConversion(source, SchemaUse.Response, findings);
        var schemas = new List<JsonNode>();
        foreach (var (response, at) in successes)
        {
            var type = response?.Content?.Keys.FirstOrDefault(RequestBody.IsJson) ?? response?.Content?.Keys.FirstOrDefault(k => k is "*/*" or "application/*");
            var pointer = type is null ? at : $"{at}/content/{JsonPointers.Escape(type)}/schema";
            if (type is null || source.Find(pointer) is not { } raw)
            {
                var why = type is not null ? "has no schema" : response?.Content is { Count: > 0 } content ? $"has content that is not JSON: {string.Join(", ", content.Keys)}" : "has no content";
                findings.Add(new ImportFinding(ImportRule.OutputNotMapped, at, why));
                return;
            }

            schemas.Add(conversion.Convert(raw, pointer));
        }

        var distinct = schemas.DistinctBy(s => s.ToJsonString(), StringComparer.Ordinal).ToList();
        var schema = distinct.Count == 1 ? (JsonObject)distinct[0] : new JsonObject { ["anyOf"] = new JsonArray([.. distinct]) };
        // A schema that lets everything pass says nothing that would have to be held.
        if (schema.Count == 0)
        {
            findings.Add(new ImportFinding(ImportRule.OutputNotMapped, successes[0].At, "has a schema that lets every value pass"));
            return;
        }

        Fit(schema, conversion, successes[0].At);
    }

    private void Fit(JsonObject schema, SchemaConversion conversion, string at)
    {
        var whole = (JsonObject)schema.DeepClone();
        if (conversion.Definitions is { Count: > 0 } definitions)
        {
            // Old clients take an outputSchema only where its root says that it is an object, so the one reference is opened.
            if (whole.Count == 1 && whole["$ref"]?.ToString() is { } reference && definitions[reference["#/$defs/".Length..]] is JsonObject target)
            {
                whole = (JsonObject)target.DeepClone();
                if (!target.ToJsonString().Contains(reference, StringComparison.Ordinal) && !definitions.Any(d => d.Value is { } other && other != target && other.ToJsonString().Contains($"\"{reference}\"", StringComparison.Ordinal)))
                    definitions.Remove(reference["#/$defs/".Length..]);
            }

            if (definitions.Count > 0) whole["$defs"] = definitions;
        }

        var (fitted, fit, problem) = SchemaBounds.Fit(whole);
        if (fitted is null) findings.Add(new ImportFinding(ImportRule.OutputNotMapped, at, problem ?? "cannot be held"));
        else if (fit == SchemaFit.Widened) findings.Add(new ImportFinding(ImportRule.OutputWidened, at, problem!));
        OutputSchema = fitted;
    }

    private void Note(IOpenApiResponse? response, string at)
    {
        if (response?.Headers is { Count: > 0 } headers)
            findings.Add(new ImportFinding(ImportRule.ResponseHeadersNotMapped, at + "/headers", string.Join(", ", headers.Keys.Order(StringComparer.Ordinal))));
        if (response?.Links is { Count: > 0 } links)
            findings.Add(new ImportFinding(ImportRule.LinksNotMapped, at + "/links", string.Join(", ", links.Keys.Order(StringComparer.Ordinal))));
    }

    private static string? AcceptOf(IEnumerable<string> types)
    {
        var all = types.Where(t => t.Contains('/', StringComparison.Ordinal) && t.All(c => c is >= ' ' and <= '~')).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        var json = all.Where(RequestBody.IsJson).ToList();
        var wanted = json.Count > 0 ? json : all;
        return wanted.Count == 0 ? null : string.Join(", ", wanted.Take(5));
    }

    private static bool IsStatus(string code) => code is ['2', >= '0' and <= '9', >= '0' and <= '9'] or "2XX";
}
