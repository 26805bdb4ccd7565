using McpServerless.Notifying;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.Budgets.Runaway;

/// <summary>A pause of one tool for one client, as it stands on the client's page, so that all instances keep it.</summary>
/// <param name="Until">From then on calls are let through again.</param>
/// <param name="Level">How many pauses came before it within an hour.</param>
/// <param name="Reason">What showed the runaway, for people and for the model.</param>
public sealed record RunawayPause(DateTimeOffset Until, int Level, string Reason);

/// <summary>Watches how calls end, tells a runaway from a spike by what repeats, and pauses it.</summary>
/// <remarks>
/// A spike is many different calls and is none of its business: it spends saved burst. What it knows is of this instance; the pause that follows
/// is on the client's page, and every instance that reads the page keeps it.
/// </remarks>
public sealed partial class RunawayWatch(BudgetEngine engine, DemandWatch demand, IOptions<RunawayOptions> options, TimeProvider time, ILogger<RunawayWatch> logger, NoticeBox? notices = null)
{
    private const int MaxClients = 20_000;

    private readonly RunawayOptions _options = options.Value;
    private readonly Dictionary<BudgetPageKey, CallTrail> _trails = [];
    private readonly Lock _gate = new();
    private readonly long _start = time.GetTimestamp();

    /// <summary>The pause that a call runs into; null when there is none.</summary>
    public RunawayPause? FindPause(string tenantId, string clientId, string tool) =>
        engine.FindPause(new BudgetPageKey(tenantId, clientId), tool) is { } pause && pause.Until > time.GetUtcNow() ? pause : null;

    /// <summary>How long a call is held back because its client has begun to repeat itself.</summary>
    public TimeSpan Slowness(string tenantId, string clientId)
    {
        lock (_gate)
        {
            return _options.Pause && _trails.TryGetValue(new BudgetPageKey(tenantId, clientId), out var trail) && trail.Closeness >= 0.5
                ? TimeSpan.FromMilliseconds(_options.SlowMilliseconds)
                : TimeSpan.Zero;
        }
    }

    /// <summary>Takes note of an ending; the evidence where it completes a runaway.</summary>
    public RunawayEvidence? Observe(string tenantId, string clientId, CallEnding ending)
    {
        var key = new BudgetPageKey(tenantId, clientId);
        RunawayEvidence? evidence;
        lock (_gate)
        {
            if (!_trails.TryGetValue(key, out var trail))
            {
                if (_trails.Count >= MaxClients) DropOldest();
                _trails[key] = trail = new CallTrail(_options);
            }

            evidence = trail.Add(ending, (long)time.GetElapsedTime(_start).TotalMicroseconds);
        }

        var saturation = demand.Add(key, ending);
        evidence ??= saturation;

        if (evidence is null) return null;
        Log.Runaway(logger, clientId, evidence.Tool, evidence.Kind, evidence.Calls, evidence.Span.TotalSeconds, _options.Pause && evidence.Tool.Length > 0);
        if (_options.Pause && evidence.Tool.Length > 0)
        {
            engine.Pause(key, evidence.Tool, TimeSpan.FromSeconds(_options.FirstPauseSeconds), Describe(evidence));
            if (notices is not null) _ = TellAsync(notices, tenantId, clientId, evidence);
        }

        return evidence;
    }

    /// <summary>Beside the call, which must not wait for it. Where it fails, the alert on the refusals that follow still tells.</summary>
    private async Task TellAsync(NoticeBox box, string tenantId, string clientId, RunawayEvidence evidence)
    {
        var now = time.GetUtcNow();
        try
        {
            // Once an hour for each tool of a client, on however many instances.
            await box.PostAsync(
                new Notice
                {
                    NoticeId = Notice.IdOf(NoticeTypes.RunawayPaused, tenantId, clientId, evidence.Tool, AccessNotices.Number(now.ToUnixTimeSeconds() / 3600)),
                    Type = NoticeTypes.RunawayPaused,
                    Subject = $"clients/{clientId}/tools/{evidence.Tool}",
                    Time = now,
                    Summary = $"Client {clientId} is paused for tool {evidence.Tool}: {Describe(evidence)}.",
                    ToDo = "Stop the agent or repair its loop. The pause ends by itself and comes back longer; an operator ends it at once.",
                    Command = $"mcpgov budget resume {clientId} --tool {evidence.Tool} --reason REASON",
                    ClientId = clientId,
                },
                CancellationToken.None);
        }
        catch (StoreUnavailableException e)
        {
            Log.NotTold(logger, e, clientId, evidence.Tool);
        }
    }

    /// <summary>What is seen, in words that a model can act on.</summary>
    public static string Describe(RunawayEvidence evidence)
    {
        var seconds = Math.Max(1, (int)evidence.Span.TotalSeconds);
        return evidence.Kind switch
        {
            RunawayKind.SameCall => $"the same call with the same arguments gave the same result {evidence.Calls} times in {seconds} s",
            RunawayKind.Cycle => $"a cycle of {evidence.Period} calls repeated itself over {evidence.Calls} calls in {seconds} s without a change",
            RunawayKind.SameError => $"the tool gave the same error {evidence.Calls} times in {seconds} s",
            RunawayKind.Saturation => $"for {seconds / 60} min most calls were refused by limits, at {evidence.Calls} calls a minute, which is {evidence.Period} times as many as usual at this hour",
            _ => $"{evidence.Calls} calls in a row were refused in {seconds} s, and the next one came all the same",
        };
    }

    private void DropOldest()
    {
        foreach (var (key, _) in _trails.OrderBy(t => t.Value.LastSeen).Take(MaxClients / 10).ToList()) _trails.Remove(key);
    }

    private static partial class Log
    {
        [LoggerMessage(6104, LogLevel.Warning, "The notice of the runaway of {ClientId} with {Tool} could not be written")]
        public static partial void NotTold(ILogger logger, Exception exception, string clientId, string tool);

        [LoggerMessage(6101, LogLevel.Warning, "Runaway of {ClientId} with {Tool}: {Kind}, {Calls} calls in {Seconds} s; paused: {Paused}")]
        public static partial void Runaway(ILogger logger, string clientId, string tool, RunawayKind kind, int calls, double seconds, bool paused);
    }
}
