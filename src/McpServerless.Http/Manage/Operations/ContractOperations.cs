using System.Text.Json.Nodes;
using McpServerless.Access.Administration;
using McpServerless.Catalogue;
using McpServerless.Contracts.Watching;
using McpServerless.Management;

namespace McpServerless.Http.Manage.Operations;

/// <summary>Tools that their upstream changed since they were pinned, and what people decide about that.</summary>
internal sealed class ContractOperations(ICatalogueStore catalogues, IContractWatchStore drifts, ContractAdministration administration) : IManageOperations
{
    private static readonly ManageResult One = new("ContractDrift", ManageSchemas.Of(ManageJson.Default.DriftBody)) { IsTagged = true };

    public IEnumerable<ManageOperation> All =>
    [
        new()
        {
            Method = "GET", Path = "contracts", Id = "listDrifts", Summary = "Tools that their upstream describes differently from what is pinned, by upstream and tool.", Remark = "Owner: of the own teams", Roles = GovernanceRoles.All,
            Query = [Parameters.Flag("held", "Only those that are out of service, or only those that are not."), .. Parameters.Paging],
            Result = One with { IsPage = true, IsTagged = false }, RunAsync = ListAsync,
        },
        new() { Method = "GET", Path = "contracts/{upstream}/{tool}", Id = "getDrift", Summary = "One of them, with the definition that the upstream shows.", Remark = "Owner: of the own teams", Roles = GovernanceRoles.All, Result = One, RunAsync = GetAsync },
        Decide("accept", "acceptDrift", "Pins what the upstream showed in a new catalogue version, and serves the tool again.", "Owner: the own teams' tools that no client of their own may use", administration.AcceptAsync),
        Decide("reject", "rejectDrift", "Keeps what is pinned; the tool stays out of service until its upstream shows that again.", "Owner: of the own teams", administration.RejectAsync),
    ];

    private ManageOperation Decide(string verb, string id, string summary, string remark, Func<Actor, string, string, string, string, CancellationToken, Task<ChangeOutcome<DriftDecision>>> decide) => new()
    {
        Method = "POST",
        Path = $"contracts/{{upstream}}/{{tool}}/{verb}",
        Id = id,
        Summary = summary,
        Remark = remark,
        Roles = GovernanceRoles.Admin | GovernanceRoles.Owner,
        Precondition = Precondition.Required,
        Body = ManageSchemas.Of(ManageJson.Default.LongReasonBody),
        Example = new JsonObject { ["reason"] = "The new wording was agreed with the vendor." },
        Result = new ManageResult("ContractDecision", ManageSchemas.Of(ManageJson.Default.DecisionBody)),
        RunAsync = async (request, ct) =>
        {
            if (await FindVisibleAsync(request, ct) is not { RowVersion: { } mark } drift) return ManageProblem.Absent;
            if (request.Judge(mark, Precondition.Required) is { } stale) return stale;
            var outcome = await decide(request.Actor, drift.Upstream, drift.Tool, request.Read(ManageJson.Default.LongReasonBody).Reason, mark, ct);
            return ManageAnswer.Of(outcome, d => ManageAnswer.Of(
                new DecisionBody { ContractHash = d.Contract!.Hash, ContractVersion = d.Contract.Version, CatalogueVersion = d.CatalogueVersion }, // carried out, so there is one
                ManageJson.Default.DecisionBody));
        },
    };

    private async Task<ManageAnswer> ListAsync(ManageRequest request, CancellationToken ct)
    {
        var version = await catalogues.ReadActiveAsync(ct);
        var seen = new List<ContractDrift>();
        foreach (var upstream in version?.Upstreams ?? []) seen.AddRange((await drifts.ReadDriftsAsync(upstream.Name, ct)).Where(d => Sees(request.Actor, d, version)));
        var held = request.Ask("held");
        return Pages.Of(request, seen.Where(d => held is null || d.IsHeld == (held == "true")).OrderBy(KeyOf, StringComparer.Ordinal), KeyOf, (json, drift) => System.Text.Json.JsonSerializer.Serialize(json, BodyOf(drift, withLive: false), ManageJson.Default.DriftBody));

        static string KeyOf(ContractDrift drift) => $"{drift.Upstream}/{drift.Tool}";
    }

    private async Task<ManageAnswer> GetAsync(ManageRequest request, CancellationToken ct) =>
        await FindVisibleAsync(request, ct) is { } drift ? ManageAnswer.Of(BodyOf(drift, withLive: true), ManageJson.Default.DriftBody, drift.RowVersion) : ManageProblem.Absent;

    private async Task<ContractDrift?> FindVisibleAsync(ManageRequest request, CancellationToken ct) =>
        await drifts.FindDriftAsync(request.Path["upstream"], request.Path["tool"], ct) is { } drift && Sees(request.Actor, drift, await catalogues.ReadActiveAsync(ct)) ? drift : null;

    private static bool Sees(Actor actor, ContractDrift drift, CatalogueVersion? version) =>
        actor.Sees(version?.Tools.FirstOrDefault(t => t.Upstream == drift.Upstream && t.Name == drift.Tool)?.Team);

    private static DriftBody BodyOf(ContractDrift drift, bool withLive) => new()
    {
        Upstream = drift.Upstream,
        Tool = drift.Tool,
        State = QuestionOperations.Word(drift.State),
        Verdict = QuestionOperations.Word(drift.Verdict),
        Since = drift.Since,
        PinnedHash = drift.PinnedHash,
        LiveHash = drift.LiveHash,
        Rules = drift.Rules,
        Findings = drift.Findings,
        Live = withLive ? drift.Live : null,
    };
}
