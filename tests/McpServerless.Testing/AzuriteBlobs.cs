using System.Globalization;
using System.Runtime.InteropServices;

namespace McpServerless.Testing;

/// <summary>Blob Storage's emulator, as a process of its own on a free port of this machine. What it keeps is gone when it stops.</summary>
public sealed class AzuriteBlobs : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;
    private readonly int _port;

    private AzuriteBlobs(ChildProcess process, int port) => (_process, _port) = (process, port);

    public string ConnectionString =>
        $"DefaultEndpointsProtocol=http;AccountName={Azurite.AccountName};AccountKey={Azurite.AccountKey};BlobEndpoint=http://127.0.0.1:{_port}/{Azurite.AccountName};";

    /// <exception cref="InvalidOperationException">It did not come up, or is not installed.</exception>
    public static async Task<AzuriteBlobs> StartAsync(CancellationToken cancellationToken = default)
    {
        var port = LoopbackPort.Free();
        var start = NodeProgram.Start(
            "Azurite blobs",
            NodeProgram.Installed("azurite", "dist", "src", "blob", "main.js"),
            "--silent", "--skipApiVersionCheck", "--disableTelemetry", "--inMemoryPersistence", "--blobHost", "127.0.0.1", "--blobPort", port.ToString(CultureInfo.InvariantCulture)) with
        {
            WorkingDirectory = Path.GetTempPath(),
            StopSignal = PosixSignal.SIGINT,
        };
        var blobs = new AzuriteBlobs(ChildProcess.Start(start), port);
        try
        {
            await blobs._process.BecomesAsync(ct => LoopbackPort.AnswersAsync(port, ct), StartLimit, cancellationToken);
            return blobs;
        }
        catch
        {
            await blobs.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.KillAsync();
        await _process.DisposeAsync();
    }
}
