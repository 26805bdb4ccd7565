using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace McpServerless.Fuzz;

/// <summary>What came back. <see cref="Status"/> is 0 when the connection ended without an answer.</summary>
internal sealed record RawAnswer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body, bool IsComplete)
{
    public static readonly RawAnswer None = new(0, new Dictionary<string, string>(), [], false);

    public string? MediaType => Headers.TryGetValue("content-type", out var type) ? type.Split(';')[0].Trim() : null;

    public string Text => Encoding.UTF8.GetString(Body);
}

/// <summary>Sends bytes as they are and reads one HTTP/1.1 answer.</summary>
internal static class RawClient
{
    /// <returns>Null when the time was over.</returns>
    public static async Task<RawAnswer?> SendAsync(Exchange exchange, int port, TimeSpan limit, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        over.CancelAfter(limit);
        using var client = new TcpClient { NoDelay = true };
        try
        {
            await client.ConnectAsync("127.0.0.1", port, over.Token);
            await using var stream = client.GetStream();
            var sending = WriteAsync(client, stream, exchange, over.Token);
            if (exchange.HangsUp)
            {
                await sending;
                client.LingerState = new LingerOption(true, 0);
                return RawAnswer.None;
            }

            var answer = await ReadAsync(stream, exchange.Bytes.AsSpan().StartsWith("HEAD "u8), over.Token);
            await sending;
            return answer;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return RawAnswer.None;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task WriteAsync(TcpClient client, NetworkStream stream, Exchange exchange, CancellationToken ct)
    {
        try
        {
            await stream.WriteAsync(exchange.Bytes, ct);
            if (exchange.HalfCloses) client.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // It need not hear all of it to refuse it.
        }
    }

    private static async Task<RawAnswer> ReadAsync(NetworkStream stream, bool isHead, CancellationToken ct)
    {
        var received = new List<byte>();
        var buffer = new byte[16384];
        var head = -1;
        var headers = new Dictionary<string, string>();
        var status = 0;
        while (true)
        {
            int count;
            try
            {
                count = await stream.ReadAsync(buffer, ct);
            }
            catch (IOException)
            {
                count = 0;
            }

            received.AddRange(buffer.AsSpan(0, count));
            if (head < 0)
            {
                head = EndOfHead(received);
                if (head >= 0)
                {
                    (status, headers) = ParseHead(Encoding.Latin1.GetString([.. received.Take(head)]));
                    received.RemoveRange(0, head + 4);
                    if (status is >= 100 and < 200)
                    {
                        head = -1;
                        continue;
                    }
                }
            }

            if (head >= 0 && isHead) return new RawAnswer(status, headers, [], true);
            if (head >= 0 && BodyOf(status, headers, received) is { } body) return new RawAnswer(status, headers, body, true);
            if (count == 0) return status < 200 ? RawAnswer.None : new RawAnswer(status, headers, [.. received], false);
        }
    }

    private static int EndOfHead(List<byte> bytes)
    {
        for (var i = 0; i + 3 < bytes.Count; i++)
        {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n' && bytes[i + 2] == '\r' && bytes[i + 3] == '\n') return i;
        }

        return -1;
    }

    private static (int Status, Dictionary<string, string> Headers) ParseHead(string head)
    {
        var lines = head.Split("\r\n");
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0) headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        return (int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), headers);
    }

    /// <summary>Null while there is more to come.</summary>
    private static byte[]? BodyOf(int status, Dictionary<string, string> headers, List<byte> received)
    {
        if (status is 204 or 304) return [];
        if (headers.TryGetValue("content-length", out var length))
        {
            var wanted = int.Parse(length, CultureInfo.InvariantCulture);
            return received.Count >= wanted ? [.. received.Take(wanted)] : null;
        }

        if (!headers.TryGetValue("transfer-encoding", out _)) return null;
        var body = new List<byte>();
        for (var at = 0; ;)
        {
            var end = at;
            while (end + 1 < received.Count && !(received[end] == '\r' && received[end + 1] == '\n')) end++;
            if (end + 1 >= received.Count) return null;
            var size = int.Parse(Encoding.ASCII.GetString([.. received.Skip(at).Take(end - at)]), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0) return [.. body];
            if (end + 2 + size + 2 > received.Count) return null;
            body.AddRange(received.Skip(end + 2).Take(size));
            at = end + 2 + size + 2;
        }
    }
}
