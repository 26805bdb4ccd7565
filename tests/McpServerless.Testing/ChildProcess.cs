using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace McpServerless.Testing;

/// <summary>How a program is started.</summary>
public sealed record ChildProcessStart(string Name, string Program, params IReadOnlyList<string> Arguments)
{
    /// <summary>Set on top of this process's own variables; null takes one away.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    public string? WorkingDirectory { get; init; }

    /// <summary>Where its output is added; null keeps the last lines in memory only.</summary>
    public string? LogFile { get; init; }

    /// <summary>How it is asked to end. Windows has no such request, and there it is killed.</summary>
    public PosixSignal StopSignal { get; init; } = PosixSignal.SIGTERM;

    /// <summary>The line that says it is ready; see <see cref="ChildProcess.ReadyAsync"/>.</summary>
    public Regex? ReadyLine { get; init; }
}

/// <summary>A program beside this one. It does not outlive this process, and is told apart by its own id alone.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly ChildProcessStart _start;
    private readonly Process _process;
    private readonly ChildLog _log;
    private readonly TaskCompletionSource<Match> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _disposed;

    private ChildProcess(ChildProcessStart start)
    {
        _start = start;
        _log = new ChildLog(start.LogFile);
        _process = new Process { StartInfo = StartInfo(start) };
        _process.OutputDataReceived += Note;
        _process.ErrorDataReceived += Note;
    }

    public string Name => _start.Name;

    public int Id => _process.Id;

    public string? LogFile => _log.Path;

    public bool HasExited => _process.HasExited;

    /// <summary>What it has used of the processors, without the programs below it. Only for one that runs.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Only for one that has exited.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Its standard output, line by line, as it is written. Subscribe through <see cref="Start"/>, so that no line is missed.</summary>
    private Action<string>? OutputLine { get; init; }

    /// <exception cref="InvalidOperationException">There is no such program.</exception>
    public static ChildProcess Start(ChildProcessStart start, Action<string>? outputLine = null)
    {
        var child = new ChildProcess(start) { OutputLine = outputLine };
        try
        {
            child._process.Start();
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            child._log.Dispose();
            child._process.Dispose();
            throw new InvalidOperationException($"{start.Name} cannot be started: {start.Program}: {missing.Message}", missing);
        }

        AppDomain.CurrentDomain.ProcessExit += child.KillWithParent;
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>The match of the line that says it is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended, or the time was over; the message has the end of its log.</exception>
    public Task<Match> ReadyAsync(TimeSpan limit, CancellationToken cancellationToken) =>
        UntilAsync(async ct => await _ready.Task.WaitAsync(ct), limit, cancellationToken);

    /// <summary>Asks again and again until the answer is yes.</summary>
    /// <inheritdoc cref="ReadyAsync" path="/exception"/>
    public Task<bool> BecomesAsync(Func<CancellationToken, Task<bool>> question, TimeSpan limit, CancellationToken cancellationToken) =>
        UntilAsync(
            async ct =>
            {
                using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
                while (!await question(ct)) await poll.WaitForNextTickAsync(ct);
                return true;
            },
            limit,
            cancellationToken);

    /// <summary>Its exit code, once it ended by itself and all of its output was read. Ended with everything below it when the caller gives up.</summary>
    public async Task<int> ExitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
            throw;
        }

        return _process.ExitCode;
    }

    public string LastLines(int count) => _log.LastLines(count);

    /// <summary>Asks it to end, and kills it with everything below it when it does not.</summary>
    public async Task StopAsync()
    {
        if (_process.HasExited) return;
        if (!OperatingSystem.IsWindows())
        {
            using var request = Process.Start("kill", [_start.StopSignal == PosixSignal.SIGINT ? "-INT" : "-TERM", Id.ToString(CultureInfo.InvariantCulture)]);
            using var limit = new CancellationTokenSource(Grace);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
                return;
            }
            catch (OperationCanceledException)
            {
                // It holds on, for instance to an open connection.
            }
        }

        await KillAsync();
    }

    /// <summary>Ends it and everything below it at once, as a crash would.</summary>
    public async Task KillAsync()
    {
        if (_disposed) return;
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>A second time, which a test may cause that ends a part before its fixture does, there is nothing left to do.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        await StopAsync();
        _disposed = true;
        AppDomain.CurrentDomain.ProcessExit -= KillWithParent;
        _process.Dispose();
        _log.Dispose();
    }

    private static ProcessStartInfo StartInfo(ChildProcessStart start)
    {
        var info = new ProcessStartInfo(start.Program, start.Arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Never this process's own input; and its end tells a program that this process is gone.
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = start.WorkingDirectory ?? RepositoryRoot.Path,
        };
        foreach (var (name, value) in start.Environment)
        {
            if (value is null) info.Environment.Remove(name);
            else info.Environment[name] = value;
        }

        return info;
    }

    private async Task<T> UntilAsync<T>(Func<CancellationToken, Task<T>> wait, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        over.CancelAfter(limit);
        var waiting = wait(over.Token);
        var exit = _process.WaitForExitAsync(over.Token);
        var first = await Task.WhenAny(waiting, exit);
        try
        {
            if (first == waiting) return await waiting;
            await exit;
            throw new InvalidOperationException($"{Name} ended with code {_process.ExitCode}.{Evidence()}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"{Name} was not ready after {limit.TotalSeconds} s.{Evidence()}");
        }
        finally
        {
            await over.CancelAsync();
        }
    }

    private string Evidence()
    {
        var where = LogFile is null ? "" : $" Its log: {LogFile}";
        return LastLines(10) is { Length: > 0 } lines ? $"{where}\n{lines}" : where;
    }

    private void Note(object sender, DataReceivedEventArgs received)
    {
        if (received.Data is not { } line) return;
        _log.Note(line);
        OutputLine?.Invoke(line);
        if (_start.ReadyLine?.Match(line) is { Success: true } match) _ready.TrySetResult(match);
    }

    private void KillWithParent(object? sender, EventArgs arguments)
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
    }
}
