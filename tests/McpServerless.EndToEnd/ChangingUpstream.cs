using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using McpServerless.Testing;
using Microsoft.AspNetCore.Http;

namespace McpServerless.EndToEnd;

/// <summary>An MCP server of the modern era whose tools a test changes while it runs; every call is answered with its arguments.</summary>
public sealed class ChangingUpstream : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, string> _tools = new();
    private LoopbackServer? _server;
    private int _lists;
    private int _calls;

    public Uri Endpoint => new(_server!.Url, "mcp");

    public int Lists => Volatile.Read(ref _lists);

    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Answers everything with this status; null while it is up.</summary>
    public int? DownWith { get; set; }

    /// <summary>What every request has to prove itself with; null for nothing.</summary>
    public string? Authorization { get; set; }

    /// <summary>A definition by the name of its tool; null takes it out.</summary>
    public string? this[string tool]
    {
        set
        {
            if (value is null) _tools.TryRemove(tool, out _);
            else _tools[tool] = value;
        }
    }

    public static async Task<ChangingUpstream> StartAsync()
    {
        var upstream = new ChangingUpstream();
        upstream._server = await LoopbackServer.StartAsync(upstream.ServeAsync);
        return upstream;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext http)
    {
        if (DownWith is { } status)
        {
            http.Response.StatusCode = status;
            return;
        }

        if (Authorization is { } wanted && http.Request.Headers.Authorization != wanted)
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        using var message = await JsonDocument.ParseAsync(http.Request.Body);
        var id = message.RootElement.TryGetProperty("id", out var own) ? own.GetRawText() : "0";
        var result = message.RootElement.GetProperty("method").GetString() switch
        {
            "server/discover" => """{"supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"resultType":"complete","ttlMs":0,"cacheScope":"private"}""",
            "tools/list" => List(),
            _ => Call(message.RootElement.GetProperty("params")),
        };
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":{{id}},"result":{{result}}}"""));
    }

    private string List()
    {
        Interlocked.Increment(ref _lists);
        return $$"""{"tools":[{{string.Join(',', _tools.OrderBy(t => t.Key).Select(t => t.Value))}}],"resultType":"complete","ttlMs":0,"cacheScope":"private"}""";
    }

    private string Call(JsonElement parameters)
    {
        Interlocked.Increment(ref _calls);
        var arguments = parameters.GetProperty("arguments").GetRawText();
        return $$"""{"content":[{"type":"text","text":"done"}],"structuredContent":{{arguments}},"resultType":"complete"}""";
    }
}
