using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Audit;
using McpServerless.Catalogue;

namespace McpServerless.Contracts.Watching;

/// <summary>Who may decide about a tool that its upstream changed.</summary>
/// <remarks>
/// The tool's own team, and administrators. Whose own client may use the tool keeps it out of service alone, and does not bring it back: nobody decides on
/// what is for their own good.
/// </remarks>
public sealed class ContractAdministration(
    ICatalogueStore catalogues, IContractWatchStore drifts, IAccessStore access, IAccessEditor editor, IClientDirectory clients, Ledger ledger, TimeProvider time)
{
    private readonly DriftDecisions _decisions = new(catalogues, drifts, access, ledger.AppendAsync, time);

    /// <param name="read">The version of the finding that the decision is about.</param>
    public async Task<ChangeOutcome<DriftDecision>> AcceptAsync(Actor actor, string upstream, string tool, string reason, string read, CancellationToken ct)
    {
        if (await JudgeAsync(actor, upstream, tool, read, ct) is { } problem) return problem;
        if (!actor.IsAdmin && await UsesItAsync(actor, upstream, tool, ct)) return (ChangeProblem.NotAllowed, "A client of your own may use it, so somebody else brings it back.");
        return Ended(await _decisions.AcceptAsync(upstream, tool, reason, actor.Name, ct));
    }

    /// <param name="read">The version of the finding that the decision is about.</param>
    public async Task<ChangeOutcome<DriftDecision>> RejectAsync(Actor actor, string upstream, string tool, string reason, string read, CancellationToken ct) =>
        await JudgeAsync(actor, upstream, tool, read, ct) is { } problem ? problem : Ended(await _decisions.RejectAsync(upstream, tool, reason, actor.Name, ct));

    private async Task<(ChangeProblem, string)?> JudgeAsync(Actor actor, string upstream, string tool, string read, CancellationToken ct)
    {
        var contract = (await catalogues.ReadActiveAsync(ct))?.Tools.FirstOrDefault(t => t.Upstream == upstream && t.Name == tool);
        if (contract is null || await drifts.FindDriftAsync(upstream, tool, ct) is not { } drift) return (ChangeProblem.NotFound, $"No change of {upstream}/{tool} is known.");
        if (!actor.IsAdmin && !actor.SpeaksFor(contract.Team)) return (ChangeProblem.NotAllowed, $"The team {contract.Team} decides on it.");
        return drift.RowVersion == read ? null : (ChangeProblem.Conflict, "The upstream changed it again, or somebody else decided meanwhile.");
    }

    private async Task<bool> UsesItAsync(Actor actor, string upstream, string tool, CancellationToken ct)
    {
        if (await catalogues.ReadActiveAsync(ct) is not { } version) return false;
        await foreach (var client in clients.ReadClientsAsync(ct))
        {
            if (!actor.GainsFrom(client)) continue;
            foreach (var (grant, _) in await editor.ReadGrantsAsync(client.ClientId, ct))
            {
                if (grant.Effect == GrantEffect.Allow && NamedTools.Of(version, grant.Server, grant.Tools).Any(t => t.Contract.Upstream == upstream && t.Contract.Name == tool)) return true;
            }
        }

        return false;
    }

    private static ChangeOutcome<DriftDecision> Ended(DriftDecision decision) => decision.Fault is { } fault ? (ChangeProblem.Invalid, fault) : decision;
}
