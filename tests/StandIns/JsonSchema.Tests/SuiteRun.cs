using System.Text.Json;
using Json.Schema;

namespace McpServerless.StandIns.JsonSchemaTests;

/// <summary>Runs files of the suite on JsonSchema.Net.</summary>
internal static class SuiteRun
{
    private const string RemoteHost = "http://localhost:1234/";

    public static string[] Files(string folder) =>
        [.. Directory.GetFiles(Draft(folder), "*.json").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    /// <param name="accepts">Asked with schema and value before the library, which only gets what it does not accept; null for the library alone.</param>
    public static IEnumerable<SuiteResult> Of(string folder, string file, bool requireFormat, Func<JsonElement, JsonElement, bool>? accepts = null)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Draft(folder), file)));
        foreach (var group in document.RootElement.EnumerateArray())
        {
            var schema = new Lazy<JsonSchema>(() => Build(group.GetProperty("schema")));
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                var name = $"{file}: {group.GetProperty("description")} / {test.GetProperty("description")}";
                yield return new SuiteResult(name, Deviation(schema, test, requireFormat, data => accepts?.Invoke(group.GetProperty("schema"), data) == true));
            }
        }
    }

    private static string? Deviation(Lazy<JsonSchema> schema, JsonElement test, bool requireFormat, Func<JsonElement, bool> accepts)
    {
        try
        {
            var options = new EvaluationOptions { OutputFormat = OutputFormat.Flag, RequireFormatValidation = requireFormat };
            var valid = accepts(test.GetProperty("data")) || schema.Value.Evaluate(test.GetProperty("data"), options).IsValid;
            return valid == test.GetProperty("valid").GetBoolean() ? null : $"was found {(valid ? "valid" : "invalid")}";
        }
        catch (Exception thrown)
        {
            return $"threw {thrown.GetType().Name}: {thrown.Message}";
        }
    }

    // Each schema has a registry of its own, as each contract has in the product: the suite uses the same $id more than once.
    private static JsonSchema Build(JsonElement schema)
    {
        var registry = new SchemaRegistry();
        var options = new BuildOptions { SchemaRegistry = registry, Dialect = Dialect.Draft202012 };
        registry.Fetch = (uri, _) => Remote(uri, options);
        return JsonSchema.Build(schema, options);
    }

    private static JsonSchema? Remote(Uri uri, BuildOptions options)
    {
        var address = uri.GetLeftPart(UriPartial.Path);
        if (!address.StartsWith(RemoteHost, StringComparison.Ordinal)) return null;
        var file = Path.Combine(SuiteFolder.Path, "remotes", address[RemoteHost.Length..]);
        return File.Exists(file) ? JsonSchema.FromText(File.ReadAllText(file), options, new Uri(address)) : null;
    }

    private static string Draft(string folder) => Path.Combine(SuiteFolder.Path, "tests", "draft2020-12", folder);
}

/// <param name="Test">The test's file, group and own description.</param>
/// <param name="Deviation">What happened instead of what the suite says; null when it came out right.</param>
internal sealed record SuiteResult(string Test, string? Deviation);
