using System.Text.Json.Nodes;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Catalogue;
using McpServerless.Catalogue.Publishing;
using McpServerless.Management;

namespace McpServerless.Http.Manage.Operations;

/// <summary>What is switched off for everybody.</summary>
internal sealed class SwitchOperations(IAccessStore access, SwitchAdministration administration, ICatalogueStore catalogues) : IManageOperations
{
    private static readonly ManageResult One = new("KillSwitch", ManageSchemas.Of(GovernanceJson.Default.KillSwitch));

    public IEnumerable<ManageOperation> All =>
    [
        new()
        {
            Method = "GET", Path = "switches", Id = "listSwitches", Summary = "What is switched off, by subject.", Remark = "Owner: servers, and the own teams' tools", Roles = GovernanceRoles.All,
            Query = Parameters.Paging, Result = One with { IsPage = true }, RunAsync = ListAsync,
        },
        Turn("off", "switchOff", "Switches a virtual server or a tool off for everybody. What is off already stays off by whoever did it first.", "Owner: the own teams' tools", GovernanceRoles.Admin | GovernanceRoles.Owner, administration.OffAsync),
        Turn("on", "switchOn", "Switches it on again.", null, GovernanceRoles.Admin, administration.OnAsync),
    ];

    private ManageOperation Turn(string verb, string id, string summary, string? remark, GovernanceRoles roles, Func<Actor, string, string, CancellationToken, Task<ChangeOutcome<KillSwitch>>> turn) => new()
    {
        Method = "POST",
        Path = $"switches/{verb}",
        Id = id,
        Summary = summary,
        Remark = remark,
        Roles = roles,
        Precondition = Precondition.Optional,
        Body = ManageSchemas.Of(ManageJson.Default.SwitchBody),
        Example = new JsonObject { ["subject"] = "tool/everything/echo", ["reason"] = "It leaks." },
        Result = One,
        RunAsync = async (request, ct) =>
        {
            var body = request.Read(ManageJson.Default.SwitchBody);
            if (!Sees(request.Actor, body.Subject, await catalogues.ReadActiveAsync(ct))) return ManageProblem.Absent;
            return ManageAnswer.Of(await turn(request.Actor, body.Subject, body.Reason, ct), off => ManageAnswer.Of(off, GovernanceJson.Default.KillSwitch));
        },
    };

    private async Task<ManageAnswer> ListAsync(ManageRequest request, CancellationToken ct)
    {
        var version = await catalogues.ReadActiveAsync(ct);
        var off = (await access.ReadSwitchesAsync(ct)).Where(s => Sees(request.Actor, s.Subject, version)).OrderBy(s => s.Subject, StringComparer.Ordinal);
        return Pages.Of(request, off, s => s.Subject, GovernanceJson.Default.KillSwitch);
    }

    private static bool Sees(Actor actor, string subject, CatalogueVersion? version) =>
        actor.IsAdmin || actor.IsReader || !subject.StartsWith("tool/", StringComparison.Ordinal)
        || version?.Tools.Any(t => KillSwitch.OfTool(t.Upstream, t.Name) == subject && actor.SpeaksFor(t.Team)) == true;
}
