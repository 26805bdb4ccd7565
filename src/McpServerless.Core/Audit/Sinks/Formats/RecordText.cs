using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace McpServerless.Audit.Sinks.Formats;

/// <summary>Records as one line of text.</summary>
internal static class RecordText
{
    public const string Product = "McpServerless";

    /// <summary>A record that cannot be read goes out as it stands: whoever looks for tampering wants to see it.</summary>
    public static void Write(SinkFormat format, OutgoingRecord record, IBufferWriter<byte> to)
    {
        if (record.Root.ValueKind != JsonValueKind.Object) to.Write(record.Json.Span);
        else if (format == SinkFormat.Ocsf) OcsfActivity.Write(record, to);
        else if (format == SinkFormat.Cef) CefText.Write(record, to);
        else if (format == SinkFormat.Leef) LeefText.Write(record, to);
        else to.Write(record.Json.Span);
    }

    public static void WriteLine(SinkFormat format, OutgoingRecord record, IBufferWriter<byte> to)
    {
        Write(format, record, to);
        to.Write("\n"u8);
    }

    /// <summary>What was asked for: tool, prompt, resource or method; else the event itself.</summary>
    public static string Subject(OutgoingRecord record) =>
        record.Text("tool") ?? record.Text("prompt") ?? record.Text("resource") ?? record.Text("method") ?? record.Text("event") ?? "";

    /// <summary>Names and values of the two formats for SIEMs, in a fixed order; absent ones are left out.</summary>
    public static IEnumerable<(string Name, string Value)> Fields(OutgoingRecord record, IEnumerable<(string Name, string Member)> names)
    {
        foreach (var (name, member) in names)
        {
            var value = JsonMembers.Member(record.Root, member);
            if (value.ValueKind is JsonValueKind.Undefined) continue;
            yield return (name, value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());
        }
    }

    public static void WriteText(IBufferWriter<byte> to, string text) => Encoding.UTF8.GetBytes(text.AsSpan(), to);

    public static string Milliseconds(OutgoingRecord record) => (record.Time ?? DateTimeOffset.UnixEpoch).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
}
