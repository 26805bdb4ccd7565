using System.Globalization;
using System.Net.Sockets;
using McpServerless.Audit.Sinks.Formats;

namespace McpServerless.Audit.Sinks;

/// <summary>Sends records as syslog messages (RFC 5424), each in a datagram (RFC 5426).</summary>
/// <remarks>There is no answer and no connection: what the network took counts as taken, and nobody is told of what it loses.</remarks>
internal sealed class SyslogDatagrams(string host, int port, int maxBytes, SinkFormat format) : IRecordSink
{
    public string Name => "syslog";

    public int MaxBatchBytes => 256 * 1024;

    public async ValueTask SendAsync(IReadOnlyList<OutgoingRecord> records, CancellationToken ct)
    {
        var messages = new List<byte[]>(records.Count);
        using var text = new PooledBytes();
        foreach (var record in records)
        {
            text.Clear();
            SyslogText.Write(format, record, text);
            // Before anything is sent, so that the others of the batch do not go twice.
            if (text.Length > maxBytes) throw new RecordRefusedException(string.Create(CultureInfo.InvariantCulture, $"Its message has {text.Length} bytes, and a datagram at most {maxBytes} (Sinks:SyslogUdpMaxBytes)."));
            messages.Add(text.Memory.ToArray());
        }

        try
        {
            using var client = new UdpClient();
            client.Connect(host, port);
            foreach (var message in messages) await client.SendAsync(message, ct);
        }
        catch (SocketException e)
        {
            throw new SinkUnavailableException($"{host}:{port} cannot be used: {e.SocketErrorCode}.", e);
        }
    }
}
