using System.Text.Json;

namespace McpServerless.Protocol;

/// <summary>The id of a JSON-RPC request: an integer or a text, and 7 is not "7".</summary>
public readonly record struct RpcId
{
    private readonly long _number;
    private readonly string? _text;

    public RpcId(long number) => _number = number;

    public RpcId(string text) => _text = text;

    /// <summary>The id that an element holds; null for what cannot be one.</summary>
    public static RpcId? Of(JsonElement id) => id.ValueKind switch
    {
        JsonValueKind.String => new RpcId(id.GetString()!),
        JsonValueKind.Number when id.TryGetInt64(out var number) => new RpcId(number),
        _ => null,
    };

    public bool Is(JsonElement id) => _text is null
        ? id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out var number) && number == _number
        : id.ValueKind == JsonValueKind.String && id.ValueEquals(_text);

    public void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name)
    {
        if (_text is null) writer.WriteNumber(name, _number);
        else writer.WriteString(name, _text);
    }

    public JsonElement ToJson()
    {
        using var document = JsonDocument.Parse(_text is null ? _number.ToString(System.Globalization.CultureInfo.InvariantCulture) : $"\"{JsonEncodedText.Encode(_text)}\"");
        return document.RootElement.Clone();
    }

    /// <summary>As a text from which <see cref="FromTag"/> makes the same id again.</summary>
    public string ToTag() => _text is null ? $"n{_number.ToString(System.Globalization.CultureInfo.InvariantCulture)}" : "s" + _text;

    public static RpcId? FromTag(ReadOnlySpan<char> tag)
    {
        if (tag.StartsWith("s", StringComparison.Ordinal)) return new RpcId(tag[1..].ToString());
        return tag.StartsWith("n", StringComparison.Ordinal) && long.TryParse(tag[1..], System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? new RpcId(number)
            : null;
    }
}
