using System.Text.Json;
using System.Text.Json.Nodes;

namespace McpServerless.Cli.Gateway;

/// <summary>A request to the management API.</summary>
/// <param name="Path">Below <c>/manage/</c>, escaped where it has to be.</param>
internal sealed record GatewayCall(string Method, string Path, JsonNode? Body = null)
{
    /// <summary>The ETag of what is changed; null for none, <c>*</c> for whatever it is now.</summary>
    public string? IfMatch { get; init; }

    public static GatewayCall Post(string path, params ReadOnlySpan<(string Name, JsonNode? Value)> members) => new("POST", path, BodyOf(members));

    public static GatewayCall Put(string path, params ReadOnlySpan<(string Name, JsonNode? Value)> members) => new("PUT", path, BodyOf(members));

    /// <summary>A name as a segment of a path.</summary>
    public static string Segment(string name) => Uri.EscapeDataString(name);

    private static JsonObject BodyOf(ReadOnlySpan<(string Name, JsonNode? Value)> members)
    {
        var body = new JsonObject();
        foreach (var (name, value) in members)
        {
            if (value is not null) body[name] = value;
        }

        return body;
    }
}

/// <summary>What the gateway answered.</summary>
internal sealed record GatewayAnswer(int Status, JsonElement Body, string? ETag)
{
    public bool Succeeded => Status is >= 200 and < 300;

    /// <summary>Whether trying again later can help, or another token, and nothing about the request itself.</summary>
    public bool IsOutage => Status is 401 or 408 or 429 or >= 500;

    /// <summary>What the gateway says is wrong, in lines for a person.</summary>
    public IEnumerable<string> Problem()
    {
        var code = JsonMembers.Text(Body, "code");
        yield return code is null ? $"the gateway answered {Status}" : $"{JsonMembers.Text(Body, "detail")} ({code})";
        foreach (var error in JsonMembers.Member(Body, "errors") is { ValueKind: JsonValueKind.Array } errors ? errors.EnumerateArray().Select(e => e.ToString()) : []) yield return $"  {error}";
    }
}
