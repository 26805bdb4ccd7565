using System.Net;
using System.Net.Sockets;

namespace McpServerless.Testing;

public static class LoopbackPort
{
    /// <summary>A port that is free now.</summary>
    /// <remarks>Another process may take it before it is used, so whoever wants to listen on it must be ready to try another.</remarks>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Whether something accepts connections there.</summary>
    public static async Task<bool> AnswersAsync(int port, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
