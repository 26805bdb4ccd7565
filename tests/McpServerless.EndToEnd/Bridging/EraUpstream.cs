using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using McpServerless.Testing;
using Microsoft.AspNetCore.Http;

namespace McpServerless.EndToEnd.Bridging;

/// <summary>An MCP server of one era, whose answers a test writes, and which keeps what it was sent.</summary>
public sealed class EraUpstream : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Func<EraRequest, Task>> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<EraMessage> _received = new();
    private readonly bool _modern;
    private LoopbackServer? _server;
    private int _sessionCount;

    private EraUpstream(bool modern) => _modern = modern;

    public Uri Endpoint => new(_server!.Url, "mcp");

    /// <summary>What <c>server/discover</c> or <c>initialize</c> names.</summary>
    public string Capabilities { get; set; } = "{\"tools\":{},\"prompts\":{},\"resources\":{\"subscribe\":true},\"completions\":{},\"logging\":{}}";

    /// <summary>How a legacy one answers a request of a session that it does not know.</summary>
    public Func<EraRequest, Task> UnknownSession { get; set; } = static request => request.StatusAsync(404, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32001,\"message\":\"Session not found\"}}");

    public IReadOnlyCollection<EraMessage> Received => _received;

    public static async Task<EraUpstream> StartAsync(bool modern)
    {
        var upstream = new EraUpstream(modern);
        upstream._server = await LoopbackServer.StartAsync(upstream.ServeAsync);
        return upstream;
    }

    /// <summary>Says how requests of a method about a subject are answered from now on; <c>GET</c> and <c>DELETE</c> are methods, too.</summary>
    public void On(string method, string subject, Func<EraRequest, Task> answer) => _answers[$"{method} {subject}"] = answer;

    /// <summary>The same with a result, to which a modern one adds its type where the text has none.</summary>
    public void Results(string method, string subject, string result) => On(method, subject, request => request.ResultAsync(Typed(result)));

    public void Fails(string method, string subject, string error, int status = 200) => On(method, subject, request => request.ErrorAsync(error, status));

    /// <summary>Waits for a message that fits, among those that came already, too.</summary>
    public async Task<EraMessage> ReceivedAsync(Func<EraMessage, bool> fits, string what)
    {
        for (var attempt = 0; attempt < 400; attempt++)
        {
            if (_received.FirstOrDefault(fits) is { } message) return message;
            await Task.Delay(25);
        }

        throw new InvalidOperationException($"The upstream was never sent {what}. It got:\n{string.Join('\n', _received)}");
    }

    /// <summary>The newest message of a method about a subject.</summary>
    public EraMessage Last(string method, string subject) => _received.Last(m => m.Method == method && m.Subject == subject);

    /// <summary>Goes back to the answer <c>ok</c> for everything.</summary>
    public void Reset() => _answers.Clear();

    /// <summary>Ends all sessions as a restart would.</summary>
    public void ForgetSessions() => _sessions.Clear();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }

    private string Typed(string result) => _modern && !result.Contains("\"resultType\"", StringComparison.Ordinal) ? "{\"resultType\":\"complete\"," + result.TrimStart()[1..] : result;

    private async Task ServeAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var message = new EraMessage(http.Request.Method, http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), await reader.ReadToEndAsync());
        var request = new EraRequest(http, message);
        _received.Enqueue(message);
        var session = message.Headers.GetValueOrDefault("Mcp-Session-Id");
        if (_modern && message.Headers.GetValueOrDefault("MCP-Protocol-Version") != "2026-07-28")
        {
            await request.StatusAsync(400, "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32022,\"message\":\"Unsupported\",\"data\":{\"supported\":[\"2026-07-28\"],\"requested\":\"older\"}}}");
        }
        else if (!_modern && message.Method == "server/discover")
        {
            await request.StatusAsync(400, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32000,\"message\":\"Bad Request: No valid session ID provided\"}}");
        }
        else if (message.Method == "initialize")
        {
            var id = $"up-{Interlocked.Increment(ref _sessionCount)}";
            _sessions[id] = true;
            http.Response.Headers["Mcp-Session-Id"] = id;
            await request.ResultAsync($$$$$"""{"protocolVersion":"{{{{{message.Params.GetProperty("protocolVersion").GetString()}}}}}","capabilities":{{{{{Capabilities}}}}},"serverInfo":{"name":"upstream-secret-name","version":"1"}}""");
        }
        else if (!_modern && (session is null || !_sessions.ContainsKey(session)))
        {
            await UnknownSession(request);
        }
        else if (message.Method == "server/discover")
        {
            await request.ResultAsync($$$$$"""{"supportedVersions":["2026-07-28"],"capabilities":{{{{{Capabilities}}}}},"resultType":"complete","ttlMs":0,"cacheScope":"private"}""");
        }
        else
        {
            await AnswerAsync(request, message, session);
        }
    }

    private async Task AnswerAsync(EraRequest request, EraMessage message, string? session)
    {
        if (_answers.TryGetValue($"{message.Method} {message.Subject}", out var answer)) await answer(request);
        else if (message.Http == "DELETE") await request.StatusAsync(_sessions.TryRemove(session!, out _) ? 200 : 404, "");
        else if (message.Http == "GET") await request.StatusAsync(405, "");
        else if (message.Id is null) await request.StatusAsync(202, "");
        else await request.ResultAsync(Typed("{\"content\":[{\"type\":\"text\",\"text\":\"ok\"}]}"));
    }
}

