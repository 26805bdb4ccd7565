using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace McpServerless.Fuzz;

/// <summary>An upstream that answers with whatever its script says, byte by byte. It finds the number of the exchange in the arguments.</summary>
internal sealed partial class FuzzUpstream : IAsyncDisposable
{
    private static readonly string[] Secrets = ["eyJ", Exchange.Cookie, Exchange.Session, "\nauthorization:", "\ncookie:", "traceparent", "\nmcp-session-id: cfdj8", "\nlast-event-id: cfdj8"];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<int, (string Request, UpstreamScript Script)> _served = new();
    private readonly int _seed;
    private int _others;
    private int _calls;
    private Task _accepting = Task.CompletedTask;

    private FuzzUpstream(int seed) => _seed = seed;

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>Requests that carried something of the caller's own, with what it was.</summary>
    public ConcurrentQueue<(string Secret, string Request)> Leaks { get; } = new();

    public int Calls => Volatile.Read(ref _calls);

    public static FuzzUpstream Start(int seed)
    {
        var upstream = new FuzzUpstream(seed);
        upstream._listener.Start(256);
        upstream._accepting = upstream.AcceptAsync();
        return upstream;
    }

    /// <summary>What the upstream got and gave for an exchange; null when it was not asked, or not told which one it was.</summary>
    public (string Request, UpstreamScript Script)? Of(int number) => _served.TryGetValue(number, out var served) ? served : null;

    /// <summary>Lets go what nobody will ask for.</summary>
    public void Forget(int number) => _served.TryRemove(number, out _);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It was told to end.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                client.NoDelay = true;
                await using var stream = client.GetStream();
                while (await ReadRequestAsync(stream) is { } request)
                {
                    foreach (var secret in Secrets.Where(s => request.Contains(s, StringComparison.OrdinalIgnoreCase))) Leaks.Enqueue((secret, request));
                    var script = Choose(request);
                    if (!await PlayAsync(client, stream, script)) return;
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The gateway hung up, as it should on most of this.
        }
    }

    private UpstreamScript Choose(string request)
    {
        var id = Id.Match(request) is { Success: true } match ? match.Groups[1].Value : "0";
        var random = new Random(unchecked((_seed * 31) + Interlocked.Increment(ref _others)));
        if (request.StartsWith("GET ", StringComparison.Ordinal)) return UpstreamScript.Listening(random);
        if (request.StartsWith("DELETE ", StringComparison.Ordinal)) return new([Encoding.ASCII.GetBytes($"HTTP/1.1 {JsonMutator.Pick(["200", "204", "404", "405", "500"], random)} X\r\n{(random.Next(9) == 0 ? "" : "Content-Length: 0\r\n")}Connection: close\r\n\r\n")]);
        if (request.Contains("\"plain\":1", StringComparison.Ordinal)) return UpstreamScript.Rightly(request, id);
        if (request.Contains("\"method\":\"server/discover\"", StringComparison.Ordinal))
        {
            var old = request.StartsWith("POST /old", StringComparison.Ordinal);
            var json = old
                ? $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"error":{"code":-32601,"message":"Method not found"}}"""
                : $$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"supportedVersions":["2026-07-28"],"capabilities":{"tools":{},"prompts":{},"resources":{"subscribe":true},"completions":{},"logging":{},"extensions":{"io.modelcontextprotocol/tasks":{}}},"resultType":"complete","ttlMs":0,"cacheScope":"private"}}""";
            return random.Next(30) == 0 ? UpstreamScript.Create(random, "", id, null) : UpstreamScript.Plain(json);
        }

        if (request.Contains("\"method\":\"initialize\"", StringComparison.Ordinal))
        {
            return random.Next(30) == 0
                ? UpstreamScript.Create(random, "", id, null)
                : UpstreamScript.Plain($$$$$"""{"jsonrpc":"2.0","id":{{{{{id}}}}},"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{},"prompts":{},"resources":{"subscribe":true},"completions":{},"logging":{}},"serverInfo":{"name":"inner","version":"1"}}}""");
        }

        var method = Method.Match(request) is { Success: true } named ? named.Groups[1].Value : "";
        if (method.Length == 0 || method.StartsWith("notifications/", StringComparison.Ordinal))
        {
            return random.Next(30) == 0 ? UpstreamScript.Create(random, "", id, null) : new([Encoding.ASCII.GetBytes("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")]);
        }

        Interlocked.Increment(ref _calls);
        if (Plan.Match(request) is not { Success: true } plan || !int.TryParse(plan.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return UpstreamScript.Create(random, method, id, id);
        var script = UpstreamScript.Create(new Random(unchecked((_seed * 7_919) + number)), method, id, TokenOf(request) ?? id);
        _served[number] = (request, script);
        return script;
    }

    /// <returns>Whether the connection can be used again.</returns>
    private async Task<bool> PlayAsync(TcpClient client, NetworkStream stream, UpstreamScript script)
    {
        foreach (var piece in script.Pieces)
        {
            await stream.WriteAsync(piece, _stop.Token);
            if (script.PauseMilliseconds > 0) await Task.Delay(script.PauseMilliseconds, _stop.Token);
        }

        if (script.Endless)
        {
            var more = Encoding.ASCII.GetBytes(": more\n\n" + string.Concat(Enumerable.Repeat("data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{}}\n\n", 20)));
            while (true)
            {
                await stream.WriteAsync(more, _stop.Token);
                await Task.Delay(2, _stop.Token);
            }
        }

        if (script.KeepsOpen)
        {
            var nothing = new byte[1];
            _ = await stream.ReadAsync(nothing, _stop.Token);
            return false;
        }

        if (script.Resets) client.LingerState = new LingerOption(true, 0);
        return script is { Pieces.Count: 1, Resets: false };
    }

    private async Task<string?> ReadRequestAsync(NetworkStream stream)
    {
        var bytes = new List<byte>();
        var buffer = new byte[8192];
        while (true)
        {
            var count = await stream.ReadAsync(buffer, _stop.Token);
            if (count == 0) return null;
            bytes.AddRange(buffer.AsSpan(0, count));
            var text = Encoding.Latin1.GetString([.. bytes]);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0 && !text.StartsWith("POST ", StringComparison.Ordinal)) return text;
            if (end >= 0 && Length.Match(text) is { Success: true } length && bytes.Count - end - 4 >= int.Parse(length.Groups[1].Value, CultureInfo.InvariantCulture)) return text;
        }
    }

    [GeneratedRegex("\"id\":(-?\\d+|\"[a-z0-9-]+\")")]
    private static partial Regex Id { get; }

    private static string? TokenOf(string request) => Token.Match(request) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex("\"method\":\"([^\"]+)\"")]
    private static partial Regex Method { get; }

    [GeneratedRegex("\"progressToken\":(-?\\d+|\"[a-z0-9-]+\")")]
    private static partial Regex Token { get; }

    [GeneratedRegex("(?:\"plan\":\"?|fuzz://plan/|fuzz://old/)(\\d+)")]
    private static partial Regex Plan { get; }

    [GeneratedRegex("content-length: (\\d+)", RegexOptions.IgnoreCase)]
    private static partial Regex Length { get; }
}
