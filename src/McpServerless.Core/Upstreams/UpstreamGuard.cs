using McpServerless.ToolCalls;
using Polly;
using Polly.CircuitBreaker;
using Polly.RateLimiting;

namespace McpServerless.Upstreams;

/// <summary>Keeps one upstream's trouble from becoming everybody's: a bound on what is under way, and a pause after it failed again and again.</summary>
/// <remarks>What counts as failing is that it cannot be reached, answers with 5xx or 429, or does not answer in time; not what it answers.</remarks>
internal sealed class UpstreamGuard
{
    /// <summary>Half of the calls within half a minute, and at least this many, have to fail.</summary>
    private const int MinimumThroughput = 20;

    private static readonly TimeSpan Sampling = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(5);

    private readonly ResiliencePipeline _pipeline;

    public UpstreamGuard(Catalogue.Upstream upstream, TimeProvider time) =>
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddConcurrencyLimiter(upstream.MaxConcurrentCalls, queueLimit: upstream.MaxConcurrentCalls)
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = 0.5,
                MinimumThroughput = MinimumThroughput,
                SamplingDuration = Sampling,
                BreakDuration = Break,
                ShouldHandle = static args => ValueTask.FromResult(args.Outcome.Result is IOutcome { Refusal: { } refusal }
                    && (refusal.Code == RefusalCode.UpstreamUnavailable || refusal.Code == RefusalCode.UpstreamTimeout)),
            })
            .Build();

    /// <summary>Runs a call, or the reading of a list, unless the upstream is spared: then <c>upstream_unavailable</c>, with when to come back.</summary>
    public async ValueTask<ToolCalls.Outcome<T>> RunAsync<TClient, TWork, T>(TClient client, TWork work, Func<TClient, TWork, CancellationToken, ValueTask<ToolCalls.Outcome<T>>> call, CancellationToken ct)
        where T : class
    {
        try
        {
            return await _pipeline.ExecuteAsync(static (state, token) => state.call(state.client, state.work, token), (client, work, call), ct);
        }
        catch (BrokenCircuitException e)
        {
            return UpstreamFault.Spared("it failed again and again and is left alone for a moment", (int)Math.Ceiling((e.RetryAfter ?? Break).TotalSeconds));
        }
        catch (RateLimiterRejectedException)
        {
            return UpstreamFault.Spared("as many calls as it may have are under way, and as many wait", 1);
        }
    }
}
