using System.Net;
using System.Text.Json.Nodes;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Access.Explaining;
using McpServerless.Authentication;
using McpServerless.Catalogue;
using McpServerless.Contracts.Watching;
using McpServerless.Management;
using McpServerless.ToolCalls;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Http.Manage.Operations;

/// <summary>What calls would get, by the code that decides calls.</summary>
internal sealed class QuestionOperations(
    IAccessEditor editor, IAccessStore access, IClientDirectory clients, ICatalogueStore catalogues, IHeldToolReader heldTools, IOptions<AuthenticationOptions> authentication, IOptions<AccessOptions> options, TimeProvider time)
    : IManageOperations
{
    private static readonly ManageResult Many = new("AccessAnswers", ManageSchemas.Of(ManageJson.Default.AnswersBody));

    public IEnumerable<ManageOperation> All =>
    [
        new()
        {
            Method = "POST", Path = "clients/{clientId}/can", Id = "explainAccess", Summary = "What a call of a client would get, rule by rule.", Remark = "Owner: of the own teams' clients", Roles = GovernanceRoles.All, Changes = false,
            Body = ManageSchemas.Of(ManageJson.Default.QuestionBody), Example = new JsonObject { ["name"] = "refund", ["arguments"] = new JsonObject { ["amount"] = 250 }, ["delegated"] = true },
            Result = Many, RunAsync = CanAsync,
        },
        new()
        {
            Method = "GET", Path = "who-can", Id = "listWhoCan", Summary = "Every client that a grant names something for, and what its own token would get now.", Remark = "Owner: of the own teams' clients and tools", Roles = GovernanceRoles.All,
            Query = [Parameters.Of("name", "The tool or prompt as the virtual server names it, or a URI. Needed.", "refund", "^[^\\x00-\\x1f\\x7f-\\x9f]{1,2048}$"), Parameters.OneOf("kind", "What it is; a tool where left out.", "tool", "prompt", "resource")],
            Result = Many, RunAsync = WhoCanAsync,
        },
    ];

    private async Task<ManageAnswer> CanAsync(ManageRequest request, CancellationToken ct)
    {
        if (await ClientOperations.FindVisibleAsync(editor, request, ct) is not { Value: var client }) return ManageProblem.Absent;
        var body = request.Read(ManageJson.Default.QuestionBody);
        IPAddress? address = null;
        if (body.Address is { } text && !IPAddress.TryParse(text, out address)) return new ManageProblem(ManageProblemCode.BodyInvalid, "The address is none.") { Errors = ["/address: is no IP address"] };
        var kind = KindOf(body.Kind);
        var servers = body.Server is { } one ? [one] : await ServersAsync(kind, body.Name, ct);
        var questions = Questions();
        var answers = new List<AccessAnswerBody>();
        foreach (var server in servers) answers.Add(BodyOf(await questions.CanAsync(CallerOf(client, body), ContextOf(server, address), kind, body.Name, body.Arguments, ct)));
        return ManageAnswer.Of(new AnswersBody { Answers = answers }, ManageJson.Default.AnswersBody);
    }

    private async Task<ManageAnswer> WhoCanAsync(ManageRequest request, CancellationToken ct)
    {
        if (request.Ask("name") is not { } name) return ManageProblem.Parameter("name", "is missing");
        var kind = Enum.Parse<SubjectKind>(request.Ask("kind") ?? "tool", ignoreCase: true);
        var seen = new Dictionary<string, Client>(StringComparer.Ordinal);
        var version = await catalogues.ReadActiveAsync(ct);
        var answers = new List<AccessAnswerBody>();
        await foreach (var answer in Questions().WhoCanAsync(kind, name, Remember, ContextOf("", null), ct))
        {
            if (request.Actor.Sees(seen[answer.ClientId]) || TeamOf(version, answer.Server, kind, name) is { } team && request.Actor.Sees(team)) answers.Add(BodyOf(answer));
        }

        return ManageAnswer.Of(new AnswersBody { Answers = answers }, ManageJson.Default.AnswersBody);

        Caller Remember(Client client)
        {
            seen[client.ClientId] = client;
            return CallerOf(client, new QuestionBody { Name = name });
        }
    }

    /// <summary>On the state as it is now: whoever has just changed something asks whether it worked, and not what this instance remembers.</summary>
    private AccessQuestions Questions()
    {
        var state = new GovernanceState(access, catalogues, options, time, NullLogger<GovernanceState>.Instance, heldTools);
        return new AccessQuestions(new Authorizer(state, authentication, options, time), state, clients);
    }

    private static string? TeamOf(CatalogueVersion? version, string server, SubjectKind kind, string name) =>
        version is null ? null : ActiveCatalogue.Compile(version).Find(server)?.Find(kind, name)?.Contract.Team;

    private async Task<IReadOnlyList<string>> ServersAsync(SubjectKind kind, string name, CancellationToken ct) =>
        await catalogues.ReadActiveAsync(ct) is { } version ? [.. ActiveCatalogue.Compile(version).Servers.Where(s => s.Find(kind, name) is not null).Select(s => s.Name).Order(StringComparer.Ordinal)] : [];

    private Caller CallerOf(Client client, QuestionBody body) => new()
    {
        TenantId = client.TenantId,
        ClientId = client.ClientId,
        ObjectId = "supposed",
        Kind = body.Delegated ? CallerKind.Delegated : CallerKind.Application,
        Roles = [authentication.Value.RequiredRole, .. body.Roles],
        Scopes = body.Delegated ? [authentication.Value.RequiredScope, .. body.Scopes] : [],
        AuthContexts = body.AuthContexts,
        AuthMethods = body.AuthMethods,
        IssuedAt = time.GetUtcNow().AddMinutes(-body.TokenAgeMinutes),
        ExpiresAt = time.GetUtcNow().AddHours(1),
    };

    private RequestContext ContextOf(string server, IPAddress? address) => new() { RequestId = Guid.CreateVersion7(time.GetUtcNow()), Server = server, Token = null, StartedAt = time.GetTimestamp(), Address = address };

    private static SubjectKind KindOf(SubjectKindName kind) => kind switch { SubjectKindName.Prompt => SubjectKind.Prompt, SubjectKindName.Resource => SubjectKind.Resource, _ => SubjectKind.Tool };

    private static AccessAnswerBody BodyOf(AccessAnswer answer) => new()
    {
        ClientId = answer.ClientId,
        Server = answer.Server,
        Name = answer.Name,
        Allowed = answer.IsAllowed,
        DependsOnArguments = answer.DependsOnArguments,
        RefusalCode = answer.Refusal?.Name,
        Note = answer.Note,
        GrantId = answer.GrantId,
        Rules =
        [
            .. answer.Rules.Select(r => new JudgedRuleBody
            {
                GrantId = r.Grant.GrantId,
                Effect = Word(r.Grant.Effect),
                Counts = r.Counts,
                Conditions = [.. r.Conditions.Select(c => new JudgedConditionBody { Condition = Word(c.Condition), Verdict = Word(c.Verdict) })],
                ArgumentViolations = r.ArgumentViolations,
            }),
        ],
    };

    /// <summary>An enumeration's value as JSON spells it.</summary>
    internal static string Word<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
