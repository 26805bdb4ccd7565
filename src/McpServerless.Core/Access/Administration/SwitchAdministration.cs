using McpServerless.Catalogue;
using McpServerless.Catalogue.Publishing;

namespace McpServerless.Access.Administration;

/// <summary>Switches virtual servers and tools off for everybody, and on again.</summary>
/// <remarks>A tool's own team switches it off; on, and whole servers, are for administrators.</remarks>
public sealed class SwitchAdministration(IAccessEditor editor, IAccessStore access, ICatalogueStore catalogues, ChangeRecords records, TimeProvider time)
{
    public async Task<ChangeOutcome<KillSwitch>> OffAsync(Actor actor, string subject, string reason, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(reason)) return (ChangeProblem.Invalid, "Say why.");
        var version = await catalogues.ReadActiveAsync(ct);
        var tool = version?.Tools.FirstOrDefault(t => KillSwitch.OfTool(t.Upstream, t.Name) == subject);
        if (tool is null && version?.Servers.Any(s => KillSwitch.OfServer(s.Name) == subject) != true) return (ChangeProblem.NotFound, $"The catalogue has no {subject}.");
        if (!actor.IsAdmin && !actor.SpeaksFor(tool?.Team)) return (ChangeProblem.NotAllowed, "Only a tool's own team and administrators switch it off, and only administrators a server.");
        var off = new KillSwitch(subject, actor.Name, time.GetUtcNow(), reason);
        var met = await records.AroundAsync(new ChangeSubject("switchedOff", actor, reason), null, off, GovernanceJson.Default.KillSwitch, async token =>
        {
            await editor.SwitchOffAsync(off, token);
            await access.BumpEpochAsync(token);
            return true;
        }, ct);
        return met is { } problem ? problem : off;
    }

    public async Task<ChangeOutcome<KillSwitch>> OnAsync(Actor actor, string subject, string reason, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(reason)) return (ChangeProblem.Invalid, "Say why.");
        if (!actor.IsAdmin) return (ChangeProblem.NotAllowed, "Only an administrator switches something on again.");
        if ((await access.ReadSwitchesAsync(ct)).FirstOrDefault(s => s.Subject == subject) is not { } off) return (ChangeProblem.NotFound, $"{subject} is not switched off.");
        var met = await records.AroundAsync(new ChangeSubject("switchedOn", actor, reason), off, null, GovernanceJson.Default.KillSwitch, async token =>
        {
            await editor.SwitchOnAsync(subject, token);
            await access.BumpEpochAsync(token);
            return true;
        }, ct);
        return met is { } problem ? problem : off;
    }
}
