using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace McpServerless.EndToEnd;

/// <summary>Speaks MCP byte by byte, so that a test can get anything wrong.</summary>
public sealed class McpWire(Uri endpoint, string? token)
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(30) };

    public const string ModernMeta =
        """
        "io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"wire","version":"1"}
        """;

    /// <summary>A modern tools/call with its headers.</summary>
    public Task<WireAnswer> CallAsync(string tool, string arguments = "{}", string moreMeta = "", CancellationToken ct = default) =>
        PostAsync(
            $$$$$"""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"{{{{{tool}}}}}","arguments":{{{{{arguments}}}}},"_meta":{{{{{{ModernMeta}}}}}{{{{{moreMeta}}}}}}}}""",
            Modern("tools/call", tool), ct);

    /// <summary>A legacy tools/call under a revision.</summary>
    public Task<WireAnswer> LegacyCallAsync(string tool, string arguments = "{}", string revision = "2025-11-25") =>
        PostAsync($$$$$"""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"{{{{{tool}}}}}","arguments":{{{{{arguments}}}}}}}""", new() { ["MCP-Protocol-Version"] = revision });

    public static Dictionary<string, string> Modern(string method, string? name = null)
    {
        var headers = new Dictionary<string, string> { ["MCP-Protocol-Version"] = "2026-07-28", ["Mcp-Method"] = method };
        if (name is not null) headers["Mcp-Name"] = name;
        return headers;
    }

    public Task<WireAnswer> PostAsync(string body, Dictionary<string, string>? headers = null, CancellationToken ct = default) =>
        SendAsync(HttpMethod.Post, new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } }, headers, ct: ct);

    public async Task<WireAnswer> SendAsync(HttpMethod method, HttpContent? content, Dictionary<string, string>? headers = null, string accept = "application/json, text/event-stream", CancellationToken ct = default)
    {
        using var request = new HttpRequestMessage(method, endpoint) { Content = content };
        if (token is not null) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        if (accept.Length > 0) request.Headers.TryAddWithoutValidation("Accept", accept);
        foreach (var (name, value) in headers ?? []) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Http.SendAsync(request, ct);
        var text = await response.Content.ReadAsStringAsync(ct);
        return new WireAnswer((int)response.StatusCode, text, response.Content.Headers.ContentType?.MediaType, response.Headers.ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase));
    }
}

/// <summary>What came back.</summary>
public sealed record WireAnswer(int Status, string Text, string? MediaType, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public JsonElement Result => Json.GetProperty("result");

    public int ErrorCode => Json.GetProperty("error").GetProperty("code").GetInt32();

    /// <summary>The refusal's stable code, wherever the form of the answer has it.</summary>
    public string? Refusal
    {
        get
        {
            var owner = Json.TryGetProperty("error", out var error) ? error.TryGetProperty("data", out var data) ? data : default
                : Json.TryGetProperty("result", out var result) && result.TryGetProperty("_meta", out var meta) ? meta : default;
            return owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty("io.github.mcpserverless/refusal", out var refusal) ? refusal.GetProperty("code").GetString() : null;
        }
    }

    /// <summary>The messages of an event stream.</summary>
    public IReadOnlyList<JsonElement> Events =>
        [.. Text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(e => string.Concat(e.Split('\n').Where(l => l.StartsWith("data:", StringComparison.Ordinal)).Select(l => l[5..].Trim())))
            .Where(d => d.Length > 0).Select(d => JsonDocument.Parse(d).RootElement)];
}
