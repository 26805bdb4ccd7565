using McpServerless.Budgets.Runaway;

namespace McpServerless.Core.Tests.Budgets.Runaway;

/// <summary>A trace with its label: what a client did, and from which call on it is a runaway.</summary>
/// <param name="Kind">The generator.</param>
/// <param name="RunawayFrom">Index of the first call of the runaway; null for a legitimate trace.</param>
/// <param name="Calls">What was called when (microseconds), and how it ended.</param>
internal sealed record Trace(string Kind, int? RunawayFrom, IReadOnlyList<(long Time, CallEnding Ending)> Calls);

/// <summary>Traces of agents, made from a seed: six kinds of runaways, and seven of what looks like one and is none.</summary>
internal sealed class TraceGenerator(int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<(long, CallEnding)> _calls = [];
    private long _now;

    public static IReadOnlyList<string> Runaways { get; } = ["same call", "same call with others between", "cycle", "error loop", "refusal loop", "retry storm"];

    public static IReadOnlyList<string> Legitimate { get; } = ["batch job", "batch with a common call", "human bursts", "slow growth", "fan-out", "polling", "flaky upstream"];

    public Trace Make(string kind)
    {
        Warm();
        var start = _calls.Count;
        switch (kind)
        {
            case "same call":
                Loop(120, _ => Ok("search", 7, result: 7));
                break;
            case "same call with others between":
                Loop(120, i => i % 9 == 8 ? Ok("note", i) : Ok("search", 7, result: 7));
                break;
            case "cycle":
                var length = _random.Next(2, 5);
                Loop(150, i => Ok($"tool{i % length}", i % length, result: i % length));
                break;
            case "error loop":
                Loop(120, i => new CallEnding("orders/update", $"a{i}", $"r{i}", "isError", null));
                break;
            case "refusal loop":
                Loop(120, i => new CallEnding("orders/update", $"a{i}", null, null, _random.Next(2) == 0 ? "arguments_invalid" : "tool_unknown"));
                break;
            case "retry storm":
                Loop(200, _ => new CallEnding("orders/read", "a", null, _random.Next(10) < 9 ? "upstream_timeout" : null, null), fastest: 5, slowest: 150);
                break;
            case "batch job":
                // Ten workers through thousands of items; a part fails, a part waits at the limit as told.
                Loop(1500, i => _random.Next(100) switch
                {
                    < 8 => new CallEnding("orders/update", $"a{i}", $"r{i}", "isError", null),
                    < 11 => new CallEnding("orders/update", $"a{i}", null, null, "rate_limited"),
                    _ => Ok("orders/update", i),
                }, fastest: 5, slowest: 60);
                break;
            case "batch with a common call":
                Loop(800, i => i % 2 == 0 ? Ok("orders/token", 0, result: 0) : Ok("orders/update", i), fastest: 20, slowest: 200);
                break;
            case "human bursts":
                for (var burst = 0; burst < 20; burst++)
                {
                    var topic = _random.Next(50);
                    Loop(_random.Next(3, 15), i => _random.Next(3) == 0 ? Ok("search", topic, result: topic) : Ok("read", _random.Next(200)), fastest: 100, slowest: 1500);
                    _now += _random.Next(20_000_000, 400_000_000);
                }

                break;
            case "slow growth":
                for (var i = 0; i < 1200; i++) Call(_random.Next(Math.Max(40, 2000 - (i * 2))), Ok($"tool{_random.Next(4)}", _random.Next(60)));
                break;
            case "fan-out":
                // So many agents of one client begin alike: each lists, reads the same guide, then goes its own way.
                for (var wave = 0; wave < 12; wave++)
                {
                    var agents = _random.Next(4, 14);
                    for (var i = 0; i < agents; i++) Call(_random.Next(1, 30), Ok("list", 0, result: 0));
                    for (var i = 0; i < agents; i++) Call(_random.Next(1, 30), Ok("guide", 0, result: 0));
                    Loop(agents * 6, i => Ok($"tool{_random.Next(3)}", (wave * 1000) + i), fastest: 5, slowest: 100);
                }

                break;
            case "polling":
                Loop(100, _ => Ok("jobs/status", 5, result: 0), fastest: 4500, slowest: 6000);
                Loop(200, i => Ok("jobs/status", 5, result: i / 3), fastest: 300, slowest: 900);
                break;
            case "flaky upstream":
                Loop(600, i => _random.Next(100) < 35 ? new CallEnding("weather/read", $"a{i}", null, "upstream_unavailable", null) : Ok("weather/read", i), fastest: 50, slowest: 800);
                break;
            default:
                throw new ArgumentException(kind, nameof(kind));
        }

        return new Trace(kind, Runaways.Contains(kind) ? start : null, [.. _calls]);
    }

    private void Warm() => Loop(_random.Next(5, 60), i => Ok($"tool{_random.Next(5)}", _random.Next(40)), fastest: 100, slowest: 3000);

    private void Loop(int calls, Func<int, CallEnding> ending, int fastest = 150, int slowest = 2000)
    {
        // A loop has a pace of its own, somewhere between.
        var pace = _random.Next(fastest, slowest + 1);
        for (var i = 0; i < calls; i++) Call(_random.Next(Math.Max(1, pace / 2), (pace * 3 / 2) + 1), ending(i));
    }

    private void Call(int afterMilliseconds, CallEnding ending)
    {
        _now += afterMilliseconds * 1000L;
        _calls.Add((_now, ending));
    }

    private static CallEnding Ok(string tool, int arguments, int? result = null) => new(tool, $"a{arguments}", $"r{result ?? arguments}", null, null);
}
