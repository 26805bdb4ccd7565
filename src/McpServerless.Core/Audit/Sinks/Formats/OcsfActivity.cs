using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace McpServerless.Audit.Sinks.Formats;

/// <summary>OCSF 1.3 API Activity (class 6003) with the profile of a security control: whether the request was let through (schema.ocsf.io/1.3.0/classes/api_activity).</summary>
internal static class OcsfActivity
{
    private const int Class = 6003;

    public static void Write(OutgoingRecord record, IBufferWriter<byte> to)
    {
        using var json = new Utf8JsonWriter(to);
        var (activity, name) = ActivityOf(record.Text("method"));
        var decision = record.Text("decision");
        json.WriteStartObject();
        if (decision is "allowed" or "refused")
        {
            json.WriteNumber("action_id"u8, decision == "allowed" ? 1 : 2);
            json.WriteNumber("disposition_id"u8, decision == "allowed" ? 1 : 2);
        }

        json.WriteNumber("activity_id"u8, activity);
        json.WriteString("activity_name"u8, name);
        WriteActor(json, record);
        WriteApi(json, record);
        json.WriteNumber("category_uid"u8, 6);
        json.WriteString("category_name"u8, "Application Activity");
        json.WriteNumber("class_uid"u8, Class);
        json.WriteString("class_name"u8, "API Activity");
        if (JsonMembers.Member(record.Root, "durationMicroseconds") is { ValueKind: JsonValueKind.Number } duration && duration.TryGetInt64(out var microseconds)) json.WriteNumber("duration"u8, microseconds / 1000);
        WriteMetadata(json, record);
        json.WriteNumber("severity_id"u8, decision == "refused" ? 3 : 1);
        json.WriteStartObject("src_endpoint"u8);
        json.WriteString("type"u8, "Other");
        json.WriteNumber("type_id"u8, 99);
        json.WriteString("uid"u8, record.ClientId);
        json.WriteEndObject();
        json.WriteNumber("status_id"u8, decision switch { "allowed" => 1, "refused" => 2, _ => 0 });
        if (record.Text("refusalCode") is { } code) json.WriteString("status_code"u8, code);
        if (record.Text("note") is { } note) json.WriteString("status_detail"u8, note);
        json.WriteNumber("time"u8, (record.Time ?? DateTimeOffset.UnixEpoch).ToUnixTimeMilliseconds());
        json.WriteNumber("type_uid"u8, (Class * 100) + activity);
        json.WriteString("type_name"u8, $"API Activity: {name}");
        // What the class has no place for. The record as it was written stays, so that it can be compared with the ledger.
        json.WriteStartObject("unmapped"u8);
        json.WritePropertyName("record"u8);
        record.Root.WriteTo(json);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteActor(Utf8JsonWriter json, OutgoingRecord record)
    {
        json.WriteStartObject("actor"u8);
        json.WriteString("app_uid"u8, record.ClientId);
        if (record.Text("sessionId") is { } session)
        {
            json.WriteStartObject("session"u8);
            json.WriteString("uid"u8, session);
            json.WriteEndObject();
        }

        if (record.Text("userId") is { } user)
        {
            json.WriteStartObject("user"u8);
            json.WriteNumber("type_id"u8, 1);
            json.WriteString("uid"u8, user);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteApi(Utf8JsonWriter json, OutgoingRecord record)
    {
        json.WriteStartObject("api"u8);
        json.WriteString("operation"u8, RecordText.Subject(record));
        json.WriteStartObject("request"u8);
        json.WriteString("uid"u8, record.Text("requestId") ?? "");
        json.WriteEndObject();
        json.WriteStartObject("response"u8);
        if (JsonMembers.Member(record.Root, "upstreamStatus") is { ValueKind: JsonValueKind.Number } status && status.TryGetInt32(out var number)) json.WriteNumber("code"u8, number);
        if (record.Text("refusalCode") is { } code) json.WriteString("error"u8, code);
        json.WriteEndObject();
        json.WriteStartObject("service"u8);
        json.WriteString("name"u8, record.Text("server") ?? "");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteMetadata(Utf8JsonWriter json, OutgoingRecord record)
    {
        json.WriteStartObject("metadata"u8);
        json.WriteString("correlation_uid"u8, record.Text("traceId") ?? record.Text("requestId") ?? "");
        json.WriteString("event_code"u8, record.Text("event") ?? "");
        json.WriteStartObject("product"u8);
        json.WriteString("name"u8, RecordText.Product);
        json.WriteString("vendor_name"u8, RecordText.Product);
        json.WriteEndObject();
        json.WriteStartArray("profiles"u8);
        json.WriteStringValue("security_control"u8);
        json.WriteEndArray();
        json.WriteNumber("sequence"u8, record.Sequence);
        json.WriteString("uid"u8, record.Text("recordId") ?? string.Create(CultureInfo.InvariantCulture, $"{record.Writer}-{record.Sequence}"));
        json.WriteString("version"u8, "1.3.0");
        json.WriteEndObject();
    }

    /// <summary>What a tool does to the world nobody knows from its name, so its call is none of the four.</summary>
    private static (int Id, string Name) ActivityOf(string? method) => method switch
    {
        null => (0, "Unknown"),
        _ when method.EndsWith("/list", StringComparison.Ordinal) || method.EndsWith("/get", StringComparison.Ordinal) || method.EndsWith("/read", StringComparison.Ordinal) => (2, "Read"),
        _ => (99, method),
    };
}
