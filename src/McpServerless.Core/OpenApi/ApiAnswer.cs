using System.Buffers;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace McpServerless.OpenApi;

/// <summary>An API's answer as an MCP <c>CallToolResult</c>.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="ContentType">Null where the answer does not say.</param>
/// <param name="Body">As it arrived; empty for none.</param>
internal sealed record ApiAnswer(int Status, MediaTypeHeaderValue? ContentType, ReadOnlyMemory<byte> Body)
{
    private const int MaxDepth = 64;

    private static readonly JsonWriterOptions Unchecked = new() { SkipValidation = true };

    private string MediaType => ContentType?.MediaType ?? "";

    /// <summary>Writes <c>{"result": …}</c>, the message that a tool's server would have answered with.</summary>
    /// <param name="isError">Whether the status is none of the contract's successes.</param>
    /// <param name="resourceUri">Names the content where it is bytes that are neither picture nor sound.</param>
    /// <returns>Null, or why the answer cannot be used.</returns>
    public string? Write(IBufferWriter<byte> target, bool isError, string resourceUri)
    {
        using var json = Body.Length > 0 && RequestBody.IsJson(MediaType) ? StrictJson.Parse(WithoutMark(Body), MaxDepth) : null;
        if (json is null && Body.Length > 0 && RequestBody.IsJson(MediaType) && !isError) return $"HTTP {Status} with a body that is not JSON, or repeats a name";

        using var writer = new Utf8JsonWriter(target, Unchecked);
        writer.WriteStartObject();
        writer.WriteStartObject("result"u8);
        writer.WriteStartArray("content"u8);
        if (isError) WriteText(writer, ProblemText.Describe(Status, json?.RootElement, Readable()));
        else if (json is not null) WriteText(writer, json.RootElement.GetRawText());
        else WriteOther(writer, resourceUri);
        writer.WriteEndArray();
        if (json is not null && !isError)
        {
            writer.WritePropertyName("structuredContent"u8);
            writer.WriteRawValue(json.RootElement.GetRawText(), skipInputValidation: true);
        }

        if (isError) writer.WriteBoolean("isError"u8, true);
        writer.WriteEndObject();
        writer.WriteEndObject();
        return null;
    }

    private void WriteOther(Utf8JsonWriter writer, string resourceUri)
    {
        if (Body.Length == 0)
        {
            WriteText(writer, $"HTTP {Status}, with no content.");
        }
        else if (MediaType.StartsWith("image/", StringComparison.OrdinalIgnoreCase) && !MediaType.Equals("image/svg+xml", StringComparison.OrdinalIgnoreCase))
        {
            WriteBytes(writer, "image"u8);
        }
        else if (MediaType.StartsWith("audio/", StringComparison.OrdinalIgnoreCase))
        {
            WriteBytes(writer, "audio"u8);
        }
        else if (Readable() is { } text)
        {
            WriteText(writer, text);
        }
        else
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "resource"u8);
            writer.WriteStartObject("resource"u8);
            writer.WriteString("uri"u8, resourceUri);
            writer.WriteString("mimeType"u8, MediaType.Length > 0 ? MediaType : "application/octet-stream");
            writer.WriteBase64String("blob"u8, Body.Span);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
    }

    private void WriteBytes(Utf8JsonWriter writer, ReadOnlySpan<byte> type)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        writer.WriteBase64String("data"u8, Body.Span);
        writer.WriteString("mimeType"u8, MediaType);
        writer.WriteEndObject();
    }

    /// <summary>The body as text, where its media type says that it is one and its bytes are of the character set that it names.</summary>
    private string? Readable()
    {
        var isText = RequestBody.IsText(MediaType) || RequestBody.IsJson(MediaType)
            || MediaType.EndsWith("/xml", StringComparison.OrdinalIgnoreCase) || MediaType.EndsWith("+xml", StringComparison.OrdinalIgnoreCase)
            || MediaType is "application/x-ndjson" or "application/jsonl" or "application/yaml" or "application/javascript" or "application/csv";
        if (!isText || Body.Length == 0) return null;
        try
        {
            var charset = ContentType?.CharSet?.Trim('"');
            var encoding = Encoding.GetEncoding(charset is null or "" ? "utf-8" : charset, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
            return encoding.GetString(WithoutMark(Body).Span);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>RFC 8259, section 8.1 lets a reader ignore a byte order mark.</summary>
    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> body) => body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body;

    private static void WriteText(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "text"u8);
        writer.WriteString("text"u8, text);
        writer.WriteEndObject();
    }
}
