using System.Text.Json;

namespace McpServerless.Http.Mcp;

/// <summary>One JSON-RPC message; it borrows the memory of the body that it came in.</summary>
internal sealed class McpMessage(JsonElement root)
{
    private static readonly JsonElement NoParams = JsonDocument.Parse("{}").RootElement;

    public JsonElement Root => root;

    /// <summary>Member <c>method</c>; null in a response.</summary>
    public string? Method { get; private set; }

    /// <summary>Member <c>id</c>; undefined in a notification.</summary>
    public JsonElement Id { get; private set; }

    /// <summary>Member <c>params</c>; an empty object where there is none.</summary>
    public JsonElement Params { get; private set; } = NoParams;

    /// <summary>Member <c>params._meta</c>; undefined where there is none.</summary>
    public JsonElement Meta => Params.TryGetProperty("_meta"u8, out var meta) ? meta : default;

    public bool IsNotification => Id.ValueKind == JsonValueKind.Undefined;

    /// <summary>A text member of <c>_meta</c> or of an object in it; null where it is missing or no text.</summary>
    public string? MetaText(string key) => Text(Meta, key);

    public static string? Text(JsonElement owner, string key) => JsonMembers.Text(owner, key);

    /// <summary>Reads the envelope (JSON-RPC 2.0, section 4); null when it is right.</summary>
    public ProtocolError? ReadEnvelope()
    {
        if (Root.ValueKind == JsonValueKind.Array) return Invalid("A batch is not served here");
        if (Root.ValueKind != JsonValueKind.Object) return Invalid("A message is a JSON object");
        var hasId = Root.TryGetProperty("id"u8, out var id);
        if (hasId)
        {
            if (id.ValueKind != JsonValueKind.String && !(id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out _))) return Invalid("id must be a string or an integer");
            Id = id;
        }

        if (Text(Root, "jsonrpc") != "2.0") return Invalid("jsonrpc must be \"2.0\"");
        if (!Root.TryGetProperty("method"u8, out var method))
        {
            return hasId && (Root.TryGetProperty("result"u8, out _) || Root.TryGetProperty("error"u8, out _)) ? null : Invalid("method is missing");
        }

        if (method.ValueKind != JsonValueKind.String) return Invalid("method must be a string");
        Method = method.GetString();
        if (!Root.TryGetProperty("params"u8, out var parameters)) return null;
        if (parameters.ValueKind != JsonValueKind.Object) return new ProtocolError(400, ToolCalls.RefusalCode.InvalidRequest, "params must be an object");
        Params = parameters;
        return null;
    }

    private static ProtocolError Invalid(string message) => new(400, ToolCalls.RefusalCode.InvalidRequest, message);
}
