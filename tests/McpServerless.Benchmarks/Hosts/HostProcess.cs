using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using McpServerless.Testing;

namespace McpServerless.Benchmarks.Hosts;

/// <summary>One of this executable's hosts as a process of its own, with its address, its processor time and its memory.</summary>
internal sealed partial class HostProcess : IAsyncDisposable
{
    public const string ListeningLine = "Now listening on: ";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;
    private readonly TcpClient _meter;
    private readonly StreamReader _fromMeter;
    private readonly StreamWriter _toMeter;

    private HostProcess(ChildProcess process, Uri address, TcpClient meter)
    {
        (_process, Address, _meter) = (process, address, meter);
        _fromMeter = new StreamReader(meter.GetStream());
        _toMeter = new StreamWriter(meter.GetStream()) { AutoFlush = true };
    }

    public Uri Address { get; }

    public TimeSpan ProcessorTime => _process.ProcessorTime;

    /// <summary>The last lines that it wrote.</summary>
    public string Said => _process.LastLines(40);

    /// <exception cref="InvalidOperationException">It did not come up; the message has what it said.</exception>
    public static async Task<HostProcess> StartAsync(string[] arguments, IReadOnlyDictionary<string, string?>? settings, CancellationToken ct)
    {
        // A process that runs has a path: this executable, or dotnet with it as the first argument.
        var program = Environment.ProcessPath!;
        if (Path.GetFileNameWithoutExtension(program) == "dotnet") arguments = [typeof(HostProcess).Assembly.Location, .. arguments];
        var meterPort = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = ChildProcess.Start(
            new ChildProcessStart(arguments[^1], program, arguments)
            {
                Environment = settings ?? new Dictionary<string, string?>(),
                WorkingDirectory = AppContext.BaseDirectory,
                ReadyLine = Listening(),
            },
            line =>
            {
                if (line.StartsWith(ProcessMeter.Line, StringComparison.Ordinal)) meterPort.TrySetResult(int.Parse(line[ProcessMeter.Line.Length..], CultureInfo.InvariantCulture));
            });
        try
        {
            var address = new Uri((await process.ReadyAsync(StartLimit, ct)).Groups[1].Value);
            var meter = new TcpClient { NoDelay = true };
            // The meter's line comes before the other.
            await meter.ConnectAsync(IPAddress.Loopback, await meterPort.Task.WaitAsync(ct), ct);
            return new HostProcess(process, address, meter);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public MemoryUse Memory()
    {
        _toMeter.WriteLine();
        return MemoryUse.Parse(_fromMeter.ReadLine() ?? throw new InvalidOperationException($"A host ended.\n{Said}"));
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _meter.Dispose();
    }

    [GeneratedRegex($"^{ListeningLine}(.+)$")]
    private static partial Regex Listening();
}