/// <summary>What an upstream was sent.</summary>
public sealed record EraMessage(string Http, IReadOnlyDictionary<string, string> Headers, string Body)
{
    private static readonly JsonElement None = JsonDocument.Parse("{}").RootElement;

    /// <summary>The message; an empty object where there is none.</summary>
    public JsonElement Json { get; } = Body.Length > 0 ? JsonDocument.Parse(Body).RootElement : None;

    /// <summary>The MCP method; the HTTP method where there is no message; <c>response</c> for one.</summary>
    public string Method => Json.TryGetProperty("method", out var method) ? method.GetString()! : Body.Length > 0 ? "response" : Http;

    /// <summary>The id as it is written; null for a notification.</summary>
    public string? Id => Json.TryGetProperty("id", out var id) ? id.GetRawText() : null;

    public JsonElement Params => Json.TryGetProperty("params", out var parameters) ? parameters : None;

    /// <summary>The name, URI or task that it is about.</summary>
    public string Subject => Text(Params, "name") ?? Text(Params, "uri") ?? Text(Params, "taskId") ?? (Params.TryGetProperty("ref", out var reference) ? Text(reference, "name") ?? Text(reference, "uri") : null) ?? "";

    private static string? Text(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>One request that an upstream has to answer.</summary>
public sealed class EraRequest(HttpContext http, EraMessage message)
{
    public HttpContext Http => http;

    public EraMessage Message => message;

    /// <summary>Completed when whoever called hung up.</summary>
    public Task HungUpAsync()
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        http.RequestAborted.Register(() => gone.TrySetResult());
        return gone.Task;
    }

    public Task ResultAsync(string result) => EndAsync(200, $$$$$"""{"jsonrpc":"2.0","id":{{{{{message.Id}}}}},"result":{{{{{result}}}}}}""");

    public Task ErrorAsync(string error, int status = 200) => EndAsync(status, $$$$$"""{"jsonrpc":"2.0","id":{{{{{message.Id}}}}},"error":{{{{{error}}}}}}""");

    /// <summary>Begins a stream, or goes on with it.</summary>
    public async Task EventAsync(string data, string? id = null)
    {
        if (!http.Response.HasStarted) http.Response.ContentType = "text/event-stream";
        await http.Response.WriteAsync((id is null ? "" : $"id: {id}\nretry: 10\n") + (data.Length > 0 ? $"event: message\ndata: {data}\n\n" : "data: \n\n"));
        await http.Response.Body.FlushAsync();
    }

    public async Task StatusAsync(int status, string body)
    {
        http.Response.StatusCode = status;
        if (body.Length == 0) return;
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body));
    }

    private Task EndAsync(int status, string text) => http.Response.HasStarted ? EventAsync(text) : StatusAsync(status, text);
}
