using System.Buffers;
using System.Text;

namespace McpServerless.Audit.Sinks.Formats;

/// <summary>IBM QRadar Log Event Extended Format 2.0, with a tab between attributes ("LEEF event components").</summary>
internal static class LeefText
{
    private static readonly (string, string)[] Names =
    [
        ("cat", "event"), ("usrName", "userId"), ("clientId", "clientId"), ("tenantId", "tenantId"), ("recordId", "recordId"), ("requestId", "requestId"), ("decision", "decision"),
        ("refusalCode", "refusalCode"), ("server", "server"), ("method", "method"), ("tool", "tool"), ("prompt", "prompt"), ("resource", "resource"), ("sessionId", "sessionId"), ("traceId", "traceId"),
        ("grantId", "grantId"), ("contractHash", "contractHash"), ("durationMicroseconds", "durationMicroseconds"), ("upstreamStatus", "upstreamStatus"), ("writer", "writer"), ("sequence", "sequence"), ("note", "note"),
    ];

    public static void Write(OutgoingRecord record, IBufferWriter<byte> to)
    {
        var text = new StringBuilder("LEEF:2.0|");
        foreach (var part in (ReadOnlySpan<string>)[RecordText.Product, RecordText.Product, AuditRecord.Schema, record.Text("refusalCode") ?? record.Text("event") ?? ""])
        {
            Append(text, part.Replace('|', ' '));
            text.Append('|');
        }

        text.Append("x09|devTime=").Append(RecordText.Milliseconds(record))
            .Append("\tsev=").Append(record.Text("decision") switch { "refused" => '6', "allowed" => '3', _ => '1' });
        foreach (var (name, value) in RecordText.Fields(record, Names))
        {
            text.Append('\t').Append(name).Append('=');
            Append(text, value);
        }

        RecordText.WriteText(to, text.ToString());
    }

    /// <summary>The format knows no escape: what would end an attribute or the event becomes a space.</summary>
    private static void Append(StringBuilder text, string value)
    {
        foreach (var c in value) text.Append(char.IsControl(c) ? ' ' : c);
    }
}
