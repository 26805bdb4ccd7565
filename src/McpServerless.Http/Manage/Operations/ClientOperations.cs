using System.Text.Json.Nodes;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Authentication;
using McpServerless.Catalogue.Files;
using McpServerless.Catalogue.Publishing;
using McpServerless.Management;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace McpServerless.Http.Manage.Operations;

/// <summary>Registered agents.</summary>
internal sealed class ClientOperations(IClientDirectory directory, IAccessEditor editor, ClientAdministration administration, IOptions<AuthenticationOptions> authentication, TimeProvider time) : IManageOperations
{
    private static readonly ManageResult One = new("Client", ManageSchemas.Of(GovernanceJson.Default.Client)) { IsTagged = true };

    public IEnumerable<ManageOperation> All =>
    [
        new()
        {
            Method = "GET", Path = "clients", Id = "listClients", Summary = "Registered clients, by id.", Remark = "Owner: those of the own teams", Roles = GovernanceRoles.All,
            Query =
            [
                Parameters.OneOf("state", "Only those in a state.", "pending", "active", "suspended", "expired", "deprovisioned"),
                Parameters.Of("team", "Only those of a team.", "payments"),
                Parameters.Of("owner", "Only those of an owner or backup owner.", "owner@contoso.example"),
                .. Parameters.Paging,
            ],
            Result = One with { IsPage = true, IsTagged = false }, RunAsync = ListAsync,
        },
        new() { Method = "GET", Path = "clients/{clientId}", Id = "getClient", Summary = "One client.", Remark = "Owner: of the own teams", Roles = GovernanceRoles.All, Result = One, RunAsync = GetAsync },
        new()
        {
            Method = "PUT", Path = "clients/{clientId}", Id = "putClient", Summary = "Registers a client, or changes what is registered of it. State and history stay; one that ran out goes on when it is given more time.",
            Remark = "not for a client of one's own", Roles = GovernanceRoles.Admin, Precondition = Precondition.RequiredIfExists,
            Body = ManageSchemas.OfFile(DeclaredAccess.ClientSchema, withReason: true, "$schema", "kind", "tenantId", "clientId", "state"),
            Example = new JsonObject { ["displayName"] = "Support agent", ["owner"] = "66666666-6666-6666-6666-666666666666", ["team"] = "support", ["purpose"] = "Answers customers.", ["expiresIn"] = "P90D", ["reason"] = "New agent." },
            Result = One with { Statuses = [200, 201] }, RunAsync = PutAsync,
        },
        Act("suspend", "suspendClient", "Stops a client until it is resumed.", "Owner: of the own teams", GovernanceRoles.Admin | GovernanceRoles.Owner, Precondition.Optional, administration.SuspendAsync),
        Act("resume", "resumeClient", "Lets a suspended or pending client go on.", "not a client of one's own", GovernanceRoles.Admin, Precondition.Required, administration.ResumeAsync),
        Act("deprovision", "deprovisionClient", "Ends a client for good; what its grants allowed is taken away.", "Owner: of the own teams", GovernanceRoles.Admin | GovernanceRoles.Owner, Precondition.Required, administration.DeprovisionAsync),
        new()
        {
            Method = "PUT", Path = "clients/{clientId}/model", Id = "setClientModel", Summary = "Registers another model for a client.",
            Remark = "Owner: of the own teams, and where no grant names models", Roles = GovernanceRoles.Admin | GovernanceRoles.Owner, Precondition = Precondition.Required,
            Body = ManageSchemas.Of(ManageJson.Default.ModelBody), Example = new JsonObject { ["modelId"] = "model-8", ["reason"] = "Evaluated." },
            Result = One, RunAsync = SetModelAsync,
        },
    ];

    /// <summary>A client that the caller may know of; null for none.</summary>
    public static async Task<Versioned<Client>?> FindVisibleAsync(IAccessEditor editor, ManageRequest request, CancellationToken ct) =>
        await editor.FindClientAsync(request.Path["clientId"], ct) is { } found && request.Actor.Sees(found.Value) ? found : null;

