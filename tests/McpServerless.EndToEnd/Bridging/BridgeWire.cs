using System.Text;
using System.Text.Json;

namespace McpServerless.EndToEnd.Bridging;

/// <summary>Speaks MCP of either era, byte by byte, to one virtual server as one client.</summary>
public sealed class BridgeWire(Uri endpoint, string token)
{
    public const string AllCapabilities = """{"elicitation":{"form":{},"url":{}},"sampling":{},"roots":{},"extensions":{"io.modelcontextprotocol/tasks":{}}}""";

    private readonly McpWire _wire = new(endpoint, token);

    /// <summary>A modern request.</summary>
    /// <param name="method">The method.</param>
    /// <param name="members">The members of <c>params</c> without braces and without <c>_meta</c>.</param>
    /// <param name="capabilities">What the agent declares.</param>
    /// <param name="meta">More members of <c>_meta</c>, each after a comma.</param>
    public Task<WireAnswer> ModernAsync(string method, string members, string capabilities = "{}", string meta = "") =>
        _wire.PostAsync(
            $$$$$"""{"jsonrpc":"2.0","id":"m-1","method":"{{{{{method}}}}}","params":{{{{{{(members.Length > 0 ? members + "," : "")}}}}}"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{{{{{capabilities}}}}}{{{{{meta}}}}}}}}""",
            McpWire.Modern(method, NameIn(method, members)));

    public Task<WireAnswer> ModernCallAsync(string tool, string more = "", string capabilities = "{}", string meta = "") =>
        ModernAsync("tools/call", $"\"name\":\"{tool}\"{more}", capabilities, meta);

    /// <summary>Opens a session; what comes back has its id.</summary>
    public async Task<LegacySession> OpenAsync(string capabilities = "{}", string revision = "2025-11-25")
    {
        var answer = await PostInitializeAsync(capabilities, revision);
        Assert.Equal(200, answer.Status);
        var session = new LegacySession(_wire, endpoint, token, answer.Headers["Mcp-Session-Id"], revision, answer.Result);
        Assert.Equal(202, (await session.PostAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""")).Status);
        return session;
    }

    public Task<WireAnswer> PostInitializeAsync(string capabilities = "{}", string revision = "2025-11-25") =>
        _wire.PostAsync($$$$$"""{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"{{{{{revision}}}}}","capabilities":{{{{{capabilities}}}}},"clientInfo":{"name":"wire","version":"1"}}}""");

    /// <summary>A session whose id came from elsewhere.</summary>
    public LegacySession Session(string id, string revision = "2025-11-25") => new(_wire, endpoint, token, id, revision, default);

    public static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private static string? NameIn(string method, string members)
    {
        if (method is not ("tools/call" or "prompts/get" or "resources/read" or "tasks/get" or "tasks/update" or "tasks/cancel")) return null;
        using var parsed = JsonDocument.Parse("{" + members + "}");
        var root = parsed.RootElement;
        return root.TryGetProperty("name", out var name) && method is "tools/call" or "prompts/get" ? root.GetProperty("name").GetString()
            : root.TryGetProperty("uri", out var uri) ? uri.GetString()
            : root.GetProperty("taskId").GetString();
    }
}

/// <summary>A session of the older era.</summary>
public sealed class LegacySession(McpWire wire, Uri endpoint, string token, string id, string revision, JsonElement initialized)
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler()) { Timeout = TimeSpan.FromSeconds(60) };

    public string Id => id;

    /// <summary>The result of <c>initialize</c>.</summary>
    public JsonElement Initialized => initialized;

    public Task<WireAnswer> PostAsync(string body) => wire.PostAsync(body, Headers());

    public Task<WireAnswer> RequestAsync(string method, string members = "", int requestId = 7) =>
        PostAsync($$$$$"""{"jsonrpc":"2.0","id":{{{{{requestId}}}}},"method":"{{{{{method}}}}}","params":{{{{{{members}}}}}}}""");

    public Task<WireAnswer> CallAsync(string tool, string more = "", int requestId = 7) => RequestAsync("tools/call", $"\"name\":\"{tool}\"{more}", requestId);

    public Task<WireAnswer> DeleteAsync() => wire.SendAsync(HttpMethod.Delete, null, Headers());

    public Task<WireAnswer> GetAsync(string? lastEventId = null)
    {
        var headers = Headers();
        if (lastEventId is not null) headers["Last-Event-ID"] = lastEventId;
        return wire.SendAsync(HttpMethod.Get, null, headers);
    }

    /// <summary>Sends a request and comes back with the response as soon as it begins; the caller reads it, or hangs up by disposing it.</summary>
    public async Task<HttpResponseMessage> BeginAsync(string body, CancellationToken ct = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        foreach (var (name, value) in Headers()) request.Headers.TryAddWithoutValidation(name, value);
        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
    }

    private Dictionary<string, string> Headers() => new() { ["Mcp-Session-Id"] = id, ["MCP-Protocol-Version"] = revision };
}
