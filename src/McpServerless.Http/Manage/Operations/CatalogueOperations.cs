using System.Globalization;
using System.Text.Json.Nodes;
using McpServerless.Catalogue;
using McpServerless.Catalogue.Publishing;
using McpServerless.Management;

namespace McpServerless.Http.Manage.Operations;

/// <summary>What is published.</summary>
internal sealed class CatalogueOperations(ICatalogueStore catalogues, ICatalogueHistory history, CatalogueAdministration administration) : IManageOperations
{
    private const GovernanceRoles Readers = GovernanceRoles.Admin | GovernanceRoles.Reviewer | GovernanceRoles.Auditor;

    private static readonly ManageResult Version = new("CatalogueVersion", ManageSchemas.Of(GovernanceJson.Default.CatalogueVersion)) { IsTagged = true };

    public IEnumerable<ManageOperation> All =>
    [
        new() { Method = "GET", Path = "catalogue", Id = "getCatalogue", Summary = "The active catalogue version, all of it.", Roles = Readers, Result = Version, RunAsync = GetActiveAsync },
        new()
        {
            Method = "GET", Path = "catalogue/versions", Id = "listVersions", Summary = "Versions that are or were active, the newest first.", Roles = GovernanceRoles.All,
            Query = Parameters.Paging, Result = new ManageResult("VersionNumber", ManageSchemas.Of(ManageJson.Default.VersionBody)) { IsPage = true }, RunAsync = ListAsync,
        },
        new() { Method = "GET", Path = "catalogue/versions/{number}", Id = "getVersion", Summary = "One version.", Roles = Readers, Result = Version, RunAsync = GetAsync },
        new()
        {
            Method = "POST", Path = "catalogue/versions/{number}/activate", Id = "activateVersion", Summary = "Makes a version that was active once the active one again. If-Match is the ETag of the active version.",
            Roles = GovernanceRoles.Admin, Precondition = Precondition.Required,
            Body = ManageSchemas.Of(ManageJson.Default.ReasonBody), Example = new JsonObject { ["reason"] = "The new version breaks refunds." },
            Result = new ManageResult("ActiveNumber", ManageSchemas.Of(GovernanceJson.Default.ActiveNumber)) { IsTagged = true }, RunAsync = ActivateAsync,
        },
        new()
        {
            Method = "GET", Path = "tools", Id = "listTools", Summary = "Tool contracts of the active version, by upstream and name.", Remark = "Owner: of the own teams", Roles = GovernanceRoles.All,
            Query =
            [
                Parameters.Of("team", "Only those of a team.", "payments"),
                Parameters.Of("upstream", "Only those of an upstream.", "everything", Patterns.Name),
                Parameters.OneOf("state", "Only those in a state.", "active", "deprecated", "retired", "quarantined"),
                .. Parameters.Paging,
            ],
            Result = new ManageResult("ToolContract", ManageSchemas.Of(GovernanceJson.Default.ToolContract)) { IsPage = true }, RunAsync = ListToolsAsync,
        },
    ];

    private static string MarkOf(long number) => string.Create(CultureInfo.InvariantCulture, $"catalogue {number}");

    private async Task<ManageAnswer> GetActiveAsync(ManageRequest request, CancellationToken ct) =>
        await catalogues.ReadActiveAsync(ct) is { } active ? ManageAnswer.Of(active, GovernanceJson.Default.CatalogueVersion, MarkOf(active.Number)) : ManageProblem.Absent;

    private async Task<ManageAnswer> ListAsync(ManageRequest request, CancellationToken ct)
    {
        var active = (await catalogues.ReadActiveAsync(ct))?.Number;
        var numbers = (await history.ReadNumbersAsync(ct)).OrderDescending().Select(n => new VersionBody { Number = n, Active = n == active });
        return Pages.Of(request, numbers, v => (long.MaxValue - v.Number).ToString("D19", CultureInfo.InvariantCulture), ManageJson.Default.VersionBody);
    }

    private async Task<ManageAnswer> GetAsync(ManageRequest request, CancellationToken ct) =>
        await history.ReadAsync(NumberOf(request), ct) is { } version ? ManageAnswer.Of(version, GovernanceJson.Default.CatalogueVersion, MarkOf(version.Number)) : ManageProblem.Absent;

    private async Task<ManageAnswer> ActivateAsync(ManageRequest request, CancellationToken ct)
    {
        if (await catalogues.ReadActiveAsync(ct) is not { } active) return ManageProblem.Absent;
        if (request.Judge(MarkOf(active.Number), Precondition.Required) is { } stale) return stale;
        var outcome = await administration.ActivateAsync(request.Actor, NumberOf(request), active.Number, request.Read(ManageJson.Default.ReasonBody).Reason, ct);
        return ManageAnswer.Of(outcome, now => ManageAnswer.Of(now, GovernanceJson.Default.ActiveNumber, MarkOf(now.CatalogueVersion)));
    }

    private async Task<ManageAnswer> ListToolsAsync(ManageRequest request, CancellationToken ct)
    {
        var tools = ((await catalogues.ReadActiveAsync(ct))?.Tools ?? [])
            .Where(t => request.Actor.Sees(t.Team))
            .Where(t => request.Ask("team") is not { } team || t.Team == team)
            .Where(t => request.Ask("upstream") is not { } upstream || t.Upstream == upstream)
            .Where(t => request.Ask("state") is not { } state || string.Equals(t.State.ToString(), state, StringComparison.OrdinalIgnoreCase))
            .OrderBy(KeyOf, StringComparer.Ordinal);
        return Pages.Of(request, tools, KeyOf, GovernanceJson.Default.ToolContract);

        static string KeyOf(ToolContract tool) => $"{tool.Upstream}/{tool.Name}";
    }

    private static long NumberOf(ManageRequest request) => long.Parse(request.Path["number"], CultureInfo.InvariantCulture);
}
