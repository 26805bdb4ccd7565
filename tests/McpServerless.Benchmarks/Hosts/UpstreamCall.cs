using System.Buffers;
using System.Text.Json;

namespace McpServerless.Benchmarks.Hosts;

/// <summary>What the upstream reads of a request, and how it writes its messages.</summary>
internal sealed record UpstreamCall
{
    private static readonly JsonWriterOptions Unchecked = new() { SkipValidation = true };

    public long Id { get; private set; }

    public string? Method { get; private set; }

    public string? Tool { get; private set; }

    public string? Message { get; private set; }

    public string? Cursor { get; private set; }

    public int Count { get; private set; }

    /// <summary>As JSON; a bare pass-through leaves the caller's text, the gateway sends a number of its own.</summary>
    public string ProgressToken { get; private set; } = "0";

    public static UpstreamCall Read(ReadOnlySpan<byte> request)
    {
        var call = new UpstreamCall();
        var reader = new Utf8JsonReader(request);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName) continue;
            var depth = reader.CurrentDepth;
            if (depth == 1 && reader.ValueTextEquals("id"u8) && reader.Read()) call.Id = reader.TokenType == JsonTokenType.Number ? reader.GetInt64() : 0;
            else if (depth == 1 && reader.ValueTextEquals("method"u8) && reader.Read()) call.Method = reader.GetString();
            else if (depth == 2 && reader.ValueTextEquals("name"u8) && reader.Read()) call.Tool = reader.GetString();
            else if (depth == 2 && reader.ValueTextEquals("cursor"u8) && reader.Read()) call.Cursor = reader.GetString();
            else if (depth == 3 && reader.ValueTextEquals("message"u8) && reader.Read()) call.Message = reader.GetString();
            else if (depth == 3 && reader.ValueTextEquals("count"u8) && reader.Read()) call.Count = reader.GetInt32();
            else if (depth == 3 && reader.ValueTextEquals("progressToken"u8) && reader.Read()) call.ProgressToken = reader.TokenType == JsonTokenType.Number ? $"{reader.GetInt64()}" : $"\"{reader.GetString()}\"";
        }

        return call;
    }

    /// <summary>An event with a notification of progress.</summary>
    public static void WriteProgress(PooledBytes target, string token, int progress, string? padding = null)
    {
        target.Write("data: "u8);
        using (var writer = new Utf8JsonWriter(target, Unchecked))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc"u8, "2.0"u8);
            writer.WriteString("method"u8, "notifications/progress"u8);
            writer.WriteStartObject("params"u8);
            writer.WritePropertyName("progressToken"u8);
            writer.WriteRawValue(token, skipInputValidation: true);
            writer.WriteNumber("progress"u8, progress);
            writer.WriteString("message"u8, padding ?? "A step further on the way to the result of this call.");
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        target.Write("\n\n"u8);
    }

    /// <summary>An event with the result of a streamed call.</summary>
    public static void WriteEnd(PooledBytes target, long id)
    {
        target.Write("data: "u8);
        WriteAnswer(target, id, writer =>
        {
            writer.WriteStartArray("content"u8);
            writer.WriteStartObject();
            writer.WriteString("type"u8, "text"u8);
            writer.WriteString("text"u8, "done"u8);
            writer.WriteEndObject();
            writer.WriteEndArray();
        });
        target.Write("\n\n"u8);
    }

    public static void WriteAnswer(PooledBytes target, long id, Action<Utf8JsonWriter> result)
    {
        using var writer = new Utf8JsonWriter(target, Unchecked);
        writer.WriteStartObject();
        writer.WriteString("jsonrpc"u8, "2.0"u8);
        writer.WriteNumber("id"u8, id);
        writer.WriteStartObject("result"u8);
        writer.WriteString("resultType"u8, "complete"u8);
        result(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
