using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using McpServerless.Testing;
using Microsoft.AspNetCore.Http;

namespace McpServerless.EndToEnd;

/// <summary>An MCP server of the modern era that does what the name of the tool says, and keeps what it was sent.</summary>
public sealed class ScriptedUpstream : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _calls = new();
    private readonly ConcurrentQueue<string> _received = new();
    private LoopbackServer? _server;

    public Uri Endpoint => new(_server!.Url, "mcp");

    /// <summary>Completed when the tool <c>wait-for-hang-up</c> saw its caller go.</summary>
    public TaskCompletionSource HungUp { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completed when the tool <c>wait-for-hang-up</c> was called.</summary>
    public TaskCompletionSource Called { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Of the messages of the tool <c>pours</c>, how many were sent when the next one was not taken any more; all of them when each was.</summary>
    public TaskCompletionSource<int> HeldBackAfter { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many messages the tool <c>pours</c> sends before its result, of 32 KiB each.</summary>
    public const int PouredMessages = 3000;

    /// <summary>Everything that arrived, headers and bodies.</summary>
    public IReadOnlyCollection<string> Received => _received;

    public int CallsOf(string tool) => _calls.GetValueOrDefault(tool);

    public static async Task<ScriptedUpstream> StartAsync()
    {
        var upstream = new ScriptedUpstream();
        upstream._server = await LoopbackServer.StartAsync(upstream.ServeAsync);
        return upstream;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync();
        _received.Enqueue(string.Join('\n', http.Request.Headers.Select(h => $"{h.Key}: {h.Value}")) + "\n\n" + body);
        using var message = JsonDocument.Parse(body);
        var id = message.RootElement.TryGetProperty("id", out var own) ? own.GetRawText() : "0";
        if (message.RootElement.GetProperty("method").GetString() == "server/discover")
        {
            await JsonAsync(http, $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"resultType":"complete","ttlMs":0,"cacheScope":"private"}}""");
            return;
        }

        var parameters = message.RootElement.GetProperty("params");
        var tool = parameters.GetProperty("name").GetString()!;
        _calls.AddOrUpdate(tool, 1, (_, count) => count + 1);
        await ActAsync(http, tool, id, parameters);
    }

    private async Task ActAsync(HttpContext http, string tool, string id, JsonElement parameters)
    {
        switch (tool)
        {
            case "echo-raw":
                var arguments = parameters.TryGetProperty("arguments", out var given) ? given.GetRawText() : "null";
                await JsonAsync(http, $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"content":[{"type":"text","text":"ok"},{"type":"x-unknown","big":123456789012345678901234567890,"tiny":1E-400}],"resultType":"complete","x-vendor":{"n":1.50},"_meta":{"vendor.example/key":[1,2.0]},"echo":{{{{{arguments}}}}}}}""");
                break;
            case "hang":
                await WaitAsync(http);
                break;
            case "wait-for-hang-up":
                Called.TrySetResult();
                await WaitAsync(http);
                HungUp.TrySetResult();
                break;
            case "html":
                http.Response.ContentType = "text/html";
                await http.Response.WriteAsync("<html><body>Sign in at host-secret.internal</body></html>");
                break;
            case "html-500":
                http.Response.StatusCode = 500;
                http.Response.ContentType = "text/html";
                await http.Response.WriteAsync("stack trace at host-secret.internal");
                break;
            case "redirect":
                http.Response.Redirect("http://127.0.0.1:1/elsewhere");
                break;
            case "sse-breaks-off":
                http.Response.ContentType = "text/event-stream";
                await http.Response.WriteAsync("event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{}}\n\n");
                await http.Response.Body.FlushAsync();
                http.Abort();
                break;
            case "sse-ends-early":
                http.Response.ContentType = "text/event-stream";
                await http.Response.WriteAsync(": comment\r\n\r\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\ndata: \"method\":\"notifications/x\"}\n\n");
                break;
            case "progress":
                await ProgressAsync(http, id, parameters);
                break;
            case "breaks-contract":
                await JsonAsync(http, $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"content":[],"structuredContent":{"count":"secret-value"},"resultType":"complete"}}""");
                break;
            case "keeps-contract":
                await JsonAsync(http, $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"content":[],"structuredContent":{"count":7},"resultType":"complete"}}""");
                break;
            case "structured-array":
                await JsonAsync(http, $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"content":[],"structuredContent":[1,2.50],"resultType":"complete"}}""");
                break;
            case "link":
                await JsonAsync(http, $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"content":[{"type":"resource_link","uri":"test://thing","name":"thing"}],"structuredContent":{"a":1},"resultType":"complete","ttlMs":5}}""");
                break;
            case "pours":
                await PourAsync(http, id, parameters);
                break;
            case "own-error":
                await JsonAsync(http, $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"content":[{"type":"text","text":"no such order"}],"isError":true,"resultType":"complete"}}""");
                break;
            case "json-rpc-error":
                await JsonAsync(http, $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"error":{"code":-32002,"message":"not here","data":{"uri":"x"}}}""");
                break;
            case "wrong-id":
                await JsonAsync(http, """{"jsonrpc":"2.0","id":999999999,"result":{"content":[]}}""");
                break;
            case "not-json":
                await JsonAsync(http, "{\"jsonrpc\":");
                break;
            case "duplicate-names":
                await JsonAsync(http, $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"content":[],"content":[]}}""");
                break;
            case "half-a-surrogate":
                await JsonAsync(http, $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"content":[],"\ud800":1}}""");
                break;
            case "half-a-surrogate-alone":
                await JsonAsync(http, $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"content":[],"_meta":{"\ud800":1}}}""");
                break;
            case "error-with-odd-code":
                await JsonAsync(http, $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"error":{"code":1.5,"message":"no"}}""");
                break;
            case "error-without-message":
                await JsonAsync(http, $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"error":{"code":7}}""");
                break;
            case "no-content":
                await JsonAsync(http, $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"resultType":"complete"}}""");
                break;
            case "unknown-result-type":
                await JsonAsync(http, $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"content":[],"resultType":"x-other"}}""");
                break;
            case "ten-megabytes":
                await JsonAsync(http, $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"content":[{"type":"text","text":"{{{{{new string('x', 10_000_000)}}}}}"}]}}""");
                break;
            case "ten-megabytes-sse":
                http.Response.ContentType = "text/event-stream";
                await http.Response.WriteAsync("data: {\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"");
                for (var i = 0; i < 100 && !http.RequestAborted.IsCancellationRequested; i++) await http.Response.WriteAsync(new string('x', 100_000));
                await http.Response.WriteAsync("\"}]}}\n\n");
                break;
            default:
                await JsonAsync(http, $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"content":[{"type":"text","text":"{{{{{tool}}}}}"}],"resultType":"complete"}}""");
                break;
        }
    }

    private static async Task ProgressAsync(HttpContext http, string id, JsonElement parameters)
    {
        var token = parameters.GetProperty("_meta").GetProperty("progressToken").GetRawText();
        http.Response.ContentType = "text/event-stream";
        for (var i = 1; i <= 3; i++)
        {
            await http.Response.WriteAsync($$$$$"""data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":{{{{{token}}}}},"progress":{{{{{i}}}}},"total":3,"x-more":true}}""" + "\n\n");
            await http.Response.Body.FlushAsync();
        }

        // Neither of these belongs to the request; a governed stream does not let them through.
        await http.Response.WriteAsync("""data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"other","progress":9}}""" + "\n\n");
        await http.Response.WriteAsync("""data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}""" + "\n\n");
        await http.Response.WriteAsync($$$$$"""data: {"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"content":[{"type":"text","text":"done"}],"resultType":"complete"}}""" + "\n\n");
    }

    private async Task PourAsync(HttpContext http, string id, JsonElement parameters)
    {
        var token = parameters.GetProperty("_meta").GetProperty("progressToken").GetRawText();
        var padding = new string('x', 32 * 1024);
        http.Response.ContentType = "text/event-stream";
        for (var i = 1; i <= PouredMessages; i++)
        {
            var sending = SendAsync($$$$$"""data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":{{{{{token}}}}},"progress":{{{{{i}}}}},"message":"{{{{{padding}}}}}"}}""" + "\n\n");
            // Nothing hangs on how long this is: whoever waits gets the count, and the sending goes on once it is taken.
            if (await Task.WhenAny(sending, Task.Delay(TimeSpan.FromSeconds(2))) != sending) HeldBackAfter.TrySetResult(i - 1);
            await sending;
        }

        HeldBackAfter.TrySetResult(PouredMessages);
        await SendAsync($$$$$"""data: {"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"content":[{"type":"text","text":"done"}],"resultType":"complete"}}""" + "\n\n");

        async Task SendAsync(string text)
        {
            await http.Response.WriteAsync(text, http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
    }

    private static async Task WaitAsync(HttpContext http)
    {
        var gone = new TaskCompletionSource();
        await using var _ = http.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    }

    private static async Task JsonAsync(HttpContext http, string json)
    {
        http.Response.ContentType = "application/json";
        var bytes = Encoding.UTF8.GetBytes(json);
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes);
    }
}
