using McpServerless.Access;
using McpServerless.Access.Administration;

namespace McpServerless.Catalogue.Publishing;

/// <summary>Which catalogue version is the active one, as the ledger keeps it.</summary>
public sealed record ActiveNumber(long CatalogueVersion);

/// <summary>Makes a catalogue version that was active once the active one again.</summary>
public sealed class CatalogueAdministration(ICatalogueStore catalogues, ICatalogueHistory history, IAccessStore access, ChangeRecords records)
{
    /// <param name="number">The version that is to be active.</param>
    /// <param name="read">The version that was active when this was decided.</param>
    public async Task<ChangeOutcome<ActiveNumber>> ActivateAsync(Actor actor, long number, long read, string reason, CancellationToken ct)
    {
        if (!actor.IsAdmin) return (ChangeProblem.NotAllowed, "Only an administrator switches the catalogue back.");
        if (string.IsNullOrWhiteSpace(reason)) return (ChangeProblem.Invalid, "Say why.");
        if (await catalogues.ReadActiveAsync(ct) is not { } active) return (ChangeProblem.Invalid, "No catalogue is published.");
        if (!(await history.ReadNumbersAsync(ct)).Contains(number)) return (ChangeProblem.NotFound, $"There is no catalogue version {number} that was active once.");
        if (active.Number != read) return (ChangeProblem.Conflict, $"Catalogue version {active.Number} was published meanwhile.");
        if (active.Number == number) return (ChangeProblem.Invalid, $"Catalogue version {number} is active already.");
        var after = new ActiveNumber(number);
        var met = await records.AroundAsync(new ChangeSubject("catalogueSwitchedBack", actor, reason), new ActiveNumber(active.Number), after, GovernanceJson.Default.ActiveNumber, async token =>
        {
            if (!await history.SwitchBackAsync(number, active.Number, token)) return false;
            await access.BumpEpochAsync(token);
            return true;
        }, ct);
        return met is { } problem ? problem : after;
    }
}
