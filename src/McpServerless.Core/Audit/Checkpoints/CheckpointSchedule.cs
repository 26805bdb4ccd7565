using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.Audit.Checkpoints;

/// <summary>What the timer runs: a checkpoint where a key and a place are configured.</summary>
public sealed partial class CheckpointSchedule(IServiceProvider services, IOptions<CheckpointOptions> options, ILogger<CheckpointSchedule> logger)
{
    /// <summary>Makes a checkpoint.</summary>
    /// <exception cref="StoreUnavailableException">Something it needs cannot be used; the next run makes up for it.</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        if (!options.Value.IsConfigured)
        {
            Log.NotConfigured(logger);
            return;
        }

        await services.GetRequiredService<CheckpointTimer>().RunAsync(ct);
    }

    private static partial class Log
    {
        [LoggerMessage(3104, LogLevel.Warning, "The ledger is not signed: no key and place of checkpoints are configured")]
        public static partial void NotConfigured(ILogger logger);
    }
}
