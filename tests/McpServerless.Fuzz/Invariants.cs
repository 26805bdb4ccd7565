using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace McpServerless.Fuzz;

/// <summary>What must hold for every answer, whatever was sent.</summary>
internal static partial class Invariants
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    // The endpoint's own, and those with which the server in front of it refuses what is not HTTP (400, 408, 411, 414, 505).
    private static readonly int[] Statuses = [200, 202, 400, 401, 403, 404, 405, 406, 408, 411, 413, 414, 415, 431, 503, 505];

    private const string UpstreamSession = "up-session";

    private static readonly string[] Streamed =
    [
        "notifications/progress", "notifications/message", "notifications/resources/updated", "notifications/tasks", "notifications/subscriptions/acknowledged", "notifications/elicitation/complete",
        "elicitation/create", "sampling/createMessage", "roots/list",
    ];

    /// <summary>The refusal's code for the table, or the JSON-RPC code, or nothing.</summary>
    public static string Describe(RawAnswer answer)
    {
        if (answer.Status == 0) return "no answer";
        if (Refusal.Match(answer.Text) is { Success: true } match) return match.Groups[1].Value;
        if (Error.Match(answer.Text) is { Success: true } error) return error.Groups[1].Value;
        return answer.MediaType switch { "text/event-stream" => "stream", "application/json" => "json", _ => "-" };
    }

    public static IEnumerable<string> Check(Exchange exchange, RawAnswer answer)
    {
        if (answer.Status == 0)
        {
            if (exchange.IsFramed && !exchange.HangsUp) yield return "the connection ended without an answer to a whole request";
            yield break;
        }

        if (!Statuses.Contains(answer.Status)) yield return $"HTTP {answer.Status} is not a status of the endpoint";
        if (answer.Status == 503 && !answer.Text.Contains("audit_unavailable", StringComparison.Ordinal) && !answer.Text.Contains("state_unavailable", StringComparison.Ordinal)) yield return "503 without a named refusal";
        if (Internals.Match(answer.Text) is { Success: true } shown) yield return $"the body shows the inside: {shown.Value}";
        if (answer.Text.Contains("internal_error", StringComparison.Ordinal)) yield return "internal_error: an unforeseen fault";
        if (exchange.IsFramed && !answer.IsComplete) yield return "the answer broke off";
        if (answer.Headers.ContainsKey("set-cookie") || (answer.Headers.TryGetValue("mcp-session-id", out var session) && !session.StartsWith("CfDJ8", StringComparison.Ordinal))) yield return "a header of the upstream reached the caller";
        if (answer.Text.Contains(UpstreamSession, StringComparison.Ordinal)) yield return "the upstream's own session id reached the caller";
        switch (answer.MediaType)
        {
            case "application/json" when answer.Body.Length > 0:
                foreach (var fault in CheckMessage(exchange, answer.Body, answer.Status, isLast: true)) yield return fault;
                break;
            case "text/event-stream":
                foreach (var fault in CheckEvents(exchange, answer)) yield return fault;
                break;
        }
    }

    private static List<string> CheckEvents(Exchange exchange, RawAnswer answer)
    {
        var faults = new List<string>();
        var events = SseParser.Create(new MemoryStream(answer.Body)).Enumerate().ToArray();
        if (answer.Status != 200) faults.Add($"an event stream on HTTP {answer.Status}");
        if (events.Length == 0 && !exchange.IsGet) faults.Add("an event stream without an event");
        for (var i = 0; i < events.Length; i++) faults.AddRange(CheckMessage(exchange, Encoding.UTF8.GetBytes(events[i].Data), 200, isLast: i == events.Length - 1));
        return faults;
    }

    private static List<string> CheckMessage(Exchange exchange, byte[] json, int status, bool isLast)
    {
        if (Read(json) is not { } message) return ["the answer is not JSON that can be read"];
        if (message.ValueKind == JsonValueKind.Array && Read(exchange.Body) is { ValueKind: JsonValueKind.Array }) return [.. message.EnumerateArray().SelectMany(m => CheckMessage(exchange, Encoding.UTF8.GetBytes(m.GetRawText()), status, isLast: true))];
        if (message.ValueKind != JsonValueKind.Object) return ["the answer is not an object"];
        if (message.TryGetProperty("resource", out _) || message.TryGetProperty("status", out _)) return []; // Metadata and health are no MCP.
        var faults = new List<string>();
        if (!message.TryGetProperty("jsonrpc", out var version) || version.GetString() != "2.0") faults.Add("jsonrpc is not 2.0");
        var hasResult = message.TryGetProperty("result", out var result);
        var hasError = message.TryGetProperty("error", out var error);
        if (message.TryGetProperty("method", out var method))
        {
            if (isLast && !exchange.IsGet) faults.Add("a stream that ends without its response");
            if (!Streamed.Contains(method.GetString())) faults.Add($"a message of method {method.GetString()} that does not belong there");
            // The upstream behind is part of the id, so that the answer finds its way.
            if (message.TryGetProperty("id", out var asked) && !Asked.IsMatch(asked.GetRawText())) faults.Add("a request to the client under an id that is not the gateway's");
            return faults;
        }

        if (!isLast) faults.Add("a response before the end of the stream");
        if (hasResult == hasError) faults.Add("neither result nor error, or both");
        if (hasResult && (result.ValueKind != JsonValueKind.Object || status != 200)) faults.Add($"a result of kind {result.ValueKind} on HTTP {status}");
        if (hasError && (error.ValueKind != JsonValueKind.Object || !error.TryGetProperty("code", out var code) || !code.TryGetInt64(out _) || !error.TryGetProperty("message", out var text) || text.ValueKind != JsonValueKind.String)) faults.Add("an error without an integer code and a text");
        CheckId(exchange, message, hasResult, faults);
        return faults;
    }

    private static void CheckId(Exchange exchange, JsonElement message, bool hasResult, List<string> faults)
    {
        var hasId = message.TryGetProperty("id", out var id);
        if (!hasId)
        {
            if (hasResult) faults.Add("a result without an id");
            return;
        }

        if (id.ValueKind is not (JsonValueKind.String or JsonValueKind.Number)) faults.Add($"an id of kind {id.ValueKind}");
        else if (exchange is { IsFramed: true, IsGet: false } && !IdsOf(exchange.Body).Contains(id.GetRawText())) faults.Add("an id that the request does not have");
    }

    private static IEnumerable<string> IdsOf(byte[] body) =>
        from request in Read(body) switch { { ValueKind: JsonValueKind.Array } batch => batch.EnumerateArray().ToArray(), { } one => [one], null => [] }
        where request.ValueKind == JsonValueKind.Object && request.TryGetProperty("id", out _)
        select request.GetProperty("id").GetRawText();

    private static JsonElement? Read(byte[] json)
    {
        try
        {
            return JsonDocument.Parse(json, Strict).RootElement;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    [GeneratedRegex("\"io.github.mcpserverless/refusal\":\\{\"code\":\"([a-z_]+)\"")]
    private static partial Regex Refusal { get; }

    [GeneratedRegex("^\"[0-9]+:[ns]")]
    private static partial Regex Asked { get; }

    [GeneratedRegex("\"error\":\\{\"code\":(-?\\d+)")]
    private static partial Regex Error { get; }

    [GeneratedRegex(@"   at [A-Z]\w+\.|System\.[A-Z]\w+|Microsoft\.[A-Z]\w+|McpServerless\.[A-Z]\w+|\w+Exception\b|\.cs:line")]
    private static partial Regex Internals { get; }
}
