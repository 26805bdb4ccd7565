using System.Text.Json;

namespace McpServerless.Audit.Verification;

/// <summary>What verification needs of a record, read without making objects of the rest: a day has a million of them.</summary>
internal ref struct RecordFacts
{
    public ReadOnlySpan<byte> Writer;
    public ReadOnlySpan<byte> PreviousHash;
    public ReadOnlySpan<byte> Time;
    public ReadOnlySpan<byte> ClientId;
    public ReadOnlySpan<byte> Event;
    public ReadOnlySpan<byte> RequestId;
    public long Sequence;

    /// <summary>False when it is not a JSON object with the members that every record has.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, out RecordFacts facts)
    {
        facts = default;
        var reader = new Utf8JsonReader(json);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.ValueSpan;
                reader.Read();
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    reader.Skip();
                    continue;
                }

                switch (name.Length)
                {
                    case 4 when name.SequenceEqual("time"u8):
                        facts.Time = reader.ValueSpan;
                        break;
                    case 5 when name.SequenceEqual("event"u8):
                        facts.Event = reader.ValueSpan;
                        break;
                    case 6 when name.SequenceEqual("writer"u8):
                        facts.Writer = reader.ValueSpan;
                        break;
                    case 8 when name.SequenceEqual("clientId"u8):
                        facts.ClientId = reader.ValueSpan;
                        break;
                    case 8 when name.SequenceEqual("sequence"u8):
                        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out facts.Sequence)) return false;
                        break;
                    case 9 when name.SequenceEqual("requestId"u8):
                        facts.RequestId = reader.ValueSpan;
                        break;
                    case 12 when name.SequenceEqual("previousHash"u8):
                        facts.PreviousHash = reader.ValueSpan;
                        break;
                }
            }

            return !reader.Read() && facts.Time.Length >= 10 && facts.Event.Length > 0 && facts.Writer.Length > 0 && facts.Sequence > 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    public readonly bool IsIntent => Event.SequenceEqual("intent"u8);

    public readonly bool IsOutcome => Event.SequenceEqual("outcome"u8);

    /// <summary>Whether the record belongs into the partition.</summary>
    public readonly bool BelongsTo(string day, string clientId)
    {
        Span<char> own = stackalloc char[8];
        for (int i = 0, at = 0; i < 10; i++)
        {
            if (i is not (4 or 7)) own[at++] = (char)Time[i];
        }

        if (!own.SequenceEqual(day)) return false;
        if (!IsIntent && !IsOutcome) return clientId == AuditRecord.Gateway;
        if (ClientId.IsEmpty) return clientId == AuditRecord.NoClient;
        // An id is compared as it stands in JSON: one with an escape is unescaped first.
        return ClientId.Contains((byte)'\\')
            ? Unescaped(ClientId) == clientId
            : System.Text.Encoding.UTF8.GetByteCount(clientId) == ClientId.Length && System.Text.Encoding.UTF8.GetString(ClientId) == clientId;
    }

    private static string? Unescaped(ReadOnlySpan<byte> text)
    {
        byte[] json = [(byte)'"', .. text, (byte)'"'];
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetString();
    }
}
