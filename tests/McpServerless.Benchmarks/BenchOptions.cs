using System.Globalization;

namespace McpServerless.Benchmarks;

internal sealed record BenchOptions
{
    public string Case { get; private init; } = "calls";

    /// <summary>Length of one round.</summary>
    public double Seconds { get; private init; } = 2;

    public int Rounds { get; private init; } = 5;

    public IReadOnlyList<int> Connections { get; private init; } = [1, 16, 64];

    public IReadOnlyList<string> Targets { get; private init; } = Target.All;

    /// <summary>Seconds under load before anything counts, for each process: tiered compilation needs them.</summary>
    public double Warmup { get; private init; } = 15;

    /// <summary>Notifications of one call, in the streaming case.</summary>
    public int Messages { get; private init; } = 200;

    /// <summary>Streams that are open at once, in the streams case.</summary>
    public int Streams { get; private init; } = 1000;

    public string? JsonFile { get; private init; }

    /// <summary>Null when the arguments cannot be understood.</summary>
    public static BenchOptions? Parse(string[] args)
    {
        var options = new BenchOptions();
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] is "calls" or "streaming" or "lists" or "streams" or "memory" or "stages" or "budgets" or "instances" or "runaway" or "audit" or "audit-day" or "contracts" && i == 0)
            {
                options = options with { Case = args[i] };
                continue;
            }

            if (i + 1 == args.Length) return null;
            var value = args[i + 1];
            var next = args[i++] switch
            {
                "--seconds" when Positive(value, out var number) => options with { Seconds = number },
                "--warmup" when Positive(value, out var number) => options with { Warmup = number },
                "--rounds" when Positive(value, out var number) => options with { Rounds = (int)Math.Ceiling(number) },
                "--messages" when Positive(value, out var number) => options with { Messages = (int)Math.Ceiling(number) },
                "--streams" when Positive(value, out var number) => options with { Streams = (int)Math.Ceiling(number) },
                "--connections" when List(value) is { } numbers => options with { Connections = numbers },
                "--targets" when value.Split(',') is var names && names.All(Target.All.Contains) => options with { Targets = names },
                "--json" => options with { JsonFile = value },
                _ => null,
            };
            if (next is null) return null;
            options = next;
        }

        return options;
    }

    private static bool Positive(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && number > 0;

    private static int[]? List(string text)
    {
        var parts = text.Split(',');
        var numbers = Array.ConvertAll(parts, p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0);
        return numbers.All(n => n is > 0 and <= 1024) ? numbers : null;
    }
}
