using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace McpServerless.Benchmarks.Cases;

/// <summary>The figures of one run, as a table and as JSON.</summary>
internal sealed record CallsReport(string Machine, string Unit, double Seconds, int Rounds, IReadOnlyList<CallsReport.Line> Lines, IReadOnlyList<CallsReport.Goal> Goals)
{
    /// <param name="OfFloor">Throughput as a share of the floor's, the median of the rounds; null without a floor.</param>
    /// <param name="P50OverFloor">Milliseconds at the median more than the floor's, the median of the rounds; null without a floor.</param>
    /// <param name="SettlingSeconds">What the ledger took on average after a round until its records were written, including 0.1 s of waiting.</param>
    internal sealed record Line(
        int Connections,
        string Target,
        double PerSecond,
        double SlowestRound,
        double FastestRound,
        double? OfFloor,
        double P50,
        double? P50OverFloor,
        double P99,
        double ServerMicroseconds,
        double AzuriteMicroseconds,
        double UpstreamMicroseconds,
        double DriverMicroseconds,
        double AllocatedBytes,
        double SettlingSeconds,
        long Calls,
        long Errors,
        string? FirstError);

    internal sealed record Goal(string What, double? Measured, bool? Met);

    /// <param name="tallies">What was driven.</param>
    /// <param name="options">How.</param>
    /// <param name="unit">What one of them is, in the plural.</param>
    /// <param name="floorOf">The target that another is compared with.</param>
    /// <param name="goals">What the figures are held to.</param>
    public static CallsReport Of(IReadOnlyList<Tally> tallies, BenchOptions options, string unit, Func<string, string> floorOf, Func<IReadOnlyList<Line>, IReadOnlyList<Goal>> goals)
    {
        var lines = tallies.Select(t => LineOf(t, tallies.FirstOrDefault(f => f.Target == floorOf(t.Target) && f.Connections == t.Connections))).ToArray();
        return new CallsReport(ThisMachine(), unit, options.Seconds, options.Rounds, lines, goals(lines));
    }

    public static string ThisMachine() =>
        $"{Environment.ProcessorCount} processors, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, load average {LoadAverage()}";

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.CallsReport);

    public string ToTable()
    {
        var text = new StringBuilder();
        Add($"{Machine}; {Rounds} rounds of {Seconds} s per target, interleaved\n\n");
        Add($"{"conn",4} {"target",-22}{Unit + "/s",9}{"(rounds)",16}{"x floor",9}{"p50 ms",9}{"+ floor",9}{"p99 ms",9}  |{"server",8}{"azurite",8}{"upstream",9}{"driver",8} us CPU |{"alloc B",9}{"settle s",9}{"errors",8}\n");
        foreach (var group in Lines.GroupBy(l => l.Connections))
        {
            foreach (var l in group)
            {
                Add($"{l.Connections,4} {l.Target,-22}{l.PerSecond,9:N0}{$"{l.SlowestRound:N0}-{l.FastestRound:N0}",16}{l.OfFloor,9:0.00}{l.P50,9:0.000}{l.P50OverFloor,9:+0.000;-0.000}{l.P99,9:0.000}  |");
                Add($"{l.ServerMicroseconds,8:0.0}{l.AzuriteMicroseconds,8:0.0}{l.UpstreamMicroseconds,9:0.0}{l.DriverMicroseconds,8:0.0}        |{l.AllocatedBytes,9:N0}{l.SettlingSeconds,9:0.0}{l.Errors,8}\n");
            }

            text.Append('\n');
        }

        Add($"{Unit}/s, x floor and + floor are medians of the rounds, p50 too; p99 is over all. CPU and allocations are of one; records\n");
        Add($"still to be written after a round (settle) are counted with it.\n");
        foreach (var goal in Goals) Add($"{goal.Met switch { true => "met   ", false => "MISSED", null => "-     " }} {goal.What}: {goal.Measured:0.000}\n");
        foreach (var l in Lines.Where(l => l.FirstError is not null)) Add($"first error of {l.Target} at {l.Connections}: {l.FirstError}\n");
        return text.ToString();

        void Add(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture));
    }

    private static Line LineOf(Tally t, Tally? floor) => new(
        t.Connections,
        t.Target,
        Median(t.PerSecond),
        t.PerSecond.Min(),
        t.PerSecond.Max(),
        floor is null || floor == t ? null : Median(t.PerSecond.Zip(floor.PerSecond, (own, its) => own / its)),
        Median(t.Median),
        floor is null || floor == t ? null : Median(t.Median.Zip(floor.Median, (own, its) => own - its)),
        t.Percentile(0.99),
        t.ServerMicroseconds,
        t.AzuriteMicroseconds,
        t.UpstreamMicroseconds,
        t.DriverMicroseconds,
        t.AllocatedBytes,
        t.SettlingSeconds,
        t.Calls,
        t.Errors,
        t.FirstError);

    private static string LoadAverage() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}

[JsonSerializable(typeof(CallsReport))]
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
internal sealed partial class ReportJson : JsonSerializerContext;
