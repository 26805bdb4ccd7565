using System.Text.Json.Nodes;
using McpServerless.Access.Administration;
using McpServerless.Budgets;
using McpServerless.Catalogue.Publishing;
using McpServerless.Management;

namespace McpServerless.Http.Manage.Operations;

/// <summary>Counters of clients, what was granted beyond their limits, and their pauses.</summary>
internal sealed class CounterOperations(IAccessEditor editor, BudgetOperations counters, BudgetAdministration administration) : IManageOperations
{
    private static readonly ManageResult Changed = new("BudgetChange", ManageSchemas.Of(GovernanceJson.Default.BudgetChange));

    public IEnumerable<ManageOperation> All =>
    [
        new()
        {
            Method = "GET", Path = "clients/{clientId}/budgets", Id = "getBudgets", Summary = "A client's counters as they stand.", Remark = "Owner: of the own teams' clients", Roles = GovernanceRoles.All,
            Result = new ManageResult("Budgets", ManageSchemas.Of(ManageJson.Default.BudgetsBody)), RunAsync = GetAsync,
        },
        Act("reset", "resetCounter", "Makes a counter as new: a full burst, an unused window.", ManageSchemas.Of(ManageJson.Default.CounterBody), new JsonObject { ["counter"] = "client/daily", ["reason"] = "A test used it up." }, (request, client, ct) =>
        {
            var body = request.Read(ManageJson.Default.CounterBody);
            return administration.ResetAsync(request.Actor, client, body.Counter, body.Reason, ct);
        }),
        Act("extra", "grantExtra", "Grants units beyond a calendar budget, for a time.", ManageSchemas.Of(ManageJson.Default.ExtraBody), new JsonObject { ["counter"] = "client/daily", ["amount"] = 1000, ["hours"] = 24, ["reason"] = "End of the quarter." }, (request, client, ct) =>
        {
            var body = request.Read(ManageJson.Default.ExtraBody);
            return administration.GrantExtraAsync(request.Actor, client, body.Counter, body.Amount, body.Hours, body.Reason, ct);
        }),
        Act("resume", "resumeRunaway", "Ends the pauses of a client's runaways, or that of one tool.", ManageSchemas.Of(ManageJson.Default.PauseBody), new JsonObject { ["tool"] = "everything/echo", ["reason"] = "The loop is repaired." }, (request, client, ct) =>
        {
            var body = request.Read(ManageJson.Default.PauseBody);
            return administration.ResumeAsync(request.Actor, client, body.Tool, body.Reason, ct);
        }),
    ];

    private ManageOperation Act(string verb, string id, string summary, JsonObject body, JsonObject example, Func<ManageRequest, string, CancellationToken, Task<ChangeOutcome<BudgetChange>>> change) => new()
    {
        Method = "POST",
        Path = $"clients/{{clientId}}/budgets/{verb}",
        Id = id,
        Summary = summary,
        Remark = "not for a client of one's own",
        Roles = GovernanceRoles.Admin,
        Body = body,
        Example = example,
        Result = Changed,
        RunAsync = async (request, ct) => await ClientOperations.FindVisibleAsync(editor, request, ct) is { } found
            ? ManageAnswer.Of(await change(request, found.Value.ClientId, ct), made => ManageAnswer.Of(made, GovernanceJson.Default.BudgetChange))
            : ManageProblem.Absent,
    };

    private async Task<ManageAnswer> GetAsync(ManageRequest request, CancellationToken ct)
    {
        if (await ClientOperations.FindVisibleAsync(editor, request, ct) is not { Value: var client }) return ManageProblem.Absent;
        var page = await counters.ShowAsync(new BudgetPageKey(client.TenantId, client.ClientId), ct) ?? new PageView([], [], []);
        var body = new BudgetsBody
        {
            Counters = [.. page.Counters.Select(c => new CounterStateBody { Counter = c.Counter, Kind = QuestionOperations.Word(c.Kind), Used = c.Used, Until = c.Until })],
            Extras = [.. page.Extras.Select(e => new ExtraStateBody { Counter = e.Counter, Amount = e.Extra.Amount, Until = e.Extra.Until, By = e.Extra.By, Reason = e.Extra.Reason })],
            Pauses = [.. page.Pauses.Select(p => new PauseStateBody { Tool = p.Tool, Until = p.Pause.Until, Reason = p.Pause.Reason })],
        };
        return ManageAnswer.Of(body, ManageJson.Default.BudgetsBody);
    }
}
