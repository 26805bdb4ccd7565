using McpServerless.Access;
using McpServerless.Catalogue.Files;
using McpServerless.Contracts.Comparing;

namespace McpServerless.Catalogue.Publishing;

/// <summary>Brings what is published to what a folder of files says.</summary>
/// <remarks>
/// A folder speaks for what it names and for nothing else: what is published and not in it stays, unless it is pruned. Only grants of clients
/// that the folder names are pruned, and clients never are; to end one, its file says <c>state: deprovisioned</c>.
/// <para>
/// The catalogue comes first, because it alone can meet another publisher, and then nothing has been changed yet. Grants are taken away before any is
/// given. The epoch is bumped once, at the end: until then instances go on deciding by what they know, so that none reads a half. An apply that died on its
/// way is finished by the next one, which therefore announces itself even if it finds nothing to change.
/// </para>
/// </remarks>
public sealed class CataloguePublisher(ICatalogueStore catalogues, IAccessStore access, TimeProvider time)
{
    /// <summary>Compares a folder with what is published. Writes nothing.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    /// <param name="team">The team that applies; null when nobody said. It changes only the contracts that it owns.</param>
    public async Task<ApplyPlan> PlanAsync(CatalogueContent content, bool prune, string? team, CancellationToken ct)
    {
        var active = await catalogues.ReadActiveAsync(ct);
        var merge = new CatalogueMerge(content, active, prune, time.GetUtcNow());
        var version = merge.Run();
        if (version is not null) merge.Findings.AddRange(Ownership.Check(active, version, team));
        var clients = new List<Client>();
        foreach (var declared in content.Clients)
        {
            var (client, action) = Settle(declared, await access.FindClientAsync(declared.Client.TenantId, declared.Client.ClientId, ct));
            merge.Changes.Add(new PlannedChange(FileSchemas.Client, client.ClientId, action));
            if (action != ChangeAction.Unchanged) clients.Add(client);
        }

        var (save, remove) = await PlanGrantsAsync(content, merge, prune, ct);
        merge.Findings.Sort();
        return new ApplyPlan
        {
            Changes = merge.Changes,
            Findings = merge.Findings,
            ActiveVersion = active?.Number ?? 0,
            ContractChanges = active is not null && version is not null ? CatalogueComparison.Compare(active, version) : [],
            NewVersion = version,
            ClientsToSave = clients,
            GrantsToSave = save,
            GrantsToRemove = remove,
        };
    }

    /// <summary>Carries a plan out.</summary>
    /// <param name="acceptedBreaking">Why it is right that callers may break; kept with the version. Null when they do not.</param>
    /// <returns>The number of the active version, or null when somebody else published since the plan was made: nothing was changed then.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be written. Applying the folder again finishes what was begun.</exception>
    public async Task<long?> ApplyAsync(ApplyPlan plan, string? acceptedBreaking, IProgress<string> progress, CancellationToken ct)
    {
        if (plan.NeedsApproval && string.IsNullOrWhiteSpace(acceptedBreaking)) throw new InvalidOperationException("A plan that breaks callers is not applied without a reason.");
        if (plan.HasErrors) throw new InvalidOperationException("A plan with errors is not applied.");
        var number = plan.ActiveVersion;
        if (plan.NewVersion is { } version)
        {
            progress.Report("Publishing the catalogue");
            if (await catalogues.PublishAsync(version with { AcceptedBreaking = plan.NeedsApproval ? acceptedBreaking : null }, plan.ActiveVersion, ct) is not { } published) return null;
            number = published;
        }

        try
        {
            await SaveAccessAsync(plan, progress, ct);
        }
        catch (StoreUnavailableException)
        {
            // What was taken away should count at once, even though the rest is missing.
            await TryAnnounceAsync(ct);
            throw;
        }

        progress.Report("Announcing the change");
        await access.BumpEpochAsync(ct);
        return number;
    }

