using System.Globalization;
using System.Runtime.InteropServices;

namespace McpServerless.Testing;

/// <summary>Table Storage's emulator, as a process of its own on a free port of this machine.</summary>
/// <remarks>
/// Without a folder the rows live in its memory and are gone when it stops. With one they survive <see cref="StopAsync"/> and
/// <see cref="StartAgainAsync"/>, and a crash as far as the emulator had written them (it saves some seconds after a change).
/// </remarks>
public sealed class Azurite : IAsyncDisposable
{
    public const string AccountName = "devstoreaccount1";

    /// <summary>The emulators' well-known key; it is no secret.</summary>
    public const string AccountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly string? _folder;
    private readonly string? _logFile;
    private readonly Action<string>? _request;
    private ChildProcess? _process;

    private Azurite(string? folder, string? logFile, int port, Action<string>? request)
    {
        _folder = folder;
        _logFile = logFile;
        _request = request;
        Port = port;
    }

    /// <summary>Stays the same over stops and starts.</summary>
    public int Port { get; }

    public Uri TableEndpoint => new($"http://127.0.0.1:{Port}/{AccountName}");

    public string ConnectionString =>
        $"DefaultEndpointsProtocol=http;AccountName={AccountName};AccountKey={AccountKey};TableEndpoint={TableEndpoint.AbsoluteUri};";

    /// <summary>What it has used of the processors since it was started last; for benchmarks.</summary>
    public TimeSpan ProcessorTime => _process?.ProcessorTime ?? TimeSpan.Zero;

    public bool IsRunning => _process is { HasExited: false };

    /// <param name="folder">Where rows are kept; created if missing. Null keeps them in memory.</param>
    /// <param name="logFile">Where its output is added; null keeps the last lines in memory only.</param>
    /// <param name="request">Told the line of its access log of each request; null for no such log.</param>
    /// <param name="cancellationToken">Ends the wait, and the emulator with it.</param>
    /// <exception cref="InvalidOperationException">It did not come up; the message has what it said, or how to install it.</exception>
    public static async Task<Azurite> StartAsync(string? folder = null, string? logFile = null, Action<string>? request = null, CancellationToken cancellationToken = default)
    {
        // Between finding a free port and listening on it another process can take it.
        for (var attempt = 1; ; attempt++)
        {
            var azurite = new Azurite(folder, logFile, LoopbackPort.Free(), request);
            try
            {
                await azurite.StartAgainAsync(cancellationToken);
                return azurite;
            }
            catch (InvalidOperationException) when (attempt < 3 && azurite.PortWasTaken)
            {
                await azurite.DisposeAsync();
            }
            catch
            {
                await azurite.DisposeAsync();
                throw;
            }
        }
    }

    private bool PortWasTaken => _process?.LastLines(100).Contains("EADDRINUSE", StringComparison.Ordinal) == true;

    /// <summary>Starts it on the same port and folder; for one that was stopped or killed.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        if (IsRunning) throw new InvalidOperationException("Azurite is running.");
        var script = NodeProgram.Installed("azurite", "dist", "src", "table", "main.js");
        if (_process is not null) await _process.DisposeAsync();
        var start = NodeProgram.Start("Azurite", [script, .. Arguments()]) with
        {
            // It would else leave files in whichever folder the tests run in.
            WorkingDirectory = Path.GetTempPath(),
            LogFile = _logFile,
            // The only signal on which it saves.
            StopSignal = PosixSignal.SIGINT,
        };
        _process = ChildProcess.Start(start, _request);
        await _process.BecomesAsync(ct => LoopbackPort.AnswersAsync(Port, ct), StartLimit, cancellationToken);
    }

    /// <summary>Lets it save and end, as an operator would; kills it where the platform knows no such request.</summary>
    public Task StopAsync() => _process?.StopAsync() ?? Task.CompletedTask;

    /// <summary>Ends it at once, as a crash would.</summary>
    public Task KillAsync() => _process?.KillAsync() ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_process is null) return;
        await _process.KillAsync();
        await _process.DisposeAsync();
    }

    private string[] Arguments()
    {
        string[] arguments = [.. _request is null ? new[] { "--silent" } : [], "--skipApiVersionCheck", "--disableTelemetry", "--tableHost", "127.0.0.1", "--tablePort", Port.ToString(CultureInfo.InvariantCulture)];
        if (_folder is null) return [.. arguments, "--inMemoryPersistence"];
        Directory.CreateDirectory(_folder);
        return [.. arguments, "--location", _folder];
    }
}
