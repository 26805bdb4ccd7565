using System.Text.Json;
using McpServerless.Contracts.Comparing;
using McpServerless.Contracts.Impact;

namespace McpServerless.Cli.Output;

/// <summary>Changes of contracts for people and for programs.</summary>
internal static class ChangeOutput
{
    public static string Word(ChangeImpact impact) => impact switch
    {
        ChangeImpact.Breaking => "breaking",
        ChangeImpact.Undecidable => "undecidable",
        ChangeImpact.Compatible => "compatible",
        _ => "text",
    };

    public static string Summary(IReadOnlyList<ContractChange> changes) => changes.Count == 0
        ? "No change."
        : string.Join(", ", changes.CountBy(c => c.Impact).OrderByDescending(c => c.Key).Select(c => $"{c.Value} {Word(c.Key)}")) + ".";

    public static void WriteTable(TextWriter output, IReadOnlyList<ContractChange> changes)
    {
        if (changes.Count > 0) TableWriter.Write(output, ["Impact", "Rule", "Subject", "Place", "Detail"], changes.Select(c => new[] { Word(c.Impact), c.Rule.Id, c.Subject, c.Pointer, c.Detail }));
    }

    public static void WriteMarkdown(TextWriter output, IReadOnlyList<ContractChange> changes, string before, string after)
    {
        output.WriteLine($"### Contracts: {Escape(before)} to {Escape(after)}");
        output.WriteLine();
        output.WriteLine(Summary(changes));
        if (changes.Count == 0) return;
        output.WriteLine();
        output.WriteLine("| impact | rule | subject | place | detail |");
        output.WriteLine("|---|---|---|---|---|");
        foreach (var change in changes)
            output.WriteLine($"| {(change.NeedsApproval ? $"**{Word(change.Impact)}**" : Word(change.Impact))} | {change.Rule.Id} | {Code(change.Subject)} | {Code(change.Pointer)} | {Escape(change.Detail)} |");
    }

    public static void WriteJson(Utf8JsonWriter writer, IReadOnlyList<ContractChange> changes, UsageReport? usage = null)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("needsApproval"u8, changes.Any(c => c.NeedsApproval));
        writer.WritePropertyName("changes"u8);
        WriteList(writer, changes);
        if (usage is not null)
        {
            writer.WritePropertyName("usage"u8);
            UsageOutput.WriteJson(writer, usage);
        }

        writer.WriteEndObject();
    }

    public static void WriteList(Utf8JsonWriter writer, IReadOnlyList<ContractChange> changes)
    {
        writer.WriteStartArray();
        foreach (var change in changes)
        {
            writer.WriteStartObject();
            writer.WriteString("impact"u8, Word(change.Impact));
            writer.WriteString("rule"u8, change.Rule.Id);
            writer.WriteString("subject"u8, change.Subject);
            if (change.Side != SchemaSide.None) writer.WriteString("side"u8, change.Side == SchemaSide.Input ? "input" : "output");
            writer.WriteString("pointer"u8, change.Pointer);
            writer.WriteString("detail"u8, change.Detail);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Details hold pieces of schemas, which an upstream wrote: they must not become markup in somebody's pull request.</summary>
    private static string Escape(string text) => string.Concat(text.Select(c => char.IsControl(c) ? "\uFFFD" : c is '|' or '<' or '>' or '`' or '*' or '_' or '[' or ']' or '\\' or '#' or '&' or '@' or '!' ? $"\\{c}" : c.ToString()));

    private static string Code(string text) => text.Length == 0 ? "" : $"`{string.Concat(text.Select(c => char.IsControl(c) || c is '`' or '|' ? '\uFFFD' : c))}`";
}
