using System.Net;
using System.Net.Sockets;
using System.Text;

namespace McpServerless.Benchmarks.Driver;

/// <summary>A stream that a client holds open: a call that goes on, or the stream beside a session.</summary>
internal sealed class HeldStream : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly StringBuilder _seen = new();

    /// <summary>Comments so far, which say that the stream is alive.</summary>
    public int Comments { get; private set; }

    /// <summary>Whether it ended as HTTP wants it to end, and not by a broken connection.</summary>
    public bool EndedInGoodOrder { get; private set; }

    /// <summary>The last of what came, for whom it may concern.</summary>
    public string Tail => _seen.ToString();

    /// <summary>What came until it was open.</summary>
    public string Head { get; private set; } = "";

    /// <summary>Sends the request, and reads up to the first sign that the stream is open.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="request">The request.</param>
    /// <param name="sign">What has to have come.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The stream did not open.</exception>
    public async Task OpenAsync(Uri server, ReadOnlyMemory<byte> request, string sign, CancellationToken ct)
    {
        await _socket.ConnectAsync(IPAddress.Loopback, server.Port, ct);
        for (var sent = 0; sent < request.Length;) sent += await _socket.SendAsync(request[sent..], ct);
        while (!_seen.ToString().Contains(sign, StringComparison.Ordinal))
        {
            if (!await ReadAsync(ct)) throw new InvalidOperationException($"A stream did not open: {Tail}");
        }

        Head = _seen.ToString();
        _seen.Clear();
    }

    /// <summary>Sends the request, and never reads: what a client does that has stopped.</summary>
    public async Task OpenUnreadAsync(Uri server, ReadOnlyMemory<byte> request, CancellationToken ct)
    {
        _socket.ReceiveBufferSize = 4096;
        await _socket.ConnectAsync(IPAddress.Loopback, server.Port, ct);
        for (var sent = 0; sent < request.Length;) sent += await _socket.SendAsync(request[sent..], ct);
    }

    /// <summary>Reads until the stream ends.</summary>
    public async Task ReadToEndAsync(CancellationToken ct)
    {
        while (!EndedInGoodOrder && await ReadAsync(ct))
        {
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task<bool> ReadAsync(CancellationToken ct)
    {
        var buffer = new byte[4096];
        var count = await _socket.ReceiveAsync(buffer.AsMemory(), ct);
        var text = Encoding.UTF8.GetString(buffer, 0, count);
        if (text.Contains("\n:\n\n", StringComparison.Ordinal)) Comments++;
        _seen.Append(text);
        if (_seen.Length > 4096) _seen.Remove(0, _seen.Length - 4096);
        EndedInGoodOrder = _seen.ToString().EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal) || _seen.Equals("0\r\n\r\n");
        return count > 0;
    }
}
