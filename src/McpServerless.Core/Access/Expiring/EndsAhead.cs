using McpServerless.Access.Administration;
using McpServerless.Notifying;
using Microsoft.Extensions.Logging;

namespace McpServerless.Access.Expiring;

/// <summary>Tells owners what will end: clients 30, 14, 7 and 1 days before, grants 14, 7 and 1 days before. What was asked for just in time ends without a word.</summary>
/// <remarks>What is told is worked out from the dates alone, under the same id however often: a run that is cut off or comes twice tells nothing twice.</remarks>
public sealed partial class EndsAhead(IEndedAccess ended, IClientDirectory directory, NoticeBox notices, TimeProvider time, ILogger<EndsAhead> logger)
{
    private static readonly int[] ClientDays = [1, 7, 14, 30];
    private static readonly int[] GrantDays = [1, 7, 14];

    /// <returns>How many were told now.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot be used; the next run goes on.</exception>
    public async Task<int> AnnounceAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var told = 0;
        await foreach (var (client, _) in ended.ReadEndedClientsAsync(now.AddDays(ClientDays[^1]), ct))
        {
            if (client.ExpiresAt <= now || client.State is ClientState.Expired or ClientState.Deprovisioned) continue;
            if (await notices.PostAsync(AccessNotices.ClientExpiring(client, StageOf(ClientDays, client.ExpiresAt, now), now), ct)) told++;
        }

        Dictionary<string, Client>? clients = null;
        await foreach (var (grant, _) in ended.ReadEndedGrantsAsync(now.AddDays(GrantDays[^1]), ct))
        {
            if (grant.ExpiresAt <= now || GrantRequest.Made(grant) || grant.Effect == GrantEffect.Deny) continue;
            clients ??= await directory.ReadClientsByIdAsync(ct);
            if (await notices.PostAsync(AccessNotices.GrantExpiring(grant, clients.GetValueOrDefault(grant.ClientId), StageOf(GrantDays, grant.ExpiresAt, now), now), ct)) told++;
        }

        Log.Told(logger, told);
        return told;
    }

    /// <summary>The nearest number of days that a moment is within.</summary>
    internal static int StageOf(int[] days, DateTimeOffset end, DateTimeOffset now) => days.First(d => end <= now.AddDays(d));

    private static partial class Log
    {
        [LoggerMessage(2103, LogLevel.Information, "Told owners of {Count} clients and grants that will end")]
        public static partial void Told(ILogger logger, int count);
    }
}
