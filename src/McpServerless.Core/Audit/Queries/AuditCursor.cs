using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace McpServerless.Audit.Queries;

/// <summary>A record's place in the order of answers: by day, client, writer and sequence.</summary>
public sealed record AuditCursor(string Day, string ClientId, string Writer, long Sequence)
{
    /// <summary>What a client may keep and bring back. It holds no secret: what may be read is decided by who asks.</summary>
    public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Day}\n{ClientId}\n{Writer}\n{Sequence}")));

    /// <summary>Null for what is no cursor.</summary>
    public static AuditCursor? Read(string text)
    {
        if (text.Length > 1000 || !Base64Url.IsValid(text)) return null;
        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('\n');
        return parts.Length == 4 && parts[0].Length == 8 && parts[0].All(char.IsAsciiDigit) && long.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            ? new AuditCursor(parts[0], parts[1], parts[2], sequence)
            : null;
    }

    internal int CompareChain(string client, string writer) =>
        string.CompareOrdinal(ClientId, client) is not 0 and var byClient ? byClient : string.CompareOrdinal(Writer, writer);
}
