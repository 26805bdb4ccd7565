using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Catalogue.Files;
using McpServerless.Contracts.Comparing;

namespace McpServerless.Catalogue.Publishing;

/// <summary>Brings what is published to what a folder of files says.</summary>
/// <remarks>
/// A folder speaks for what it names and for nothing else: what is published and not in it stays, unless it is pruned. Only grants of clients
/// that the folder names are pruned, and clients never are; to end one, its file says <c>state: deprovisioned</c>.
/// <para>
/// The catalogue comes first, because it alone can meet another publisher, and then nothing has been changed yet. Grants are taken away before any is
/// given. A client or grant that somebody else changed since the plan was made stays as it is and is named: nothing is written over what was not seen. The epoch is bumped once, at the end: until then instances go on deciding by what they know, so that none reads a half. An apply that died on its
/// way is finished by the next one, which therefore announces itself even if it finds nothing to change.
/// </para>
/// </remarks>
public sealed class CataloguePublisher(ICatalogueStore catalogues, IAccessStore access, IAccessEditor editor, TimeProvider time)
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
        var clients = new List<PlannedWrite<Client>>();
        var named = new Dictionary<string, Client>(StringComparer.Ordinal);
        foreach (var declared in content.Clients)
        {
            var stored = await editor.FindClientAsync(declared.Client.TenantId, declared.Client.ClientId, ct);
            var (client, action) = Settle(declared, stored?.Value);
            merge.Changes.Add(new PlannedChange(FileSchemas.Client, client.ClientId, action));
            named[client.ClientId] = client;
            if (action != ChangeAction.Unchanged) clients.Add(new PlannedWrite<Client>(client, stored?.ETag, stored?.Value));
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
            Clients = named,
            ClientsToSave = clients,
            GrantsToSave = save,
            GrantsToRemove = remove,
        };
    }

    /// <summary>Carries a plan out.</summary>
    /// <param name="acceptedBreaking">Why it is right that callers may break; kept with the version. Null when they do not.</param>
    /// <param name="journal">Where each client and grant is put on record; null where no ledger is kept.</param>
    /// <exception cref="StoreUnavailableException">The store or the ledger could not be written. Applying the folder again finishes what was begun.</exception>
    public async Task<ApplyResult> ApplyAsync(ApplyPlan plan, string? acceptedBreaking, ApplyJournal? journal, IProgress<string> progress, CancellationToken ct)
    {
        if (plan.NeedsApproval && string.IsNullOrWhiteSpace(acceptedBreaking)) throw new InvalidOperationException("A plan that breaks callers is not applied without a reason.");
        if (plan.HasErrors) throw new InvalidOperationException("A plan with errors is not applied.");
        var number = plan.ActiveVersion;
        if (plan.NewVersion is { } version)
        {
            progress.Report("Publishing the catalogue");
            if (await catalogues.PublishAsync(version with { AcceptedBreaking = plan.NeedsApproval ? acceptedBreaking : null }, plan.ActiveVersion, ct) is not { } published) return new ApplyResult(null, []);
            number = published;
        }

        IReadOnlyList<string> conflicts;
        try
        {
            conflicts = await new AccessWrites(editor, journal, time, progress).RunAsync(plan, ct);
        }
        catch (StoreUnavailableException)
        {
            // What was taken away should count at once, even though the rest is missing.
            await TryAnnounceAsync(ct);
            throw;
        }

        progress.Report("Announcing the change");
        await access.BumpEpochAsync(ct);
        return new ApplyResult(number, conflicts);
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

    private async Task<(List<PlannedWrite<Grant>> Save, List<PlannedWrite<Grant>> Remove)> PlanGrantsAsync(CatalogueContent content, CatalogueMerge merge, bool prune, CancellationToken ct)
    {
        var save = new List<PlannedWrite<Grant>>();
        var remove = new List<PlannedWrite<Grant>>();
        var wanted = content.Grants.ToLookup(g => g.Grant.ClientId, StringComparer.Ordinal);
        foreach (var clientId in content.Clients.Select(c => c.Client.ClientId).Distinct(StringComparer.Ordinal))
        {
            var stored = (await editor.ReadGrantsAsync(clientId, ct)).ToDictionary(g => Key(g.Value));
            foreach (var declared in wanted[clientId])
            {
                stored.Remove(Key(declared.Grant), out var old);
                var (grant, action) = Settle(declared, old?.Value, content.Catalogue);
                merge.Changes.Add(new PlannedChange(FileSchemas.Grant, grant.GrantId, action));
                if (action != ChangeAction.Unchanged) save.Add(new PlannedWrite<Grant>(grant, old?.ETag, old?.Value));
            }

            foreach (var (left, etag) in stored.Values)
            {
                // No file describes it, and it ends by itself.
                if (GrantRequest.Made(left)) continue;
                merge.Changes.Add(new PlannedChange(FileSchemas.Grant, left.GrantId, prune ? ChangeAction.Removed : ChangeAction.Kept));
                if (prune) remove.Add(new PlannedWrite<Grant>(left, etag, left));
                else merge.Findings.Add(new CatalogueFinding(FindingRule.NotInFolder, "", default, "", $"{FileSchemas.Grant} {left.GrantId} of client {clientId} on {left.Server} is in force, but no file describes it; --prune removes it"));
            }
        }

        return (save, remove);

        static (string Server, string GrantId) Key(Grant grant) => (grant.Server, grant.GrantId);
    }

    private (Client Client, ChangeAction Action) Settle(DeclaredClient declared, Client? stored)
    {
        if (stored is null) return (declared.Client.In(declared.Client.State, time.GetUtcNow(), "mcpgov apply", "Registered."), ChangeAction.Added);
        var client = declared.Client with
        {
            State = declared.StateGiven ? declared.Client.State : stored.State,
            History = stored.History,
            ExpiresAt = Settle(declared.Client.ExpiresAt, declared.ExpiresIn, stored.ExpiresAt),
        };
        if (client.State != stored.State) client = client.In(client.State, time.GetUtcNow(), "mcpgov apply", "The client's file says so.");
        return (client, CatalogueMerge.Same(client, InUtc(stored), GovernanceJson.Default.Client) ? ChangeAction.Unchanged : ChangeAction.Changed);

        static Client InUtc(Client client) => client with { ExpiresAt = client.ExpiresAt.ToUniversalTime(), History = [.. client.History.Select(h => h with { At = h.At.ToUniversalTime() })] };
    }

    private (Grant Grant, ChangeAction Action) Settle(DeclaredGrant declared, Grant? stored, CatalogueVersion catalogue)
    {
        var review = declared.Grant.NextReview ?? stored?.NextReview?.ToUniversalTime() ?? ReviewSchedule.First(declared.Grant, catalogue, time.GetUtcNow());
        if (stored is null) return (declared.Grant with { NextReview = review }, ChangeAction.Added);
        var grant = declared.Grant with { ExpiresAt = Settle(declared.Grant.ExpiresAt, declared.ExpiresIn, stored.ExpiresAt), NextReview = review };
        return (grant, CatalogueMerge.Same(grant, InUtc(stored), GovernanceJson.Default.Grant) ? ChangeAction.Unchanged : ChangeAction.Changed);

        static Grant InUtc(Grant grant) => grant with { ExpiresAt = grant.ExpiresAt.ToUniversalTime(), NextReview = grant.NextReview?.ToUniversalTime() };
    }

    /// <summary>An expiry that was counted from an earlier apply stands while more than half of its time remains, so that applying again changes nothing.</summary>
    private DateTimeOffset Settle(DateTimeOffset wanted, TimeSpan? expiresIn, DateTimeOffset stored) =>
        expiresIn is { } duration && stored <= wanted && stored - time.GetUtcNow() > duration / 2 ? stored.ToUniversalTime() : wanted;
}
