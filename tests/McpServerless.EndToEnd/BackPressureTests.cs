using System.Net;
using System.Net.Sockets;
using System.Text;

namespace McpServerless.EndToEnd;

/// <summary>What a client does not read waits at the upstream, and not in the gateway.</summary>
[Collection(nameof(Gateway))]
public sealed class BackPressureTests(Gateway gateway)
{
    [Fact]
    public async Task AClientThatDoesNotRead_HoldsTheUpstreamBack_AndLosesNothing()
    {
        var body = Encoding.UTF8.GetBytes($$$$"""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"pours","arguments":{},"_meta":{"progressToken":"p",{{{{McpWire.ModernMeta}}}} } } }""");
        var head = $"POST {gateway.Endpoint.AbsolutePath} HTTP/1.1\r\nHost: {gateway.Endpoint.Authority}\r\nAuthorization: Bearer {gateway.Issuer.Token()}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
            + $"MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: pours\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n";
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Endpoint.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        await stream.WriteAsync(body);

        // The system's buffers of both connections take some of it; were the gateway to take the rest, all of it would be sent.
        var sent = await gateway.Upstream.HeldBackAfter.Task;
        Assert.InRange(sent, 1, ScriptedUpstream.PouredMessages * 2 / 3);

        using var reader = new StreamReader(stream);
        var progress = 0;
        var done = false;
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal) && line.Contains($"\"progress\":{progress + 1},", StringComparison.Ordinal)) progress++;
            done |= line.Contains("\"text\":\"done\"", StringComparison.Ordinal);
        }

        Assert.Equal(ScriptedUpstream.PouredMessages, progress);
        Assert.True(done);
    }
}
