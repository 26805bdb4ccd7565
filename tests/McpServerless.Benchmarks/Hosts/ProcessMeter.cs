using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace McpServerless.Benchmarks.Hosts;

/// <summary>What a process says of its memory, on a side port of this machine: one line out for each line in.</summary>
/// <remarks>The benchmark asks outside of its rounds, so that asking costs the measured calls nothing.</remarks>
internal static class ProcessMeter
{
    public const string Line = "Meter on: ";

    /// <summary>Starts to answer, and ends this process once whoever started it is gone.</summary>
    public static void Start()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Console.WriteLine($"{Line}{((IPEndPoint)listener.LocalEndpoint).Port}");
        new Thread(() => Answer(listener)) { IsBackground = true, Name = "meter" }.Start();
        new Thread(EndWithParent) { IsBackground = true, Name = "parent" }.Start();
    }

    private static void Answer(TcpListener listener)
    {
        using var client = listener.AcceptTcpClient();
        using var reader = new StreamReader(client.GetStream());
        using var writer = new StreamWriter(client.GetStream()) { AutoFlush = true };
        while (reader.ReadLine() is not null) writer.WriteLine(MemoryUse.OfThisProcess().ToLine());
    }

    private static void EndWithParent()
    {
        while (Console.In.ReadLine() is not null)
        {
        }

        Environment.Exit(0);
    }
}

/// <param name="Allocated">Bytes allocated since the start.</param>
/// <param name="Heap">Bytes of live and not yet collected objects.</param>
/// <param name="Committed">Bytes that the collector holds.</param>
/// <param name="WorkingSet">Bytes of the whole process in memory.</param>
internal sealed record MemoryUse(long Allocated, long Heap, long Committed, long WorkingSet)
{
    public static MemoryUse OfThisProcess() =>
        new(GC.GetTotalAllocatedBytes(), GC.GetTotalMemory(forceFullCollection: false), GC.GetGCMemoryInfo().TotalCommittedBytes, Environment.WorkingSet);

    public static MemoryUse Parse(string line)
    {
        var numbers = Array.ConvertAll(line.Split(' '), n => long.Parse(n, CultureInfo.InvariantCulture));
        return new MemoryUse(numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    public string ToLine() => string.Create(CultureInfo.InvariantCulture, $"{Allocated} {Heap} {Committed} {WorkingSet}");
}
