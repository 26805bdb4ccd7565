using System.Diagnostics;
using System.Globalization;
using McpServerless.Audit;
using McpServerless.Audit.Verification;
using McpServerless.Azure.Storage;
using McpServerless.Benchmarks.Driver;
using McpServerless.Benchmarks.Setup;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace McpServerless.Benchmarks.Cases;

/// <summary>What the ledger costs: added latency, requests to the store and bytes of a record, by audit mode and connections; and how fast a ledger is verified.</summary>
internal static class AuditCase
{
    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        var requests = 0L;
        await using var rig = await Rig.StartAsync([], ct, storageRequest: line =>
        {
            // The ledger, its list of clients, its index and its transactions; the poll of the state is another table.
            if (line.Contains("/Audit", StringComparison.Ordinal) || line.Contains("$batch", StringComparison.Ordinal)) Interlocked.Increment(ref requests);
        });
        foreach (var target in options.Targets) Drive(rig, target, 16, options.Warmup / options.Targets.Count, ct);

        Print($"{"connections",12}  {"target",-18}{"calls/s",9}{"records/s",11}{"p50 ms",9}{"p99 ms",9}{"added ms",10}{"requests",10}{"a record",10}\n");
        var missed = 0;
        foreach (var connections in options.Connections)
        {
            var floor = 0.0;
            foreach (var target in options.Targets)
            {
                await Usage.SettleAsync(rig, ct);
                var before = Interlocked.Read(ref requests);
                var result = Drive(rig, target, connections, options.Seconds * options.Rounds, ct);
                await Usage.SettleAsync(rig, ct);
                // What the index still owes is written within its period.
                if (target != Target.Floor) await Task.Delay(TimeSpan.FromSeconds(11), ct);
                var asked = Interlocked.Read(ref requests) - before;
                var records = target == Target.Floor ? 0 : target.EndsWith("strict", StringComparison.Ordinal) ? 2L * result.Calls : result.Calls;
                var (p50, p99) = (result.Milliseconds(0.5), result.Milliseconds(0.99));
                if (target == Target.Floor) floor = p50;
                var perRecord = records == 0 ? 0 : (double)asked / records;
                var isMissed = connections == 64 && perRecord > 0.05;
                if (isMissed || result.Errors > 0) missed++;
                Print($"{connections,12}  {target,-18}{result.PerSecond,9:N0}{records / result.Elapsed.TotalSeconds,11:N0}{p50,9:0.00}{p99,9:0.00}{p50 - floor,10:0.00}{asked,10:N0}{perRecord,10:0.0000}{(isMissed ? "  MISSED: at most 0.05" : "")}{(result.FirstError is { } error ? $"  {error}" : "")}\n");
            }
        }

        return missed + await VerifyAsync(rig, ct);
    }

    private static LoadResult Drive(Rig rig, string target, int connections, double seconds, CancellationToken ct)
    {
        var server = rig.Server(target);
        return Load.Run(server.Address, [CallRequest.Of(server.Address, Target.Tool(target), rig.Token)], connections, TimeSpan.FromSeconds(seconds), long.MaxValue / 2, ct);
    }

    /// <summary>Of what the run left behind, in memory: what a core can do, not what the store delivers.</summary>
    private static async Task<int> VerifyAsync(Rig rig, CancellationToken ct)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Storage:ConnectionString", rig.Azurite.ConnectionString), new("Storage:NetworkTimeoutMilliseconds", "30000")]).Build();
        await using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddTableStores().BuildServiceProvider();
        var held = await HeldLedger.ReadAsync(services.GetRequiredService<IAuditStore>(), TimeProvider.System.GetUtcNow(), ct);
        var (records, segments, bytes) = (0L, 0L, 0L);
        foreach (var segment in held.Segments.Where(s => s.ClientId != AuditRecord.Gateway))
        {
            segments++;
            records += segment.Records.Count;
            bytes += segment.Records.Sum(r => (long)r.Length);
        }

        Print($"{records:N0} records in {segments:N0} segments: {(double)records / segments:0.0} records a segment, {(double)bytes / records:0} bytes a record\n");
        var best = 0.0;
        for (var round = 0; round < 5; round++)
        {
            var start = Stopwatch.GetTimestamp();
            var report = await new LedgerVerifier(held, null, new Dictionary<string, System.Security.Cryptography.ECDsa>(), null).VerifyAsync(held.First, held.Last, ct);
            best = Math.Max(best, report.Records / Stopwatch.GetElapsedTime(start).TotalSeconds);
            if (report.Alarms > 0) Print($"verification: {report.FirstAlarm}\n");
            if (report.Alarms > 0) return 1;
        }

        Print($"verified in one thread: {best:N0} records a second{(best >= 100_000 ? "" : "  MISSED: at least 100,000")}\n");
        return best >= 100_000 ? 0 : 1;
    }

    private static void Print(FormattableString line) => Console.Write(line.ToString(CultureInfo.InvariantCulture));

    /// <summary>A ledger in memory.</summary>
    private sealed class HeldLedger(DateOnly first, DateOnly last, List<AuditSegment> segments) : IAuditReader
    {
        private readonly ILookup<(string Day, string Client), AuditSegment> _byPartition = segments.ToLookup(s => (s.Day, s.ClientId));

        public DateOnly First => first;

        public DateOnly Last => last;

        public IReadOnlyList<AuditSegment> Segments => segments;

        public static async Task<HeldLedger> ReadAsync(IAuditStore store, DateTimeOffset now, CancellationToken ct)
        {
            var (first, last) = (DateOnly.FromDateTime(now.UtcDateTime.AddHours(-3)), DateOnly.FromDateTime(now.UtcDateTime));
            var segments = new List<AuditSegment>();
            for (var day = first; day <= last; day = day.AddDays(1))
            {
                var name = day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
                await foreach (var client in store.ReadClientsAsync(name, ct)) segments.AddRange(await store.ReadAsync(name, client, ct).ToListAsync(ct));
            }

            return new HeldLedger(first, last, segments);
        }

        public IAsyncEnumerable<AuditSegment> ReadAsync(string day, string clientId, CancellationToken ct) => _byPartition[(day, clientId)].ToAsyncEnumerable();

        public IAsyncEnumerable<string> ReadClientsAsync(string day, CancellationToken ct) => segments.Where(s => s.Day == day).Select(s => s.ClientId).Distinct().ToAsyncEnumerable();
    }
}
