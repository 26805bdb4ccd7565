using System.Globalization;
using System.Text;

namespace McpServerless.Fuzz;

/// <summary>One request as it goes over the wire. The same seed and number always make the same one, but for the times of tokens and the keys of seals.</summary>
internal sealed record Exchange
{
    public const string Cookie = "fuzz-cookie-5d0c";
    public const string Session = "fuzz-session-9b1e";

    public required int Number { get; init; }

    public required byte[] Bytes { get; init; }

    public required byte[] Body { get; init; }

    /// <summary>Whether the head came through whole, so that the body's id is the request's.</summary>
    public required bool IsFramed { get; init; }

    /// <summary>Hangs up at once instead of waiting for the answer.</summary>
    public required bool HangsUp { get; init; }

    /// <summary>Ends its own side after the last byte.</summary>
    public required bool HalfCloses { get; init; }

    public static string AgentOf(int number) => string.Create(CultureInfo.InvariantCulture, $"fz{number}z");

    /// <summary>Whether it asks for a stream that need not hold a response.</summary>
    public bool IsGet { get; private init; }

    public static Exchange Create(int seed, int number, IReadOnlyList<string?> badTokens, string goodToken, SealedTexts seals, string address)
    {
        var random = new Random(unchecked((seed * 1_000_003) + number));
        var sample = JsonMutator.Pick(Corpus.Samples, random);
        if (sample.IsHeld && random.Next(3) != 0) sample = JsonMutator.Pick(Corpus.Samples, random);
        var json = seals.Fill(sample.Json, random);
        var headers = Headers(sample, seals, random);
        var token = goodToken;
        var path = $"/servers/{FuzzState.Server}/mcp";
        var verb = sample.Verb;
        var kind = random.Next(100);
        if (sample.Verb != "POST" && kind is (>= 20 and < 63) or (>= 84 and < 96)) kind = 63;
        if (kind is >= 20 and < 55) json = JsonMutator.Mutate(json, random, random.Next(1, 4));
        else if (kind is >= 55 and < 63) json = ChangeWords(json, headers, random);
        else if (kind is >= 63 and < 75) ChangeHeaders(headers, random);
        else if (kind is >= 75 and < 80) token = JsonMutator.Pick(badTokens, random);
        else if (kind is >= 80 and < 84) (verb, path) = ChangeTarget(path, random);
        json = json.Replace(Corpus.Plan, number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        var body = Encoding.UTF8.GetBytes(json);
        if (kind is >= 84 and < 96) body = ByteMutator.Mutate(body, random, Splices);
        if (random.Next(300) == 0) body = [.. body, .. Encoding.ASCII.GetBytes(new string(' ', 1_100_000))];

        if (token is not null) headers.Insert(random.Next(headers.Count + 1), ("Authorization", (random.Next(20) == 0 ? "bearer " : "Bearer ") + token));
        var head = new StringBuilder($"{verb} {path} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: {AgentOf(number)}\r\n");
        foreach (var (name, value) in headers) head.Append(name).Append(": ").Append(value).Append("\r\n");
        var (bytes, framed) = sample.Verb == "POST" ? Frame(head.ToString(), body, kind >= 96, random) : (Join(head + "\r\n", []), kind is < 63 or (>= 75 and < 84));
        return new Exchange { Number = number, Bytes = bytes, Body = body, IsFramed = framed, IsGet = verb == "GET", HangsUp = random.Next(sample.IsHeld ? 4 : 60) == 0, HalfCloses = !framed && random.Next(2) == 0 };
    }

    private static byte[][] Splices { get; } = [.. Corpus.Samples.Select(s => Encoding.UTF8.GetBytes(s.Json))];

    private static List<(string Name, string Value)> Headers(Sample sample, SealedTexts seals, Random random)
    {
        var headers = new List<(string, string)> { ("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream") };
        if (sample.Revision is not null) headers.Add(("MCP-Protocol-Version", sample.Revision));
        if (sample.Method is not null) headers.Add(("Mcp-Method", sample.Method));
        var subject = sample.Name is null ? null : seals.Fill(sample.Name, random);
        if (subject is not null) headers.Add(("Mcp-Name", random.Next(5) == 0 ? $"=?base64?{Convert.ToBase64String(Encoding.UTF8.GetBytes(subject))}?=" : subject));
        if (sample.Name is "mirrors") headers.AddRange([("Mcp-Param-Region", "eu"), ("Mcp-Param-Count", random.Next(2) == 0 ? "3" : "3.0")]);
        if (random.Next(4) == 0) headers.Add(("Cookie", $"a={Cookie}"));
        if (sample.HasSession && seals.SessionOf(sample.Revision, sample.Verb == "DELETE", random) is { } session) headers.Add(("Mcp-Session-Id", session));
        else if (random.Next(12) == 0) headers.Add(("Mcp-Session-Id", Session));
        if (random.Next(8) == 0) headers.Add(("traceparent", random.Next(2) == 0 ? "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" : "00-zz-\t-01"));
        if (random.Next(sample.Verb == "GET" ? 2 : 20) == 0) headers.Add(("Last-Event-ID", random.Next(4) == 0 ? "1" : seals.EventOf(random)));
        return headers;
    }

    /// <summary>Other methods, names and versions, in the body alone or in its headers too.</summary>
    private static string ChangeWords(string json, List<(string Name, string Value)> headers, Random random)
    {
        var both = random.Next(2) == 0;
        switch (random.Next(4))
        {
            case 0:
                var method = JsonMutator.Pick(Corpus.Methods, random);
                foreach (var old in Corpus.Methods.Where(m => m.Length > 0)) json = json.Replace($"\"method\":\"{old}\"", $"\"method\":\"{method}\"", StringComparison.Ordinal);
                if (both) Set(headers, "Mcp-Method", method);
                return json;
            case 1:
                var tool = JsonMutator.Pick(Corpus.Names, random);
                foreach (var old in FuzzState.Resources) json = json.Replace($"\"uri\":\"{old}\"", $"\"uri\":\"{tool.Replace("\u0000", "\\u0000", StringComparison.Ordinal)}\"", StringComparison.Ordinal);
                foreach (var old in FuzzState.Tools.Concat(FuzzState.Prompts)) json = json.Replace($"\"name\":\"{old}\"", $"\"name\":\"{tool.Replace("\u0000", "\\u0000", StringComparison.Ordinal)}\"", StringComparison.Ordinal);
                if (both) Set(headers, "Mcp-Name", $"=?base64?{Convert.ToBase64String(Encoding.UTF8.GetBytes(tool))}?=");
                return json;
            case 2:
                var version = JsonMutator.Pick(Corpus.Versions, random);
                if (both) Set(headers, "MCP-Protocol-Version", JsonMutator.Pick(Corpus.Versions, random));
                return json.Replace("2026-07-28", version, StringComparison.Ordinal).Replace("2025-11-25", version, StringComparison.Ordinal);
            default:
                var id = JsonMutator.AnyValue(random);
                return json.Replace("\"id\":7", $"\"id\":{id}", StringComparison.Ordinal).Replace("\"id\":\"seven\"", $"\"id\":{id}", StringComparison.Ordinal);
        }
    }

    private static void Set(List<(string Name, string Value)> headers, string name, string value)
    {
        headers.RemoveAll(h => h.Name == name);
        headers.Add((name, value));
    }

    private static void ChangeHeaders(List<(string Name, string Value)> headers, Random random)
    {
        for (var times = random.Next(1, 4); times > 0 && headers.Count > 0; times--)
        {
            var at = random.Next(headers.Count);
            var (name, value) = headers[at];
            switch (random.Next(13))
            {
                case 0: headers.RemoveAt(at); break;
                case 1: headers.Add((name, value)); break;
                case 2: headers.Add((name, JsonMutator.Pick(Corpus.Versions, random))); break;
                case 3: headers[at] = (name.ToUpperInvariant(), value); break;
                case 4: headers[at] = (name, value.ToUpperInvariant()); break;
                case 5: headers[at] = (name, $"\t {value} \t"); break;
                case 6: headers[at] = (name, new string('x', random.Next(100, random.Next(2) == 0 ? 2000 : 40_000))); break;
                case 7: headers[at] = (name, JsonMutator.Pick(["=?base64?b2s?=", "=?base64?!!?=", "=?BASE64?b2s=?=", "=?base64?/////w==?=", "=?base64??=", "=?base64?YQBi?=", "=?base64?YQ==", "?="], random)); break;
                case 8: headers[at] = (name, value + "\r\n X-Folded: 1"); break;
                case 9: headers[at] = (name, value + JsonMutator.Pick(["\rX: 1", "\nX: 1", "\0", "\u007f", "\u00e9", "\u0100"], random)); break;
                case 10: headers.Add((JsonMutator.Pick(["Origin", "X-Forwarded-Host", "Forwarded", "Expect", "Upgrade", "Connection", "Content-Encoding", "Range", "X-HTTP-Method-Override", "Content-Type", "Accept"], random), JsonMutator.Pick(["null", "https://evil.example", "100-continue", "websocket", "gzip", "bytes=0-1", "DELETE", "*/*", "text/html;q=0", "application/json;charset=utf-16"], random))); break;
                case 11: headers.Add(($"Mcp-Param-{JsonMutator.Pick(["Region", "Count", "count", "Other"], random)}", JsonMutator.Pick(["eu", "3", "3.00", "1e999", "", "=?base64?ZXU=?="], random))); break;
                default:
                    for (var i = random.Next(50, 200); i > 0; i--) headers.Add(($"X-{i}", "1"));
                    break;
            }
        }
    }

    private static (string Verb, string Path) ChangeTarget(string path, Random random) =>
        (JsonMutator.Pick(["POST", "POST", "GET", "DELETE", "PUT", "HEAD", "OPTIONS", "post", "TRACE", "PATCH"], random),
        JsonMutator.Pick(
        [
            path, path, $"{path}/", $"{path}?access_token=abc", $"{path}?a=%00&b[]=%ff", "/servers/other/mcp", "/servers/%20/mcp", "/servers/%0d%0aX:1/mcp", "/servers/%ff%fe/mcp", "/servers/fuzz%2fmcp/mcp",
            $"/servers/{new string('s', 3000)}/mcp", "/servers/%ed%a0%80/mcp", "/servers/\"quoted\"/mcp", "/servers/%22%5c/mcp", "/SERVERS/FUZZ/MCP", "/servers/fuzz/../fuzz/mcp", "/servers//mcp", "//servers/fuzz/mcp", "/", "/readyz", "/admin/host",
            "/.well-known/oauth-protected-resource/servers/%22/mcp", "/.well-known/oauth-protected-resource", "*", "http://evil.example/servers/fuzz/mcp", "/servers/fuzz/mcp#x", "/servers/fu\tzz/mcp",
        ], random));

    /// <summary>Puts head and body together, right or wrong.</summary>
    private static (byte[] Bytes, bool IsFramed) Frame(string head, byte[] body, bool wrong, Random random)
    {
        if (!wrong) return random.Next(10) == 0 ? (Join($"{head}Transfer-Encoding: chunked\r\n\r\n", Chunked(body, random)), true) : (Join($"{head}Content-Length: {body.Length}\r\n\r\n", body), true);
        switch (random.Next(11))
        {
            case 0: return (Join($"{head}Content-Length: {body.Length + random.Next(1, 2000)}\r\n\r\n", body), false);
            case 1: return (Join($"{head}Content-Length: {random.Next(body.Length)}\r\n\r\n", body), false);
            case 2: return (Join($"{head}Content-Length: {body.Length}\r\nTransfer-Encoding: chunked\r\n\r\n", Chunked(body, random)), false);
            case 3: return (Join($"{head}Content-Length: {body.Length}\r\nContent-Length: {body.Length + 1}\r\n\r\n", body), false);
            case 4: return (Join($"{head}Content-Length: {JsonMutator.Pick(["-1", "x", "99999999999999999999", "0x10", "", "+5", "2147483648"], random)}\r\n\r\n", body), false);
            case 5: return (Join($"{head}Transfer-Encoding: {JsonMutator.Pick(["gzip", "chunked, gzip", "identity", "xchunked", "chunked\t"], random)}\r\n\r\n", Chunked(body, random)), false);
            case 6: return (Join($"{head}Transfer-Encoding: chunked\r\n\r\n", Encoding.ASCII.GetBytes("zz\r\n{}\r\n0\r\n\r\n")), false);
            case 7: return (Join($"{head}Transfer-Encoding: chunked\r\n\r\n", Chunked(body, random)[..^3]), false);
            case 8: return (Join($"{head}\r\n", body), false);
            case 9:
                var whole = Join($"{head}Content-Length: {body.Length}\r\n\r\n", body);
                return (whole[..random.Next(1, whole.Length)], false);
            default:
                var bytes = Join($"{head}Content-Length: {body.Length}\r\n\r\n", body);
                return (ByteMutator.Mutate(bytes, random, Splices), false);
        }
    }

    private static byte[] Join(string head, byte[] body) => [.. Encoding.UTF8.GetBytes(head), .. body];

    private static byte[] Chunked(byte[] body, Random random)
    {
        var bytes = new List<byte>();
        for (var at = 0; at < body.Length;)
        {
            var size = Math.Min(random.Next(1, body.Length > 100_000 ? 60_000 : 400), body.Length - at);
            bytes.AddRange(Encoding.ASCII.GetBytes($"{size:x}{(random.Next(10) == 0 ? ";ext=1" : "")}\r\n"));
            bytes.AddRange(body[at..(at + size)]);
            bytes.AddRange("\r\n"u8);
            at += size;
        }

        bytes.AddRange("0\r\n\r\n"u8);
        return [.. bytes];
    }
}
