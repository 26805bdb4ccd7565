using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace McpServerless.Benchmarks.Driver;

/// <summary>One keep-alive connection on a blocking socket: the cheapest client that still looks at its answers.</summary>
internal sealed class CallConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 30_000 };
    private readonly byte[] _buffer = new byte[16 * 1024];

    public CallConnection(Uri server) => _socket.Connect(IPAddress.Loopback, server.Port);

    /// <summary>Sends a request and reads its whole answer.</summary>
    /// <returns>Null when it was right, else what was wrong.</returns>
    /// <exception cref="SocketException">The connection broke.</exception>
    public string? Call(byte[] request, ReadOnlySpan<byte> expected)
    {
        for (var sent = 0; sent < request.Length;) sent += _socket.Send(request, sent, request.Length - sent, SocketFlags.None);
        var length = 0;
        while (length < _buffer.Length)
        {
            var count = _socket.Receive(_buffer, length, _buffer.Length - length, SocketFlags.None);
            if (count == 0) return "the connection ended before the answer was complete";
            length += count;
            ReadOnlySpan<byte> answer = _buffer.AsSpan(0, length);
            var head = answer.IndexOf("\r\n\r\n"u8);
            if (head < 0) continue;
            if (BodyLength(answer[..head]) is not { } bodyLength) return "the answer has no Content-Length";
            if (length < head + 4 + bodyLength) continue;
            return answer.StartsWith("HTTP/1.1 200 "u8) && answer[(head + 4)..].IndexOf(expected) >= 0 ? null : Encoding.UTF8.GetString(answer);
        }

        return "the answer is longer than the driver's buffer";
    }

    public void Dispose() => _socket.Dispose();

    private static int? BodyLength(ReadOnlySpan<byte> head)
    {
        var at = head.IndexOf("\r\nContent-Length: "u8);
        return at >= 0 && Utf8Parser.TryParse(head[(at + 18)..], out int length, out _) ? length : null;
    }
}
