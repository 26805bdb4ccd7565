using System.Buffers;
using System.Globalization;
using System.Text;

namespace McpServerless.Audit.Sinks.Formats;

/// <summary>One message of RFC 5424: facility 13 (log audit), the record as its text and what one filters by as structured data.</summary>
internal static class SyslogText
{
    private const int LogAudit = 13;

    /// <summary>The enterprise number that RFC 5612 keeps for examples: the project has none of its own.</summary>
    private const string Element = "mcp@32473";

    private static readonly (string, string)[] Names =
        [("recordId", "recordId"), ("clientId", "clientId"), ("server", "server"), ("tool", "tool"), ("decision", "decision"), ("refusalCode", "refusalCode"), ("sequence", "sequence")];

    public static void Write(SinkFormat format, OutgoingRecord record, IBufferWriter<byte> to)
    {
        // Warning, informational, notice (RFC 5424, section 6.2.1).
        var severity = record.Text("decision") switch { "refused" => 4, "allowed" => 6, _ => 5 };
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"<{(LogAudit * 8) + severity}>1 ");
        text.Append(record.Time is { } time ? time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture) : "-");
        text.Append(" - ").Append(RecordText.Product).Append(' ').Append(record.Writer).Append(' ').Append(Name(record.Text("event"))).Append(" [").Append(Element);
        foreach (var (name, value) in RecordText.Fields(record, Names))
        {
            text.Append(' ').Append(name).Append("=\"");
            foreach (var c in value)
            {
                // Section 6.3.3.
                if (c is '"' or '\\' or ']') text.Append('\\');
                text.Append(char.IsControl(c) ? ' ' : c);
            }

            text.Append('"');
        }

        RecordText.WriteText(to, text.Append("] ").ToString());
        RecordText.Write(format, record, to);
    }

    /// <summary>A MSGID is up to 32 printable characters.</summary>
    private static string Name(string? text) => text is { Length: > 0 and <= 32 } && text.All(char.IsAsciiLetterOrDigit) ? text : "-";
}
