using System.Collections.Concurrent;
using System.Text.Json.Serialization.Metadata;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Catalogue.Files;
using McpServerless.Notifying;

namespace McpServerless.Catalogue.Publishing;

/// <summary>The ledger as an apply writes it: each client and each grant with what was before and what comes after.</summary>
/// <param name="By">Who applies.</param>
/// <param name="Reason">Why.</param>
public sealed record ApplyJournal(ChangeRecords Records, string By, string Reason);

/// <summary>Writes the clients and grants of a plan, each on record before it is written.</summary>
/// <param name="journal">Null where no ledger is kept.</param>
internal sealed class AccessWrites(IAccessEditor editor, ApplyJournal? journal, TimeProvider time, IProgress<string> progress)
{
    /// <summary>The ledger writes together what comes together, so that the records of many cost little more than those of one.</summary>
    private const int AtOnce = 16;

    private readonly ConcurrentBag<string> _conflicts = [];
    private int _done;

    /// <returns>What somebody else changed meanwhile, by kind and name; it is as they left it.</returns>
    /// <exception cref="StoreUnavailableException">The store or the ledger cannot be written. What was written so far stays.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(ApplyPlan plan, CancellationToken ct)
    {
        var total = plan.GrantsToRemove.Count + plan.ClientsToSave.Count + plan.GrantsToSave.Count;

        // Taken away before anything is given.
        await EachAsync(plan.GrantsToRemove, async (write, token) =>
        {
            // What was planned to be taken away was there.
            var (grant, read) = (write.Value, write.Read!);
            var subject = Subject("grantRevoked", grant) with { Notice = AccessNotices.GrantRevoked(grant, plan.Clients.GetValueOrDefault(grant.ClientId), By, Reason, read, time.GetUtcNow()), Proof = AccessNotices.Gone(grant) };
            return await WriteAsync(subject, grant, null, GovernanceJson.Default.Grant, t => editor.RemoveGrantAsync(grant, read, t), token) ? null : $"{FileSchemas.Grant} {grant.GrantId}";
        });
        await EachAsync(plan.ClientsToSave, async (write, token) =>
        {
            var (client, read) = (write.Value, write.Read);
            var subject = new ChangeSubject(read is null ? "clientRegistered" : "clientChanged", By, Reason) { ClientId = client.ClientId };
            return await WriteAsync(subject, write.Before, client, GovernanceJson.Default.Client, t => read is null ? editor.AddClientAsync(client, t) : editor.ReplaceClientAsync(client, read, t), token) ? null : $"{FileSchemas.Client} {client.ClientId}";
        });
        await EachAsync(plan.GrantsToSave, async (write, token) =>
        {
            var (grant, read) = (write.Value, write.Read);
            return await WriteAsync(Subject(read is null ? "grantGiven" : "grantChanged", grant), write.Before, grant, GovernanceJson.Default.Grant, t => read is null ? editor.AddGrantAsync(grant, t) : editor.ReplaceGrantAsync(grant, read, t), token)
                ? null
                : $"{FileSchemas.Grant} {grant.GrantId}";
        });
        return [.. _conflicts.Order(StringComparer.Ordinal)];

        Task EachAsync<T>(IReadOnlyList<PlannedWrite<T>> writes, Func<PlannedWrite<T>, CancellationToken, Task<string?>> write)
            where T : class =>
            Parallel.ForEachAsync(writes, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (one, token) =>
            {
                if (await write(one, token) is { } conflict) _conflicts.Add(conflict);
                var done = Interlocked.Increment(ref _done);
                if (done % 25 == 0 || done == total) progress.Report($"Saved {done} of {total} clients and grants");
            });
    }

    private string By => journal?.By ?? "mcpgov apply";

    private string Reason => journal?.Reason ?? "The files say so.";

    private ChangeSubject Subject(string happening, Grant grant) => new(happening, By, Reason) { ClientId = grant.ClientId, Server = grant.Server, GrantId = grant.GrantId };

    /// <returns>False when somebody else was faster.</returns>
    private async Task<bool> WriteAsync<T>(ChangeSubject subject, T? before, T? after, JsonTypeInfo<T> type, Func<CancellationToken, ValueTask<bool>> write, CancellationToken ct)
        where T : class
    {
        if (journal is null) return await write(ct);
        return await journal.Records.AroundAsync(subject, before, after, type, async token => await write(token), ct) switch
        {
            null => true,
            { Problem: ChangeProblem.NotRecorded, Message: var message } => throw new StoreUnavailableException(message),
            _ => false,
        };
    }
}
