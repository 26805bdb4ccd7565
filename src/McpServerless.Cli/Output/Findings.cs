using System.Globalization;
using System.Text.Json.Serialization;
using McpServerless.Catalogue.Files;

namespace McpServerless.Cli.Output;

/// <summary>Findings as compilers write them, and as JSON.</summary>
internal static class Findings
{
    public static void Write(TextWriter error, IReadOnlyList<CatalogueFinding> findings)
    {
        foreach (var finding in findings) error.WriteLine(finding.ToString());
        if (findings.Count == 0) return;
        var errors = findings.Count(f => f.Severity == FindingSeverity.Error);
        error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{errors} error(s), {findings.Count - errors} warning(s)"));
    }

    public static IReadOnlyList<FindingOutput> ForJson(IEnumerable<CatalogueFinding> findings) => [.. findings.Select(f => new FindingOutput(
        f.Severity == FindingSeverity.Error ? "error" : "warning",
        f.Rule.Id,
        f.File,
        f.Place.Line,
        f.Place.Column,
        f.Pointer,
        f.Message))];
}

/// <param name="Line">From 1; 0 for none, as for the column.</param>
internal sealed record FindingOutput(string Severity, string Rule, string File, int Line, int Column, string Pointer, string Message);

/// <param name="Action"><c>added</c>, <c>changed</c>, <c>unchanged</c>, <c>removed</c>, or <c>kept</c> for what is published but not in the folder.</param>
internal sealed record AppliedOutput(string Action, string Kind, string Name);

/// <param name="Outcome"><c>valid</c>, <c>applied</c>, <c>unchanged</c>, <c>planned</c>, <c>breaking</c>, <c>conflict</c> or <c>findings</c>.</param>
/// <param name="CatalogueVersion">The active version afterwards; null when it was not asked for.</param>
internal sealed record ApplyOutput(string Outcome, long? CatalogueVersion, IReadOnlyList<AppliedOutput> Changes, IReadOnlyList<FindingOutput> Findings);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApplyOutput))]
internal sealed partial class CliJson : JsonSerializerContext;
