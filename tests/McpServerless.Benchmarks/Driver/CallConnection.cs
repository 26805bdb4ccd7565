using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace McpServerless.Benchmarks.Driver;

/// <summary>One keep-alive connection on a blocking socket: the cheapest client that still looks at its answers.</summary>
internal sealed class CallConnection : IDisposable
{
    private const int MaxAnswerBytes = 8 * 1024 * 1024;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 60_000 };
    private byte[] _buffer = new byte[16 * 1024];
    private int _length;

    public CallConnection(Uri server) => _socket.Connect(IPAddress.Loopback, server.Port);

    /// <summary>When the first byte of the last answer was there, by the machine's clock.</summary>
    public long FirstByteAt { get; private set; }

    /// <summary>Events of the last answer; 1 for an answer that was no stream.</summary>
    public int Messages { get; private set; }

    /// <summary>Sends a request and reads its whole answer.</summary>
    /// <returns>Null when it was right, else what was wrong.</returns>
    /// <exception cref="SocketException">The connection broke.</exception>
    public string? Call(CallRequest request)
    {
        for (var sent = 0; sent < request.Bytes.Length;) sent += _socket.Send(request.Bytes, sent, request.Bytes.Length - sent, SocketFlags.None);
        FirstByteAt = 0;
        _length = 0;
        while (true)
        {
            if (Receive(_length) is not (> 0 and var count)) return "the connection ended before the answer was complete";
            _length += count;
            var answer = _buffer.AsSpan(0, _length);
            var head = answer.IndexOf("\r\n\r\n"u8);
            if (head < 0) continue;
            if (!answer.StartsWith("HTTP/1.1 200 "u8)) return Shown(answer);
            if (BodyLength(answer[..head]) is { } bodyLength)
            {
                if (_length < head + 4 + bodyLength) continue;
                Messages = 1;
                return answer[(head + 4)..].IndexOf(request.Expected) >= 0 ? null : Shown(answer);
            }

            return answer[..head].IndexOf("\r\nTransfer-Encoding: chunked"u8) >= 0 ? ReadEvents(answer[(head + 4)..], request) : "the answer has no length";
        }
    }

    /// <summary>Sends a request and returns its whole answer, which is no stream, as text.</summary>
    public string Text(CallRequest request) => Call(request) is { } wrong ? throw new InvalidOperationException(wrong) : Encoding.UTF8.GetString(_buffer.AsSpan(0, _length));

    public void Dispose() => _socket.Dispose();

    private static string Shown(ReadOnlySpan<byte> answer) => Encoding.UTF8.GetString(answer[..Math.Min(answer.Length, 2000)]);

    private string? ReadEvents(ReadOnlySpan<byte> first, CallRequest request)
    {
        var events = new EventCount();
        var done = events.Add(first);
        while (!done)
        {
            if (Receive(0) is not (> 0 and var count)) return "the connection ended before the stream was complete";
            done = events.Add(_buffer.AsSpan(0, count));
        }

        Messages = events.Events;
        return events.Events == request.Events && events.Tail.IndexOf(request.Expected) >= 0 ? null : $"{events.Events} events, at the end: {Encoding.UTF8.GetString(events.Tail)}";
    }

    private int Receive(int at)
    {
        if (at == _buffer.Length)
        {
            if (at >= MaxAnswerBytes) throw new InvalidOperationException("An answer is longer than any that is expected.");
            Array.Resize(ref _buffer, at * 2);
        }

        var count = _socket.Receive(_buffer, at, _buffer.Length - at, SocketFlags.None);
        if (FirstByteAt == 0) FirstByteAt = Stopwatch.GetTimestamp();
        return count;
    }

    private static int? BodyLength(ReadOnlySpan<byte> head)
    {
        var at = head.IndexOf("\r\nContent-Length: "u8);
        return at >= 0 && Utf8Parser.TryParse(head[(at + 18)..], out int length, out _) ? length : null;
    }
}
