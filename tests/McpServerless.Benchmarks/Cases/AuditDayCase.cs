using System.Diagnostics;
using System.Globalization;
using System.Text;
using McpServerless.Audit;
using McpServerless.Audit.Indexing;
using McpServerless.Audit.Queries;
using McpServerless.Azure.Storage;
using McpServerless.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace McpServerless.Benchmarks.Cases;

/// <summary>A day of a million records for two hundred clients: how long questions take, and what they ask the store.</summary>
internal static class AuditDayCase
{
    private const int Clients = 200;
    private const int SegmentsPerClient = 50;
    private const int SessionsPerClient = 20;
    private const string Day = "20261121";
    private const string Writer = "0193500000007000800000000000000a";

    public static async Task<int> RunAsync(CancellationToken ct)
    {
        var requests = new List<string>();
        await using var azurite = await Azurite.StartAsync(
            request: line =>
            {
                lock (requests) requests.Add(line);
            },
            cancellationToken: ct);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Storage:ConnectionString", azurite.ConnectionString), new("Storage:NetworkTimeoutMilliseconds", "60000")]).Build();
        await using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddTableStores().BuildServiceProvider();
        var (store, index) = (services.GetRequiredService<IAuditStore>(), services.GetRequiredService<IAuditIndex>());
        var start = Stopwatch.GetTimestamp();
        await FillAsync(store, index, ct);
        Print($"{Clients * SegmentsPerClient * AuditSegment.MaxRecords:N0} records of {Clients} clients written in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s\n");

        var search = new AuditSearch(store, index);
        var from = new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);
        var day = new AuditQuery { From = from, Until = from.AddDays(1) };
        await MeasureAsync("one client's day, first page of 100", i => search.PageAsync(day with { ClientId = Client(i) }, null, 100, ct));
        await MeasureAsync("one client's day, page in the middle", i => search.PageAsync(day with { ClientId = Client(i) }, new AuditCursor(Day, Client(i), Writer, 2500), 100, ct));
        await MeasureAsync("a session, whole", i => search.PageAsync(day with { SessionId = Session(i, 3) }, null, 10_000, ct));
        await MeasureAsync("a trace", i => search.PageAsync(day with { TraceId = Trace(i, 1234) }, null, 100, ct));
        await MeasureAsync("a request", i => search.PageAsync(day with { RequestId = RequestId(i, 4321) }, null, 100, ct));
        await MeasureAsync("a tool, first page of 100", _ => search.PageAsync(day with { Tool = "tool-3" }, null, 100, ct));
        return 0;

        async Task MeasureAsync(string what, Func<int, Task<AuditPage>> ask)
        {
            var times = new List<double>();
            var (found, asked) = (0, 0);
            for (var round = 0; round < 21; round++)
            {
                lock (requests) requests.Clear();
                var began = Stopwatch.GetTimestamp();
                found = (await ask(round * 7)).Records.Count;
                // The first pays for connections and compilation.
                if (round > 0) times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                lock (requests) asked = requests.Count;
            }

            times.Sort();
            Print($"{what,-40}{found,7:N0} records{asked,5} requests{times[0],9:0.0} ms least{times[times.Count / 2],9:0.0} ms median{times[^1],9:0.0} ms most\n");
        }
    }

    private static async Task FillAsync(IAuditStore store, IAuditIndex index, CancellationToken ct)
    {
        await index.ListWriterAsync(Day, Writer, ct);
        var part = 0;
        for (var client = 0; client < Clients; client++)
        {
            var entries = new List<IndexEntry>();
            for (var segment = 0; segment < SegmentsPerClient; segment++)
            {
                var first = (segment * AuditSegment.MaxRecords) + 1;
                var records = Enumerable.Range(first, AuditSegment.MaxRecords).Select(i => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(Record(client, i))).ToList();
                await store.AppendAsync(new AuditSegment { Day = Day, ClientId = Client(client), Writer = Writer, FirstSequence = first, Records = records, LastHash = "h" }, ct);
                for (var tool = 0; tool < 10; tool++) entries.Add(new IndexEntry(IndexKind.Tool, $"tool-{tool}", Client(client), [first]));
                for (var session = 0; session < SessionsPerClient; session++) entries.Add(new IndexEntry(IndexKind.Session, Session(client, session), Client(client), [first]));
                for (var i = first; i < first + AuditSegment.MaxRecords; i++)
                {
                    entries.Add(new IndexEntry(IndexKind.Trace, Trace(client, i), Client(client), [first]));
                    entries.Add(new IndexEntry(IndexKind.Request, RequestId(client, i), Client(client), [first]));
                }
            }

            await index.WriteAsync(Day, Writer, (++part).ToString("D8", CultureInfo.InvariantCulture), entries, ct);
        }

        await index.MarkAsync(new IndexMark(Day, Writer, Enumerable.Range(0, Clients).ToDictionary(Client, _ => (long)SegmentsPerClient * AuditSegment.MaxRecords), IsClosed: true), ct);
    }

    /// <summary>Shorter than a real one, so that the emulator, which holds everything in memory, holds a million.</summary>
    private static string Record(int client, int i) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"arguments":{"message":"hello"},"clientId":"{{Client(client)}}","decision":"allowed","durationMicroseconds":{{1000 + i}},"event":"outcome","method":"tools/call","recordId":"{{RequestId(client, i)}}","requestId":"{{RequestId(client, i)}}","sequence":{{i}},"server":"demo","sessionId":"{{Session(client, i % SessionsPerClient)}}","time":"2026-11-21T10:00:00.000000Z","tool":"tool-{{i % 10}}","traceId":"{{Trace(client, i)}}","writer":"{{Writer}}"}""");

    private static string Client(int number) => $"33333333-3333-3333-3333-{number % Clients:D12}";

    private static string Session(int client, int number) => $"01935000-0000-7000-8000-{((client % Clients) * 1000) + number:x12}";

    private static string Trace(int client, int number) => $"0af7651916cd43dd8448{((client % Clients) * 10_000) + number:x12}";

    private static string RequestId(int client, int number) => $"01935000-0000-7000-9000-{((client % Clients) * 10_000) + number:x12}";

    private static void Print(FormattableString line) => Console.Write(line.ToString(CultureInfo.InvariantCulture));
}
