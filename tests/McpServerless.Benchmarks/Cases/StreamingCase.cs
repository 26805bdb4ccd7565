using System.Globalization;
using System.Text;
using McpServerless.Benchmarks.Driver;
using McpServerless.Benchmarks.Setup;

namespace McpServerless.Benchmarks.Cases;

/// <summary>Calls whose upstream sends many notifications before the result: what each message costs on its way through the rules.</summary>
internal static class StreamingCase
{
    private const string Tool = "stream-async";

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        await using var rig = await Rig.StartAsync([], ct);
        Driven[] targets =
        [
            new(Target.Floor, rig.Floor, [CallRequest.OfStream(rig.Floor.Address, Tool, rig.Token, options.Messages)]),
            new("gateway", rig.Gateway, [CallRequest.OfStream(rig.Gateway.Address, Tool, rig.Token, options.Messages)]),
        ];
        var tallies = await new Rounds(rig, options).RunAsync(targets, ct);
        Console.Write(ToTable(tallies, options));
        return tallies.Any(t => t.Errors > 0) ? 1 : 0;
    }

    private static string ToTable(IReadOnlyList<Tally> tallies, BenchOptions options)
    {
        var text = new StringBuilder();
        Add($"{CallsReport.ThisMachine()}; {options.Rounds} rounds of {options.Seconds} s per target, interleaved; {options.Messages} notifications and a result per call\n\n");
        Add($"{"conn",4} {"target",-10}{"messages/s",12}{"(rounds)",18}{"x floor",9}{"first byte ms",15}{"+ floor",9}{"call p50 ms",13}  |{"server us",11}{"alloc B",9} per message |{"errors",8}\n");
        foreach (var row in tallies.GroupBy(t => t.Connections))
        {
            var floor = row.First(t => t.Target == Target.Floor);
            foreach (var t in row)
            {
                double? share = t == floor ? null : CallsReport.Median(t.MessagesPerSecond.Zip(floor.MessagesPerSecond, (own, its) => own / its));
                double? later = t == floor ? null : CallsReport.Median(t.FirstByte.Zip(floor.FirstByte, (own, its) => own - its));
                Add($"{t.Connections,4} {t.Target,-10}{CallsReport.Median(t.MessagesPerSecond),12:N0}{$"{t.MessagesPerSecond.Min():N0}-{t.MessagesPerSecond.Max():N0}",18}{share,9:0.00}");
                Add($"{CallsReport.Median(t.FirstByte),15:0.000}{later,9:+0.000;-0.000}{CallsReport.Median(t.Median),13:0.000}  |{t.ServerMicrosecondsOfMessage,11:0.0}{t.AllocatedBytesOfMessage,9:N0}             |{t.Errors,8}\n");
            }

            text.Append('\n');
        }

        foreach (var t in tallies.Where(t => t.FirstError is not null)) Add($"first error of {t.Target} at {t.Connections}: {t.FirstError}\n");
        return text.ToString();

        void Add(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture));
    }
}
