using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace McpServerless.Fuzz;

/// <summary>What the upstream sends for one request: pieces of bytes with pauses, and how it ends.</summary>
internal sealed partial record UpstreamScript(IReadOnlyList<byte[]> Pieces, int PauseMilliseconds = 0, bool Endless = false, bool KeepsOpen = false, bool Resets = false)
{
    private static readonly byte[][] Splices =
    [
        Encoding.UTF8.GetBytes("data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n"), Encoding.UTF8.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), [0xf0, 0x9f, 0x98], [0xef, 0xbb, 0xbf],
    ];

    public static UpstreamScript Plain(string json) => new([Json(200, "application/json", Encoding.UTF8.GetBytes(json))]);

    /// <summary>The beginning of a call that goes on, of a task, or of a stream that can be taken up again, as it should be.</summary>
    public static UpstreamScript Rightly(string request, string id)
    {
        if (request.Contains("\"asks\"", StringComparison.Ordinal)) return Plain(Result(id, InputRequired));
        if (request.Contains("\"works\"", StringComparison.Ordinal)) return Plain(Result(id, """{"resultType":"task","taskId":"up-task-1","status":"working","ttlMs":60000,"pollIntervalMs":1000}"""));
        var token = ProgressToken.Match(request) is { Success: true } match ? match.Groups[1].Value : "0";
        return new(
        [
            Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"),
            Encoding.UTF8.GetBytes($$$$$"""id: ev-1{{{{{"\n"}}}}}data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":{{{{{token}}}}},"progress":1}}{{{{{"\n\n"}}}}}data: {{{{{Result(id, """{"content":[]}""")}}}}}{{{{{"\n\n"}}}}}"""),
        ]);
    }

    /// <summary>What comes on a stream beside requests, or on one that is taken up again.</summary>
    public static UpstreamScript Listening(Random random) => random.Next(8) switch
    {
        0 => new([Encoding.ASCII.GetBytes("HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n")]),
        1 => new([Encoding.ASCII.GetBytes("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")]),
        2 => Create(random, "tools/call", "0", null),
        _ => Events(random, Result("\"seven\"", """{"content":[]}"""), "\"seven\"", null),
    };

    public static UpstreamScript Create(Random random, string method, string id, string? progressToken)
    {
        var json = Answer(random, method, id);
        var kind = random.Next(100);
        if (kind is >= 15 and < 45) json = JsonMutator.Mutate(json, random, random.Next(1, 4));
        var body = Encoding.UTF8.GetBytes(json);
        if (kind is >= 45 and < 55) body = ByteMutator.Mutate(body, random, Splices);
        if (kind is >= 55 and < 88) return Events(random, json, id, progressToken);
        return kind switch
        {
            88 => new([Json(JsonMutator.Pick([201, 202, 204, 304, 400, 404, 409, 418, 429, 500, 502, 503, 599, 999], random), "application/json", body)]),
            89 => new([Json(200, JsonMutator.Pick(["text/html", "application/xml", "", "application/json; charset=utf-16", "APPLICATION/JSON", "text/event-stream", ";;;"], random), body)]),
            90 => new([Encoding.ASCII.GetBytes($"HTTP/1.1 {JsonMutator.Pick(["301", "302", "307", "308"], random)} Moved\r\nLocation: http://127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n")]),
            91 => new([Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nX-Long: {new string('x', 40_000)}\r\nContent-Length: {body.Length}\r\n\r\n"), body]),
            92 => new([Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length + 10}\r\n\r\n"), body]),
            93 => new([ByteMutator.Mutate(Json(200, "application/json", body), random, Splices)]),
            94 => new([Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), body]),
            95 => new([], Resets: true),
            96 when random.Next(4) == 0 => new([], KeepsOpen: true),
            97 => new([Json(200, "application/json", Encoding.UTF8.GetBytes($$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"content":[{"type":"text","text":"{{{{{new string('x', 300_000)}}}}}"}]}}"""))]),
            98 => new([Encoding.ASCII.GetBytes("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"), Json(200, "application/json", body)]),
            99 when random.Next(4) == 0 => new([.. body.Take(200).Select(b => new[] { b }).Prepend(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n"))], PauseMilliseconds: 5, KeepsOpen: true),
            _ => new([Json(200, "application/json", body)]),
        };
    }

    private const string InputRequired = """{"resultType":"input_required","requestState":"up-state-1","inputRequests":{"who":{"method":"elicitation/create","params":{"message":"Who?","requestedSchema":{"type":"object","properties":{"name":{"type":"string"}}}}}}}""";

    private static string Result(string id, string result) => $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{{{{{result}}}}}}""";

    private static string Answer(Random random, string method, string id) => method switch
    {
        _ when random.Next(6) == 0 => OfTool(random, id),
        "prompts/get" => Result(id, random.Next(4) == 0 ? InputRequired : """{"resultType":"complete","messages":[{"role":"user","content":{"type":"text","text":"x"}},{"role":"assistant","content":{"type":"resource","resource":{"uri":"fuzz://one","text":"y"}}}]}"""),
        "resources/read" => Result(id, """{"resultType":"complete","ttlMs":5,"cacheScope":"public","contents":[{"uri":"fuzz://one","text":"x"},{"uri":"fuzz://one/b","blob":"AAAA","mimeType":"x/y"}]}"""),
        "completion/complete" => Result(id, """{"resultType":"complete","completion":{"values":["a","b"],"total":2,"hasMore":false}}"""),
        "tasks/get" => Result(id, JsonMutator.Pick(
        [
            """{"resultType":"complete","taskId":"up-task-1","status":"working","ttlMs":1000}""",
            """{"resultType":"complete","taskId":"up-task-1","status":"completed","result":{"content":[],"structuredContent":{"n":1.25}}}""",
            """{"resultType":"complete","taskId":"up-task-1","status":"input_required","inputRequests":{"who":{"method":"roots/list"}}}""",
            """{"resultType":"complete","taskId":"up-task-1","status":"failed","error":{"code":-1,"message":"no"}}""",
        ], random)),
        "tools/call" when random.Next(5) == 0 => Result(id, random.Next(2) == 0 ? InputRequired : """{"resultType":"task","taskId":"up-task-2","status":"working"}"""),
        "tools/call" => OfTool(random, id),
        "subscriptions/listen" => Result(id, """{"resultType":"complete","_meta":{"io.modelcontextprotocol/subscriptionId":1}}"""),
        _ => Result(id, """{"resultType":"complete"}"""),
    };

    private static string OfTool(Random random, string id)
    {
        var structured = random.Next(3) switch
        {
            0 => $$$$$"""{"n":1.25,"count":6,"text":"abc","tree":{"next":{"n":0.3}},"list":[1,{"a":1}]}""",
            1 => $$$$$"""{"n":{{{{{JsonMutator.AnyValue(random)}}}}},"count":{{{{{JsonMutator.AnyValue(random)}}}}},"text":{{{{{JsonMutator.AnyValue(random)}}}}},"tree":{"next":{"n":{{{{{JsonMutator.AnyValue(random)}}}}}}},"list":[1,1.0,{{{{{JsonMutator.AnyValue(random)}}}}}],"kind":{{{{{JsonMutator.AnyValue(random)}}}}}}""",
            _ => JsonMutator.AnyValue(random),
        };
        return random.Next(8) switch
        {
            0 => $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"error":{"code":-32002,"message":"not here","data":{"uri":"x"}}}""",
            1 => $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"error":{"code":{{{{{JsonMutator.Pick(["-32020", "-32603", "7", "1.5", "1e2", "99999999999", "-32700"], random)}}}}},"message":"no"}}""",
            2 => $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"content":[{"type":"text","text":"failed"}],"isError":true,"resultType":"complete"}}""",
            3 => $$$$$"""{"jsonrpc":"2.0","id":{{{{{JsonMutator.AnyValue(random)}}}}},"result":{"content":[]}}""",
            _ => $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"content":[{"type":"text","text":"ok"},{"type":"resource_link","uri":"x://y","name":"z"},{"type":"x-unknown","big":1e999}],"structuredContent":{{{{{structured}}}}},"resultType":"complete","_meta":{"vendor/key":[1,2.0],"io.modelcontextprotocol/serverInfo":{"name":"inner"}}}}""",
        };
    }

    private static UpstreamScript Events(Random random, string json, string id, string? progressToken)
    {
        var text = new StringBuilder();
        var end = JsonMutator.Pick(["\n", "\n", "\r\n", "\r"], random);
        for (var i = random.Next(0, 6); i > 0; i--)
        {
            var piece = random.Next(13) switch
            {
                0 => $": comment {new string('c', random.Next(50))}{end}",
                1 => $"id: {random.Next()}{end}retry: 1{end}data:{end}{end}",
                2 => $"event: other{end}data: {Corpus.Samples[0].Json}{end}{end}",
                3 => $$$$$"""data: {"jsonrpc":"2.0","id":"srv-1","method":"{{{{{JsonMutator.Pick(["ping", "sampling/createMessage", "", "roots/list", "elicitation/create"], random)}}}}}"}{{{{{end}}}}}{{{{{end}}}}}""",
                4 => $"retry: {JsonMutator.Pick(["x", "-1", "99999999999999999999", "1e3", "9223372036854775807"], random)}{end}nofield{end}data{end}{end}",
                5 => $"id: a\0b{end}:{end}{end}{end}",
                6 => $"data: {JsonMutator.Mutate("""{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"error","logger":"x","data":{"a":1.50}}}""", random, random.Next(3))}{end}id: m{i}{end}{end}",
                7 => $"data: {JsonMutator.Mutate("""{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"fuzz://one","_meta":{"io.modelcontextprotocol/subscriptionId":9}}}""", random, random.Next(3))}{end}{end}",
                8 => $"data: {JsonMutator.Mutate($$$$$"""{"jsonrpc":"2.0","id":{{{{{i.ToString(CultureInfo.InvariantCulture)}}}}},"method":"elicitation/create","params":{"message":"Who?","requestedSchema":{"type":"object","properties":{"name":{"type":"string"} } } } }""", random, random.Next(2))}{end}{end}",
                9 => $"data: {JsonMutator.Mutate("""{"jsonrpc":"2.0","method":"notifications/tasks","params":{"taskId":"up-task-1","status":"completed","result":{}}}""", random, random.Next(2))}{end}{end}",
                _ => $"data: {JsonMutator.Mutate($$$$$"""{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":{{{{{progressToken ?? "1"}}}}},"progress":{{{{{i.ToString(CultureInfo.InvariantCulture)}}}}},"total":9,"message":"at"}}""", random, random.Next(2))}{end}{end}",
            };
            text.Append(piece);
        }

        if (random.Next(6) != 0)
        {
            var message = random.Next(4) == 0 ? JsonMutator.Mutate(json, random, 2) : json;
            // A line break between tokens becomes a line of data of its own.
            if (random.Next(3) == 0) message = message.Replace(",\"", $",{end}data:\"", StringComparison.Ordinal);
            text.Append("event: message").Append(end).Append("data: ").Append(message).Append(end).Append(random.Next(10) == 0 ? "" : end);
        }

        if (random.Next(10) == 0) text.Append($"data: {{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{\"content\":[]}}}}{end}{end}");
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        if (random.Next(5) == 0 && bytes.Length > 0) bytes = ByteMutator.Mutate(bytes, random, Splices);
        var head = Encoding.ASCII.GetBytes($"HTTP/1.1 {(random.Next(20) == 0 ? "500 No" : "200 OK")}\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
        if (random.Next(40) == 0) return new([head, bytes], Endless: true);
        if (random.Next(60) == 0) return new([head, bytes], KeepsOpen: true);
        return random.Next(5) == 0
            ? new([head, .. bytes.Chunk(Math.Max(1, bytes.Length / 8))], PauseMilliseconds: 5)
            : new([head, bytes], Resets: random.Next(12) == 0);
    }

    private static byte[] Json(int status, string contentType, byte[] body) =>
        [.. Encoding.ASCII.GetBytes($"HTTP/1.1 {status} X\r\nContent-Type: {contentType}\r\nMcp-Session-Id: up-session\r\nSet-Cookie: up=1\r\nContent-Length: {body.Length}\r\n\r\n"), .. body];

    [GeneratedRegex("\"progressToken\":(\"[^\"]*\"|-?[0-9]+)")]
    private static partial Regex ProgressToken { get; }
}
