using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace McpServerless.Benchmarks.Hosts;

/// <summary>One of this executable's hosts as a process of its own, with its address, its processor time and its memory.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    public const string ListeningLine = "Now listening on: ";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly Queue<string> _said = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> _meterPort = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TcpClient? _meter;
    private StreamReader? _fromMeter;
    private StreamWriter? _toMeter;

    private ChildProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Kill();
    }

    public Uri Address => _address.Task.Result;

    public int Id => _process.Id;

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <exception cref="InvalidOperationException">It did not come up; the message has what it said.</exception>
    public static async Task<ChildProcess> StartAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? settings, CancellationToken ct)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) // A process that runs has a path.
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet") start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in settings ?? new Dictionary<string, string>()) start.Environment[name] = value;

        var child = new ChildProcess(new Process { StartInfo = start });
        try
        {
            await child._address.Task.WaitAsync(StartLimit, ct);
            child._meter = new TcpClient { NoDelay = true };
            await child._meter.ConnectAsync(IPAddress.Loopback, await child._meterPort.Task.WaitAsync(StartLimit, ct), ct);
            child._fromMeter = new StreamReader(child._meter.GetStream());
            child._toMeter = new StreamWriter(child._meter.GetStream()) { AutoFlush = true };
            return child;
        }
        catch (Exception e) when (e is TimeoutException or SocketException or InvalidOperationException)
        {
            var said = child.Said;
            await child.DisposeAsync();
            throw new InvalidOperationException($"'{string.Join(' ', arguments)}' did not come up.\n{said}", e);
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    /// <summary>The last lines that it wrote.</summary>
    public string Said
    {
        get
        {
            lock (_said) return string.Join('\n', _said);
        }
    }

    public MemoryUse Memory()
    {
        // StartAsync gives out no child without them.
        _toMeter!.WriteLine();
        return MemoryUse.Parse(_fromMeter!.ReadLine() ?? throw new InvalidOperationException($"A host ended.\n{Said}"));
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync();
        _meter?.Dispose();
        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            _address.TrySetException(new InvalidOperationException("It ended."));
            return;
        }

        lock (_said)
        {
            _said.Enqueue(line);
            if (_said.Count > 40) _said.Dequeue();
        }

        if (line.StartsWith(ListeningLine, StringComparison.Ordinal)) _address.TrySetResult(new Uri(line[ListeningLine.Length..]));
        if (line.StartsWith(ProcessMeter.Line, StringComparison.Ordinal)) _meterPort.TrySetResult(int.Parse(line[ProcessMeter.Line.Length..], CultureInfo.InvariantCulture));
    }

    private void Kill()
    {
        try
        {
            if (!_process.HasExited) _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has been disposed of, which happens after its end.
        }
    }
}
