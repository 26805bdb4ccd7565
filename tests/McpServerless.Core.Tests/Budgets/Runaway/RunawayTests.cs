using McpServerless.Budgets.Runaway;
using Xunit.Abstractions;

namespace McpServerless.Core.Tests.Budgets.Runaway;

/// <summary>Generated, labelled traces at default settings, on seeds that no threshold was chosen with.</summary>
public sealed class RunawayTests(ITestOutputHelper output)
{
    private const int FirstUnseenSeed = 900_000;
    private const int TracesOfEach = 300;

    public static TheoryData<string> Runaways => [.. TraceGenerator.Runaways];

    public static TheoryData<string> Legitimate => [.. TraceGenerator.Legitimate];

    [Theory]
    [MemberData(nameof(Runaways))]
    public void EveryRunaway_IsFoundWithinThirtyCallsOrTenSeconds(string kind)
    {
        var (most, sum) = (0, 0);
        for (var i = 0; i < TracesOfEach; i++)
        {
            var trace = new TraceGenerator(FirstUnseenSeed + i).Make(kind);
            var found = FirstFinding(trace);
            Assert.True(found >= trace.RunawayFrom, $"{kind}, seed {FirstUnseenSeed + i}: {found}");
            var calls = found.Value - trace.RunawayFrom.Value + 1;
            var time = trace.Calls[found.Value].Time - trace.Calls[trace.RunawayFrom.Value].Time;
            if (calls > 30 && time > 10_000_000) Assert.Fail($"{kind}, seed {FirstUnseenSeed + i}: only after {calls} calls and {time / 1e6:F1} s");
            (most, sum) = (Math.Max(most, calls), sum + calls);
        }

        output.WriteLine($"{kind}: recall {TracesOfEach}/{TracesOfEach}, found after {(double)sum / TracesOfEach:F1} calls, {most} at the most");
    }

    [Theory]
    [MemberData(nameof(Legitimate))]
    public void NoLegitimateTrace_IsTakenForARunaway(string kind)
    {
        var calls = 0;
        for (var i = 0; i < TracesOfEach; i++)
        {
            var trace = new TraceGenerator(FirstUnseenSeed + i).Make(kind);
            calls += trace.Calls.Count;
            if (FirstFinding(trace) is { } found) Assert.Fail($"{kind}, seed {FirstUnseenSeed + i}: call {found} of {trace.Calls.Count}");
        }

        output.WriteLine($"{kind}: {TracesOfEach} traces with {calls} calls, none paused");
    }

    [Fact]
    public void AskingHowATaskStands_IsNoRepetition_ButItsErrorsAre()
    {
        var poll = new CallEnding("jobs/tasks/get:run", "task-1", "working", null, null) { Polls = true };
        Assert.Null(FirstFinding(Every(300, 200, poll)));
        Assert.NotNull(FirstFinding(Every(300, 200, poll with { Polls = false })));
        Assert.NotNull(FirstFinding(Every(300, 200, poll with { Result = null, Error = "upstream_timeout" })));
        Assert.NotNull(FirstFinding(Every(300, 200, poll with { Result = null, Refusal = "budget_exhausted" })));
    }

    private static Trace Every(int milliseconds, int calls, CallEnding ending) =>
        new("the same", null, [.. Enumerable.Range(0, calls).Select(i => (i * milliseconds * 1000L, ending))]);

    private static int? FirstFinding(Trace trace)
    {
        var trail = new CallTrail(new RunawayOptions());
        for (var i = 0; i < trace.Calls.Count; i++)
        {
            if (trail.Add(trace.Calls[i].Ending, trace.Calls[i].Time) is not null) return i;
        }

        return null;
    }
}
