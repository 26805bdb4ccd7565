using System.Buffers;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using McpServerless.Audit.Sinks.Formats;

namespace McpServerless.Audit.Sinks;

/// <summary>Sends records as syslog messages (RFC 5424) over TLS (RFC 5425) or TCP, each with its length in front (RFC 6587, section 3.4.1).</summary>
/// <remarks>The protocol has no answer: a batch counts as taken when the connection took it and was closed in order.</remarks>
internal sealed class SyslogSink(string host, int port, bool tls, SinkFormat format) : IRecordSink
{
    public string Name => "syslog";

    public int MaxBatchBytes => 512 * 1024;

    /// <summary>Host and port; null when it is not that.</summary>
    public static (string Host, int Port)? Read(string receiver)
    {
        var colon = receiver.LastIndexOf(':');
        if (colon < 1 || !int.TryParse(receiver.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535) return null;
        var host = receiver[..colon].Trim('[', ']');
        return Uri.CheckHostName(host) == UriHostNameType.Unknown ? null : (host, port);
    }

    public async ValueTask SendAsync(IReadOnlyList<OutgoingRecord> records, CancellationToken ct)
    {
        using var text = new PooledBytes(64 * 1024);
        using var message = new PooledBytes();
        foreach (var record in records)
        {
            message.Clear();
            SyslogText.Write(format, record, message);
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{message.Length} ").AsSpan(), text);
            text.Write(message.Memory.Span);
        }

        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, ct);
            if (tls)
            {
                await using var secure = new SslStream(client.GetStream());
                await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host }, ct);
                await secure.WriteAsync(text.Memory, ct);
                await secure.ShutdownAsync();
            }
            else
            {
                await client.GetStream().WriteAsync(text.Memory, ct);
                client.Client.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            throw new SinkUnavailableException($"{host}:{port} cannot be used: {e.GetType().Name}.", e);
        }
    }
}
