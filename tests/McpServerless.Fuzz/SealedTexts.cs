using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace McpServerless.Fuzz;

/// <summary>What the gateway sealed for the client before the run, so that requests can bring it back, whole or changed.</summary>
internal sealed partial record SealedTexts
{
    public static readonly SealedTexts None = new();

    /// <summary>Ids of sessions by revision, several of each: one of them may be ended on the way.</summary>
    public ILookup<string, string> Sessions { get; private init; } = Array.Empty<string>().ToLookup(s => s);

    public string State { get; private init; } = "none";

    public string Task { get; private init; } = "none";

    public string Cursor { get; private init; } = "none";

    public string Event { get; private init; } = "none";

    /// <exception cref="InvalidOperationException">The gateway did not give out what the run needs.</exception>
    public static async Task<SealedTexts> CollectAsync(Uri endpoint, string token, CancellationToken ct)
    {
        using var http = new HttpClient();
        var sessions = new List<(string Revision, string Id)>();
        foreach (var revision in Enumerable.Repeat(new[] { "2025-11-25", "2025-06-18", "2025-03-26" }, 20).SelectMany(r => r))
        {
            using var opened = await SendAsync($$$$"""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"{{{{revision}}}}","capabilities":{"sampling":{},"elicitation":{},"roots":{}},"clientInfo":{"name":"fuzz","version":"1"}}}""", null, null, null, null);
            sessions.Add((revision, opened.Headers.GetValues("Mcp-Session-Id").Single()));
        }

        var asked = await TextAsync($$$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"asks","arguments":{"plain":1},"_meta":{{{{{Corpus.Meta}}}}}}}""", "2026-07-28", "tools/call", "asks");
        var begun = await TextAsync($$$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"works","arguments":{"plain":1},"_meta":{{{{{Corpus.Meta}}}}}}}""", "2026-07-28", "tools/call", "works");
        var listed = await TextAsync($$$$"""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{{{{{Corpus.Meta}}}}}}}""", "2026-07-28", "tools/list", null);
        // Now and then an upstream opens no session, as it does during the run; then the next one is asked.
        var streamed = "";
        foreach (var (_, id) in sessions.Where(s => s.Revision == "2025-11-25"))
        {
            streamed = await TextAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"old-any","arguments":{"plain":1},"_meta":{"progressToken":1}}}""", "2025-11-25", null, null, id);
            if (EventId.IsMatch(streamed)) break;
        }

        return new SealedTexts
        {
            Sessions = sessions.ToLookup(s => s.Revision, s => s.Id),
            State = Find(RequestState, asked),
            Task = Find(TaskId, begun),
            Cursor = Find(NextCursor, listed),
            Event = Find(EventId, streamed),
        };

        async Task<string> TextAsync(string json, string? revision, string? method, string? name, string? session = null)
        {
            using var response = await SendAsync(json, revision, method, name, session);
            return await response.Content.ReadAsStringAsync(ct);
        }

        async Task<HttpResponseMessage> SendAsync(string json, string? revision, string? method, string? name, string? session)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new StringContent(json, new MediaTypeHeaderValue("application/json")) };
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
            request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
            foreach (var (header, value) in new[] { ("MCP-Protocol-Version", revision), ("Mcp-Method", method), ("Mcp-Name", name), ("Mcp-Session-Id", session) })
            {
                if (value is not null) request.Headers.TryAddWithoutValidation(header, value);
            }

            return await http.SendAsync(request, ct);
        }
    }

    /// <summary>Puts the sealed texts where a sample has marks for them; now and then with a character changed, missing or added, or one for another.</summary>
    public string Fill(string text, Random random)
    {
        if (!text.Contains('@', StringComparison.Ordinal)) return text;
        foreach (var (mark, value) in new[] { ("@state@", State), ("@task@", Task), ("@cursor@", Cursor) })
        {
            if (text.Contains(mark, StringComparison.Ordinal)) text = text.Replace(mark, Change(value, random), StringComparison.Ordinal);
        }

        return text;
    }

    /// <param name="revision">The revision that was negotiated.</param>
    /// <param name="toEnd">Whether it is to be ended: only a few are given up for that, so that the others last.</param>
    /// <param name="random">What is drawn from.</param>
    public string? SessionOf(string? revision, bool toEnd, Random random)
    {
        var own = Sessions[revision ?? "2025-03-26"].ToArray();
        var given = toEnd ? own[..Math.Min(5, own.Length)] : own[Math.Min(5, own.Length)..];
        return given.Length > 0 ? Change(JsonMutator.Pick(given, random), random) : null;
    }

    public string EventOf(Random random) => Change(Event, random);

    private string Change(string value, Random random)
    {
        var at = random.Next(value.Length);
        return random.Next(20) switch
        {
            0 => value[..at] + (value[at] == 'A' ? 'B' : 'A') + value[(at + 1)..],
            1 => value[..at],
            2 => value + "A",
            3 => value.ToUpperInvariant(),
            4 => JsonMutator.Pick([State, Task, Cursor, Event, .. Sessions["2025-11-25"].Take(1)], random),
            5 => new string('A', random.Next(1, 20_000)),
            _ => value,
        };
    }

    private static string Find(Regex pattern, string text) =>
        pattern.Match(text) is { Success: true } match ? match.Groups[1].Value : throw new InvalidOperationException($"The gateway sealed nothing: {text[..Math.Min(600, text.Length)]}");

    [GeneratedRegex("\"requestState\":\"([^\"]+)\"")]
    private static partial Regex RequestState { get; }

    [GeneratedRegex("\"taskId\":\"([^\"]+)\"")]
    private static partial Regex TaskId { get; }

    [GeneratedRegex("\"nextCursor\":\"([^\"]+)\"")]
    private static partial Regex NextCursor { get; }

    [GeneratedRegex("(?m)^id: (.+)$")]
    private static partial Regex EventId { get; }
}
