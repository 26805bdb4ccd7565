using System.Globalization;
using System.Text.Json;
using McpServerless.Contracts.Impact;

namespace McpServerless.Cli.Output;

/// <summary>Who used tools, for people and for programs.</summary>
internal static class UsageOutput
{
    public static void WriteTable(TextWriter output, UsageReport report)
    {
        if (report.Uses.Count > 0)
        {
            TableWriter.Write(output, ["Tool", "Client", "Models", "Calls", "Still valid", "No longer", "Cannot tell", "Refused", "Last"], report.Uses.Select(u => new[]
            {
                u.Subject,
                u.ClientId,
                u.Models.Count > 0 ? string.Join(", ", u.Models) : "(none registered)",
                Text(u.Calls),
                Text(u.StillValid),
                Text(u.NoLongerValid),
                Text(u.Untold),
                string.Join(", ", u.Refused.Select(r => $"{r.Value} {r.Key}")),
                Moments.Minute(u.Last),
            }));
        }

        output.WriteLine(Summary(report));
    }

    /// <summary>What is known and what is not, in words.</summary>
    public static string Summary(UsageReport report)
    {
        var days = $"from {Day(report.From)} to {Day(report.To)}";
        if (report.Records == 0) return $"The ledger has no call of any tool {days}: whom this hits is not known.";
        if (report.Uses.Count == 0) return $"Of {report.Records} calls in the ledger {days}, none was of these tools.";
        var (calls, without) = (report.Uses.Sum(u => u.Calls), report.Uses.Sum(u => u.WithoutShape));
        var gap = without == 0 ? "" : $" For {without} of them no shape was recorded, so whether they would still be valid is not known.";
        return $"{report.Uses.DistinctBy(u => u.ClientId).Count()} client(s) made {calls} call(s) of these tools {days}; {report.Uses.Sum(u => u.NoLongerValid)} would no longer be valid.{gap}";
    }

    public static void WriteJson(Utf8JsonWriter writer, UsageReport report)
    {
        writer.WriteStartObject();
        writer.WriteString("from"u8, Day(report.From));
        writer.WriteString("to"u8, Day(report.To));
        writer.WriteNumber("records"u8, report.Records);
        writer.WriteString("summary"u8, Summary(report));
        writer.WriteStartArray("uses"u8);
        foreach (var use in report.Uses)
        {
            writer.WriteStartObject();
            writer.WriteString("subject"u8, use.Subject);
            writer.WriteString("tenantId"u8, use.TenantId);
            writer.WriteString("clientId"u8, use.ClientId);
            writer.WriteStartArray("models"u8);
            foreach (var model in use.Models) writer.WriteStringValue(model);
            writer.WriteEndArray();
            writer.WriteNumber("calls"u8, use.Calls);
            writer.WriteNumber("stillValid"u8, use.StillValid);
            writer.WriteNumber("noLongerValid"u8, use.NoLongerValid);
            writer.WriteNumber("cannotTell"u8, use.Untold);
            writer.WriteNumber("withoutShape"u8, use.WithoutShape);
            writer.WriteStartObject("refused"u8);
            foreach (var (code, count) in use.Refused) writer.WriteNumber(code, count);
            writer.WriteEndObject();
            writer.WriteString("last"u8, use.Last);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