    private static ManageOperation ActOf(string verb, string id, string summary, string remark, GovernanceRoles roles, Precondition precondition, Func<ManageRequest, CancellationToken, Task<ManageAnswer>> run) => new()
    {
        Method = "POST",
        Path = $"clients/{{clientId}}/{verb}",
        Id = id,
        Summary = summary,
        Remark = remark,
        Roles = roles,
        Precondition = precondition,
        Body = ManageSchemas.Of(ManageJson.Default.ReasonBody),
        Example = new JsonObject { ["reason"] = "Its key was found in a repository." },
        Result = One,
        RunAsync = run,
    };

    private ManageOperation Act(
        string verb, string id, string summary, string remark, GovernanceRoles roles, Precondition precondition, Func<Actor, string, string, string?, CancellationToken, Task<ChangeOutcome<Client>>> change) =>
        ActOf(verb, id, summary, remark, roles, precondition, async (request, ct) =>
        {
            if (await FindVisibleAsync(editor, request, ct) is not { } found) return ManageProblem.Absent;
            if (request.Judge(found.ETag, precondition) is { } stale) return stale;
            var outcome = await change(request.Actor, found.Value.ClientId, request.Read(ManageJson.Default.ReasonBody).Reason, found.ETag, ct);
            return await AnswerAsync(outcome, ct);
        });

    private async Task<ManageAnswer> ListAsync(ManageRequest request, CancellationToken ct)
    {
        var clients = await directory.ReadClientsAsync(ct)
            .Where(c => request.Actor.Sees(c))
            .Where(c => request.Ask("state") is not { } state || string.Equals(c.State.ToString(), state, StringComparison.OrdinalIgnoreCase))
            .Where(c => request.Ask("team") is not { } team || c.Team == team)
            .Where(c => request.Ask("owner") is not { } owner || string.Equals(c.Owner, owner, StringComparison.OrdinalIgnoreCase) || string.Equals(c.BackupOwner, owner, StringComparison.OrdinalIgnoreCase))
            .OrderBy(c => c.ClientId, StringComparer.Ordinal)
            .ToListAsync(ct);
        return Pages.Of(request, clients, c => c.ClientId, GovernanceJson.Default.Client);
    }

    private async Task<ManageAnswer> GetAsync(ManageRequest request, CancellationToken ct) =>
        await FindVisibleAsync(editor, request, ct) is { } found ? ManageAnswer.Of(found.Value, GovernanceJson.Default.Client, found.ETag) : ManageProblem.Absent;

    private async Task<ManageAnswer> PutAsync(ManageRequest request, CancellationToken ct)
    {
        var clientId = request.Path["clientId"].ToLowerInvariant();
        var found = await editor.FindClientAsync(clientId, ct);
        if (request.Judge(found?.ETag, Precondition.RequiredIfExists) is { } stale) return stale;
        var (client, faults) = DeclaredAccess.ReadClient(authentication.Value.TenantId, clientId, request.BodyWithout("reason"), time.GetUtcNow());
        if (client is null) return new ManageProblem(ManageProblemCode.BodyInvalid, "The client cannot be registered so.") { Errors = faults };
        var outcome = await administration.PutAsync(request.Actor, client, JsonMembers.Text(request.Body, "reason")!, found?.ETag, ct); // the schema asks for one
        var answer = await AnswerAsync(outcome, ct);
        return found is null && answer.Problem is null ? answer with { Status = StatusCodes.Status201Created } : answer;
    }

    private async Task<ManageAnswer> SetModelAsync(ManageRequest request, CancellationToken ct)
    {
        if (await FindVisibleAsync(editor, request, ct) is not { } found) return ManageProblem.Absent;
        if (request.Judge(found.ETag, Precondition.Required) is { } stale) return stale;
        var body = request.Read(ManageJson.Default.ModelBody);
        return await AnswerAsync(await administration.SetModelAsync(request.Actor, found.Value.ClientId, body.ModelId, body.Reason, found.ETag, ct), ct);
    }

    /// <summary>With the mark of what was written, unless somebody was faster with the next change: then whoever asks has to read again.</summary>
    private async Task<ManageAnswer> AnswerAsync(ChangeOutcome<Client> outcome, CancellationToken ct)
    {
        if (outcome.Value is not { } client) return ManageAnswer.Of(outcome, c => ManageAnswer.Of(c, GovernanceJson.Default.Client));
        var now = await editor.FindClientAsync(client.TenantId, client.ClientId, ct);
        return ManageAnswer.Of(client, GovernanceJson.Default.Client, now?.ETag);
    }
}
