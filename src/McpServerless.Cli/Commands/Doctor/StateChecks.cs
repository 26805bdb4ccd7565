using System.Globalization;
using McpServerless.Access;
using McpServerless.Cli.Stores;

namespace McpServerless.Cli.Commands.Doctor;

/// <summary>What the state itself says, where its storage account may be read.</summary>
internal static class StateChecks
{
    private static readonly TimeSpan OldLook = TimeSpan.FromMinutes(30);

    public static async Task<IReadOnlyList<Diagnosis>> RunAsync(GovernanceStores stores, TimeProvider time, CancellationToken ct)
    {
        var found = new List<Diagnosis>();
        try
        {
            var started = time.GetTimestamp();
            var epoch = await stores.Access.ReadEpochAsync(ct);
            var took = time.GetElapsedTime(started).TotalMilliseconds;
            found.Add(epoch.Length == 0 ? Diagnosis.Warn("state", "the tables are empty", "mcpgov apply FOLDER; or is it another account or --table-prefix?")
                : Diagnosis.Ok("state", string.Create(CultureInfo.InvariantCulture, $"epoch {epoch}, read in {took:0} ms")));
            var active = await stores.Catalogues.ReadActiveAsync(ct);
            found.Add(active is null ? Diagnosis.Fail("active catalogue", "none is published", "mcpgov apply FOLDER")
                : Diagnosis.Ok("active catalogue", $"version {active.Number}: {active.Tools.Count} tools on {active.Servers.Count} virtual servers"));
            found.Add(await ClientsAsync(stores, time, ct));
            foreach (var (name, looked, failure) in (await stores.Drifts.ReadProgressAsync(ct)).Where(p => active?.Upstreams.Any(u => u.Name == p.Name) == true))
            {
                var check = $"upstream {name}";
                found.Add(failure is not null ? Diagnosis.Fail(check, $"the gateway could not look at it: {failure}", "is it up, its URL right, and reachable from the gateway's network (allowPrivateNetwork)?")
                    : time.GetUtcNow() - looked > OldLook ? Diagnosis.Warn(check, $"last looked at {looked:u}", "does the timer watch run? Look into the app's log stream")
                    : Diagnosis.Ok(check, $"looked at {looked:u}"));
            }
        }
        catch (StoreUnavailableException e)
        {
            found.Add(Diagnosis.Fail("state", e.Message, "is the address right, the network open, and have you the role Storage Table Data Reader?"));
        }

        return found;
    }

    private static async Task<Diagnosis> ClientsAsync(GovernanceStores stores, TimeProvider time, CancellationToken ct)
    {
        var (all, ended, soon) = (0, 0, new List<string>());
        await foreach (var client in stores.Clients.ReadClientsAsync(ct))
        {
            all++;
            if (client.State is not ClientState.Active) continue;
            if (client.ExpiresAt <= time.GetUtcNow()) ended++;
            else if (client.ExpiresAt <= time.GetUtcNow().AddDays(14)) soon.Add(client.DisplayName);
        }

        return ended > 0 ? Diagnosis.Warn("clients", $"{ended} of {all} are past their end", "renew them, or let them be")
            : soon.Count > 0 ? Diagnosis.Warn("clients", $"end within 14 days: {string.Join(", ", soon.Take(10))}", "renew those that are still needed")
            : Diagnosis.Ok("clients", $"{all} registered");
    }
}
