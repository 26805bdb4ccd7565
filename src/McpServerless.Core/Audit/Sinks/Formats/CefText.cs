using System.Buffers;
using System.Text;

namespace McpServerless.Audit.Sinks.Formats;

/// <summary>ArcSight Common Event Format, version 0 ("Implementing ArcSight Common Event Format", revision 25).</summary>
internal static class CefText
{
    private static readonly (string, string)[] Names =
    [
        ("externalId", "recordId"), ("deviceExternalId", "writer"), ("suid", "clientId"), ("suser", "userId"), ("act", "decision"), ("reason", "refusalCode"),
        ("request", "resource"), ("requestMethod", "method"), ("requestContext", "requestId"), ("cs1", "tool"), ("cs2", "server"), ("cs3", "sessionId"),
        ("cs4", "grantId"), ("cs5", "traceId"), ("cs6", "contractHash"), ("cn1", "durationMicroseconds"), ("cn2", "sequence"), ("cn3", "upstreamStatus"), ("msg", "note"),
    ];

    /// <summary>What the fields without a meaning of their own hold.</summary>
    private static string? LabelOf(string name) => name switch
    {
        "cs1" => "tool",
        "cs2" => "server",
        "cs3" => "session",
        "cs4" => "grant",
        "cs5" => "trace",
        "cs6" => "contractHash",
        "cn1" => "durationMicroseconds",
        "cn2" => "sequence",
        "cn3" => "upstreamStatus",
        _ => null,
    };

    public static void Write(OutgoingRecord record, IBufferWriter<byte> to)
    {
        var text = new StringBuilder("CEF:0|");
        foreach (var part in (ReadOnlySpan<string>)[RecordText.Product, RecordText.Product, AuditRecord.Schema, record.Text("refusalCode") ?? record.Text("event") ?? "", RecordText.Subject(record)])
        {
            AppendHeader(text, part);
            text.Append('|');
        }

        // 0 to 3 low, 4 to 6 medium.
        text.Append(record.Text("decision") switch { "refused" => '6', "allowed" => '3', _ => '1' }).Append('|').Append("rt=").Append(RecordText.Milliseconds(record));
        foreach (var (name, value) in RecordText.Fields(record, Names))
        {
            if (LabelOf(name) is { } label) text.Append(' ').Append(name).Append("Label=").Append(label);
            text.Append(' ').Append(name).Append('=');
            AppendValue(text, value);
        }

        RecordText.WriteText(to, text.ToString());
    }

    private static void AppendHeader(StringBuilder text, string value)
    {
        foreach (var c in value)
        {
            if (c is '|' or '\\') text.Append('\\');
            text.Append(char.IsControl(c) ? ' ' : c);
        }
    }

    private static void AppendValue(StringBuilder text, string value)
    {
        foreach (var c in value)
        {
            switch (c)
            {
                case '\\' or '=':
                    text.Append('\\').Append(c);
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                default:
                    text.Append(char.IsControl(c) ? ' ' : c);
                    break;
            }
        }
    }
}
