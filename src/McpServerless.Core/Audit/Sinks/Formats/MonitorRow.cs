using System.Text.Json;

namespace McpServerless.Audit.Sinks.Formats;

/// <summary>A record as a row of the table in Azure Monitor, whose columns <c>schemas/mcp-audit-table.json</c> lists.</summary>
public static class MonitorRow
{
    private static readonly Column[] Columns = ReadColumns();

    public static void Write(OutgoingRecord record, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (var column in Columns)
        {
            var value = column.From is null ? column.Constant : Find(record.Root, column.From);
            if (value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null) continue;
            json.WritePropertyName(column.Name);
            // A column of texts takes no object: its JSON is the text then.
            if (column.Type == "string" && value.ValueKind != JsonValueKind.String) json.WriteStringValue(value.GetRawText());
            else value.WriteTo(json);
        }

        json.WriteEndObject();
    }

    private static JsonElement Find(JsonElement record, string[] path)
    {
        foreach (var name in path) record = JsonMembers.Member(record, name);
        return record;
    }

    private static Column[] ReadColumns()
    {
        using var stream = typeof(MonitorRow).Assembly.GetManifestResourceStream("mcp-audit-table.json") ?? throw new InvalidOperationException("The list of columns is not in the assembly.");
        using var document = JsonDocument.Parse(stream);
        return
        [
            .. document.RootElement.EnumerateArray().Select(c => new Column(
                c.GetProperty("name"u8).GetString()!,
                c.GetProperty("type"u8).GetString()!,
                JsonMembers.Text(c, "from")?.Split('.'),
                JsonMembers.Member(c, "constant") is { ValueKind: not JsonValueKind.Undefined } constant ? constant.Clone() : default)),
        ];
    }

    private sealed record Column(string Name, string Type, string[]? From, JsonElement Constant);
}
