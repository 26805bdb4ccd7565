using System.Diagnostics;
using System.Text;

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
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(15);

    private readonly string? _folder;
    private readonly StringBuilder _errors = new();
    private Process? _process;

    private Azurite(string? folder, int port)
    {
        _folder = folder;
        Port = port;
        // A test run that ends without disposing must not leave an emulator behind.
        AppDomain.CurrentDomain.ProcessExit += KillWithParent;
    }

    /// <summary>Stays the same over stops and starts.</summary>
    public int Port { get; }

    public Uri TableEndpoint => new($"http://127.0.0.1:{Port}/{AccountName}");

    public string ConnectionString =>
        $"DefaultEndpointsProtocol=http;AccountName={AccountName};AccountKey={AccountKey};TableEndpoint={TableEndpoint.AbsoluteUri};";

    public bool IsRunning => _process is { HasExited: false };

    /// <param name="folder">Where rows are kept; created if missing. Null keeps them in memory.</param>
    /// <exception cref="InvalidOperationException">It did not come up; the message has what it said, or how to install it.</exception>
    public static async Task<Azurite> StartAsync(string? folder = null, CancellationToken cancellationToken = default)
    {
        // Between finding a free port and listening on it another process can take it.
        for (var attempt = 1; ; attempt++)
        {
            var azurite = new Azurite(folder, LoopbackPort.Free());
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

    private bool PortWasTaken => Errors.Contains("EADDRINUSE", StringComparison.Ordinal);

    private string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString();
        }
    }

    /// <summary>Starts it on the same port and folder; for one that was stopped or killed.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        if (IsRunning)
            throw new InvalidOperationException("Azurite is running.");
        var script = RepositoryRoot.Combine("node_modules", "azurite", "dist", "src", "table", "main.js");
        if (!File.Exists(script))
            throw new InvalidOperationException($"Azurite is not installed ({script}): run npm ci in {RepositoryRoot.Path}.");
        _process?.Dispose();
        _process = Launch(script);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await LoopbackPort.AnswersAsync(Port, limit.Token))
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"Azurite ended with code {_process.ExitCode}: {Errors}");
            await poll.WaitForNextTickAsync(limit.Token);
        }
    }

    /// <summary>Lets it save and end, as an operator would; kills it where the platform knows no such request.</summary>
    public async Task StopAsync()
    {
        if (_process is not { HasExited: false } process)
            return;
        if (!OperatingSystem.IsWindows())
        {
            using var interrupt = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await interrupt.WaitForExitAsync();
            using var limit = new CancellationTokenSource(StopLimit);
            try
            {
                await process.WaitForExitAsync(limit.Token);
                return;
            }
            catch (OperationCanceledException)
            {
                // It holds on, for instance to an open connection.
            }
        }

        await KillAsync();
    }

    /// <summary>Ends it at once, as a crash would.</summary>
    public async Task KillAsync()
    {
        if (_process is not { HasExited: false } process)
            return;
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillWithParent;
        await KillAsync();
        _process?.Dispose();
    }

    private void KillWithParent(object? sender, EventArgs arguments)
    {
        if (IsRunning)
            _process!.Kill(); // Only a started process runs.
    }

    private Process Launch(string script)
    {
        var start = new ProcessStartInfo(NodeTool.Executable)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            // It would else leave files in whichever folder the tests run in.
            WorkingDirectory = Path.GetTempPath(),
            ArgumentList =
            {
                script, "--silent", "--skipApiVersionCheck", "--disableTelemetry",
                "--tableHost", "127.0.0.1", "--tablePort", Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            },
        };
        if (_folder is null)
        {
            start.ArgumentList.Add("--inMemoryPersistence");
        }
        else
        {
            Directory.CreateDirectory(_folder);
            start.ArgumentList.Add("--location");
            start.ArgumentList.Add(_folder);
        }

        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Note(string? line)
    {
        lock (_errors)
            _errors.AppendLine(line);
    }
}
