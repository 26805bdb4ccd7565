using System.Text.Json;
using McpServerless.Catalogue.Files;
using McpServerless.Contracts.Comparing;

namespace McpServerless.Cli.Output;

/// <summary>Changes as SARIF 2.1.0 (OASIS), which code hosts show beside the lines that they are about.</summary>
internal static class SarifOutput
{
    private const string Schema = "https://json.schemastore.org/sarif-2.1.0.json";
    private static readonly string Version = typeof(SarifOutput).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <param name="placeOf">File and place of a change; null where no file describes it.</param>
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<ContractChange> changes, Func<ContractChange, (string File, TextPlace Place)?> placeOf)
    {
        var rules = changes.Select(c => c.Rule).Distinct().OrderBy(r => r.Id, StringComparer.Ordinal).ToList();
        writer.WriteStartObject();
        writer.WriteString("$schema"u8, Schema);
        writer.WriteString("version"u8, "2.1.0");
        writer.WriteStartArray("runs"u8);
        writer.WriteStartObject();
        WriteTool(writer, rules);
        // Columns are counted as .NET counts them.
        writer.WriteString("columnKind"u8, "utf16CodeUnits");
        writer.WriteStartArray("results"u8);
        foreach (var change in changes) WriteResult(writer, change, rules.IndexOf(change.Rule), placeOf(change));
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteTool(Utf8JsonWriter writer, List<ChangeRule> rules)
    {
        writer.WriteStartObject("tool"u8);
        writer.WriteStartObject("driver"u8);
        writer.WriteString("name"u8, "mcpgov");
        writer.WriteString("semanticVersion"u8, Version);
        writer.WriteStartArray("rules"u8);
        foreach (var rule in rules)
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, rule.Id);
            writer.WriteStartObject("shortDescription"u8);
            writer.WriteString("text"u8, rule.Meaning);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter writer, ContractChange change, int rule, (string File, TextPlace Place)? at)
    {
        writer.WriteStartObject();
        writer.WriteString("ruleId"u8, change.Rule.Id);
        writer.WriteNumber("ruleIndex"u8, rule);
        writer.WriteString("kind"u8, "fail");
        writer.WriteString("level"u8, change.Impact switch
        {
            ChangeImpact.Breaking => "error",
            ChangeImpact.Undecidable => "warning",
            _ => "note",
        });
        writer.WriteStartObject("message"u8);
        writer.WriteString("text"u8, $"{change.Subject}{change.Pointer}: {change.Rule.Meaning} ({ChangeOutput.Word(change.Impact)}; {change.Detail})");
        writer.WriteEndObject();
        writer.WriteStartArray("locations"u8);
        writer.WriteStartObject();
        if (at is var (file, place)) WriteFile(writer, file, place);
        writer.WriteStartArray("logicalLocations"u8);
        writer.WriteStartObject();
        writer.WriteString("fullyQualifiedName"u8, change.Subject + change.Pointer);
        writer.WriteString("kind"u8, "member");
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter writer, string file, TextPlace place)
    {
        writer.WriteStartObject("physicalLocation"u8);
        writer.WriteStartObject("artifactLocation"u8);
        writer.WriteString("uri"u8, string.Join('/', file.Split('/').Select(Uri.EscapeDataString)));
        writer.WriteEndObject();
        if (place.Line > 0)
        {
            writer.WriteStartObject("region"u8);
            writer.WriteNumber("startLine"u8, place.Line);
            if (place.Column > 0) writer.WriteNumber("startColumn"u8, place.Column);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