    private async Task SaveAccessAsync(ApplyPlan plan, IProgress<string> progress, CancellationToken ct)
    {
        var total = plan.GrantsToRemove.Count + plan.ClientsToSave.Count + plan.GrantsToSave.Count;
        var done = 0;
        foreach (var grant in plan.GrantsToRemove)
        {
            await access.DeleteGrantAsync(grant, ct);
            Count();
        }

        foreach (var client in plan.ClientsToSave)
        {
            await access.SaveClientAsync(client, ct);
            Count();
        }

        foreach (var grant in plan.GrantsToSave)
        {
            await access.SaveGrantAsync(grant, ct);
            Count();
        }

        void Count()
        {
            if (++done % 25 == 0 || done == total) progress.Report($"Saved {done} of {total} clients and grants");
        }
    }

    private async Task TryAnnounceAsync(CancellationToken ct)
    {
        try
        {
            await access.BumpEpochAsync(ct);
        }
        catch (StoreUnavailableException)
        {
            // The first failure is the one to tell.
        }
    }

    private async Task<(List<Grant> Save, List<Grant> Remove)> PlanGrantsAsync(CatalogueContent content, CatalogueMerge merge, bool prune, CancellationToken ct)
    {
        var save = new List<Grant>();
        var remove = new List<Grant>();
        var wanted = content.Grants.ToLookup(g => g.Grant.ClientId, StringComparer.Ordinal);
        foreach (var clientId in content.Clients.Select(c => c.Client.ClientId).Distinct(StringComparer.Ordinal))
        {
            var stored = (await access.ReadGrantsAsync(clientId, ct)).ToDictionary(Key);
            foreach (var declared in wanted[clientId])
            {
                stored.Remove(Key(declared.Grant), out var old);
                var (grant, action) = Settle(declared, old);
                merge.Changes.Add(new PlannedChange(FileSchemas.Grant, grant.GrantId, action));
                if (action != ChangeAction.Unchanged) save.Add(grant);
            }

            foreach (var left in stored.Values)
            {
                merge.Changes.Add(new PlannedChange(FileSchemas.Grant, left.GrantId, prune ? ChangeAction.Removed : ChangeAction.Kept));
                if (prune) remove.Add(left);
                else merge.Findings.Add(new CatalogueFinding(FindingRule.NotInFolder, "", default, "", $"{FileSchemas.Grant} {left.GrantId} of client {clientId} on {left.Server} is in force, but no file describes it; --prune removes it"));
            }
        }

        return (save, remove);

        static (string Server, string GrantId) Key(Grant grant) => (grant.Server, grant.GrantId);
    }

    private (Client Client, ChangeAction Action) Settle(DeclaredClient declared, Client? stored)
    {
        if (stored is null) return (declared.Client, ChangeAction.Added);
        var client = declared.Client with
        {
            State = declared.StateGiven ? declared.Client.State : stored.State,
            ExpiresAt = Settle(declared.Client.ExpiresAt, declared.ExpiresIn, stored.ExpiresAt),
        };
        return (client, CatalogueMerge.Same(client, InUtc(stored), GovernanceJson.Default.Client) ? ChangeAction.Unchanged : ChangeAction.Changed);

        static Client InUtc(Client client) => client with { ExpiresAt = client.ExpiresAt.ToUniversalTime() };
    }

    private (Grant Grant, ChangeAction Action) Settle(DeclaredGrant declared, Grant? stored)
    {
        if (stored is null) return (declared.Grant, ChangeAction.Added);
        var grant = declared.Grant with { ExpiresAt = Settle(declared.Grant.ExpiresAt, declared.ExpiresIn, stored.ExpiresAt) };
        return (grant, CatalogueMerge.Same(grant, InUtc(stored), GovernanceJson.Default.Grant) ? ChangeAction.Unchanged : ChangeAction.Changed);

        static Grant InUtc(Grant grant) => grant with { ExpiresAt = grant.ExpiresAt.ToUniversalTime(), NextReview = grant.NextReview?.ToUniversalTime() };
    }

    /// <summary>An expiry that was counted from an earlier apply stands while more than half of its time remains, so that applying again changes nothing.</summary>
    private DateTimeOffset Settle(DateTimeOffset wanted, TimeSpan? expiresIn, DateTimeOffset stored) =>
        expiresIn is { } duration && stored <= wanted && stored - time.GetUtcNow() > duration / 2 ? stored.ToUniversalTime() : wanted;
}
