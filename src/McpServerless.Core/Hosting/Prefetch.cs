using McpServerless.Access;
using McpServerless.Authentication;
using Microsoft.Extensions.Hosting;

namespace McpServerless.Hosting;

/// <summary>Begins to read the issuer's keys and the active catalogue while the host still starts, so that the first call of a new instance finds them.</summary>
/// <remarks>Nobody waits for it: a fault here is met again, and told, by the call that needs what is missing.</remarks>
internal sealed class Prefetch(SigningKeys keys, GovernanceState state) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        keys.Prefetch();
        await state.CurrentAsync(stoppingToken);
    }
}
