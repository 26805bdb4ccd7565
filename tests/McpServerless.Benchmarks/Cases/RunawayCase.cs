using System.Globalization;
using McpServerless.Budgets.Runaway;
using McpServerless.Core.Tests.Budgets.Runaway;

namespace McpServerless.Benchmarks.Cases;

/// <summary>Labelled traces at default settings: which runaways are found and after how much, and what legitimate work is taken for one.</summary>
internal static class RunawayCase
{
    /// <summary>The tests of the detection begin at 900,000; thresholds were chosen with seeds below 1,000.</summary>
    private const int FirstSeed = 5_000_000;

    private const int TracesOfEach = 2_000;

    public static int Run()
    {
        Console.Write(Text($"{TracesOfEach:N0} traces of each kind, seeds from {FirstSeed:N0} on, default settings\n\n"));
        Console.Write(Text($"{"trace",-30}{"paused",14}{"calls p50",11}{"p99",6}{"most",6}{"s p50",8}{"s most",8}{"too late",10}\n"));
        var (found, late, wrong, runaways) = (0, 0, 0, 0);
        foreach (var kind in TraceGenerator.Runaways)
        {
            var line = new Line(kind);
            line.Print();
            (found, late, wrong, runaways) = (found + line.Found.Count, late + line.Late, wrong + line.Early, runaways + TracesOfEach);
        }

        foreach (var kind in TraceGenerator.Legitimate)
        {
            var line = new Line(kind);
            line.Print();
            wrong += line.Early;
        }

        var precision = found + wrong == 0 ? 1 : found / (double)(found + wrong);
        Console.Write(Text($"\nprecision {precision:0.0000} ({wrong:N0} pauses of what was legitimate), recall {found / (double)runaways:0.0000} ({found:N0} of {runaways:N0}), {late:N0} later than 30 calls and 10 s\n"));
        return wrong == 0 && late == 0 && found == runaways ? 0 : 1;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Line
    {
        private readonly string _kind;

        public Line(string kind)
        {
            _kind = kind;
            for (var i = 0; i < TracesOfEach; i++) Add(new TraceGenerator(FirstSeed + i).Make(kind));
            Found.Sort();
        }

        /// <summary>Calls and seconds from the first call of the runaway to the pause.</summary>
        public List<(int Calls, double Seconds)> Found { get; } = [];

        /// <summary>Found later than allowed.</summary>
        public int Late { get; private set; }

        /// <summary>Paused although it was legitimate so far.</summary>
        public int Early { get; private set; }

        public void Print()
        {
            Console.Write(Text($"{_kind,-30}{$"{Found.Count + Early:N0}/{TracesOfEach:N0}",14}"));
            if (Found.Count > 0) Console.Write(Text($"{At(0.5).Calls,11}{At(0.99).Calls,6}{Found[^1].Calls,6}{Found.ConvertAll(f => f.Seconds).Order().ElementAt(Found.Count / 2),8:0.0}{Found.Max(f => f.Seconds),8:0.0}{Late,10:N0}"));
            Console.WriteLine();
        }

        private (int Calls, double Seconds) At(double quantile) => Found[(int)Math.Min(Found.Count - 1, Found.Count * quantile)];

        private void Add(Trace trace)
        {
            var trail = new CallTrail(new RunawayOptions());
            for (var i = 0; i < trace.Calls.Count; i++)
            {
                var (time, ending) = trace.Calls[i];
                if (trail.Add(ending, time) is null) continue;
                if (trace.RunawayFrom is not { } from || i < from)
                {
                    Early++;
                    return;
                }

                var seconds = (time - trace.Calls[from].Time) / 1e6;
                Found.Add((i - from + 1, seconds));
                if (i - from + 1 > 30 && seconds > 10) Late++;
                return;
            }
        }
    }
}
