using System.Text.Json;
using McpServerless.Audit.Sinks.Formats;
using Microsoft.Extensions.Logging;

namespace McpServerless.Audit.Sinks;

/// <summary>Hands records to the host's logging as events of OpenTelemetry: the name in the event's name, the record's members as attributes.</summary>
/// <remarks>What logging took counts as taken. Whether its exporters deliver is theirs: they keep little and drop what they cannot send, so that this is no complete copy.</remarks>
internal sealed class LogEventSink(ILogger logger) : IRecordSink
{
    public const string Category = "McpServerless.Audit.Records";

    private const string Prefix = "mcp.audit.";

    private static readonly EventId Event = new(3311, "mcp.audit.record");

    public string Name => "telemetry";

    public int MaxBatchBytes => 256 * 1024;

    public ValueTask SendAsync(IReadOnlyList<OutgoingRecord> records, CancellationToken ct)
    {
        foreach (var record in records)
        {
            // Warning and informational, as the syslog messages have it.
            var severity = record.Text("decision") == "refused" ? LogLevel.Warning : LogLevel.Information;
            // What logging is told to leave out by its own settings is left out.
            if (logger.IsEnabled(severity)) logger.Log(severity, Event, AttributesOf(record), null, static (attributes, _) => attributes[^1].Value as string ?? "");
        }

        return ValueTask.CompletedTask;
    }

    private static List<KeyValuePair<string, object?>> AttributesOf(OutgoingRecord record)
    {
        var attributes = new List<KeyValuePair<string, object?>>();
        if (record.Root.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in record.Root.EnumerateObject())
            {
                attributes.Add(new(Prefix + member.Name, member.Value.ValueKind switch
                {
                    JsonValueKind.String => member.Value.GetString(),
                    JsonValueKind.True => true,
                    JsonValueKind.False => false,
                    JsonValueKind.Number when member.Value.TryGetInt64(out var number) => number,
                    _ => member.Value.GetRawText(),
                }));
            }
        }

        // Where the format of a message is expected; it has no places for values.
        attributes.Add(new("{OriginalFormat}", $"{RecordText.Subject(record)} {record.Text("decision")}"));
        return attributes;
    }
}
