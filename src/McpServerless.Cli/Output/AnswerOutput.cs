using McpServerless.Cli.Views;

namespace McpServerless.Cli.Output;

/// <summary>Writes what calls would get, and why.</summary>
internal static class AnswerOutput
{
    public static void Write(CommandContext context, IReadOnlyList<ToldAnswer> answers, bool asJson, bool withRules)
    {
        if (asJson) WriteJson(context, answers);
        else WriteTable(context, answers, withRules);
    }

    private static void WriteTable(CommandContext context, IReadOnlyList<ToldAnswer> answers, bool withRules)
    {
        TableWriter.Write(context.Out, ["Client", "Server", "Answer", "Why"], answers.Select(a => new[] { a.ClientId, a.Server, Word(a), a.Note ?? (a.GrantId is { } grant ? $"grant {grant}" : "") }));
        if (!withRules) return;
        foreach (var answer in answers.Where(a => a.Rules.Count > 0))
        {
            TableWriter.Write(context.Out, [$"Rules on {answer.Server}", "Effect", "Counts", "Asks for", "Arguments"], answer.Rules.Select(r => new[]
            {
                r.GrantId,
                r.Effect,
                r.Counts ? "yes" : "no",
                string.Join(", ", r.Conditions.Select(c => $"{c.Condition} {c.Verdict}")),
                r.ArgumentViolations switch { null => "not asked", { Count: 0 } => "kept", var violations => string.Join("; ", violations) },
            }));
        }
    }

    private static void WriteJson(CommandContext context, IReadOnlyList<ToldAnswer> answers) => JsonOutput.Write(context.Out, writer =>
    {
        writer.WriteStartArray();
        foreach (var answer in answers)
        {
            writer.WriteStartObject();
            writer.WriteString("clientId"u8, answer.ClientId);
            writer.WriteString("server"u8, answer.Server);
            writer.WriteString("name"u8, answer.Name);
            writer.WriteBoolean("allowed"u8, answer.IsAllowed);
            writer.WriteBoolean("dependsOnArguments"u8, answer.DependsOnArguments);
            if (answer.RefusalCode is { } code) writer.WriteString("refusalCode"u8, code);
            if (answer.Note is { } note) writer.WriteString("note"u8, note);
            if (answer.GrantId is { } grant) writer.WriteString("grantId"u8, grant);
            writer.WriteStartArray("rules"u8);
            foreach (var rule in answer.Rules)
            {
                writer.WriteStartObject();
                writer.WriteString("grantId"u8, rule.GrantId);
                writer.WriteString("effect"u8, rule.Effect);
                writer.WriteBoolean("counts"u8, rule.Counts);
                writer.WriteStartObject("conditions"u8);
                foreach (var (condition, verdict) in rule.Conditions) writer.WriteString(condition, verdict);
                writer.WriteEndObject();
                if (rule.ArgumentViolations is { } violations)
                {
                    writer.WriteStartArray("argumentViolations"u8);
                    foreach (var violation in violations) writer.WriteStringValue(violation);
                    writer.WriteEndArray();
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    private static string Word(ToldAnswer answer) => answer.RefusalCode ?? (answer.DependsOnArguments ? "allowed, by its arguments" : "allowed");
}
