using System.Text;
using McpServerless.Azure.Storage;
using McpServerless.Hosting;
using McpServerless.Http.Manage;
using McpServerless.Management;
using McpServerless.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace McpServerless.Http.Tests.Manage;

/// <summary>The page and the OpenAPI document of the management API say what the table says. <c>dotnet run dev.cs docs</c> writes them.</summary>
public sealed class GeneratedDocumentTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Gateway:PublicBaseUrl"] = "https://mcp.contoso.example",
            ["Authentication:TenantId"] = TestIssuer.TenantId,
            ["Authentication:Audience"] = TestIssuer.Audience,
            ["Storage:ConnectionString"] = "UseDevelopmentStorage=true",
        }).Build())
        .AddLogging().AddGovernance().AddTableStores().AddGateway().BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    [Fact]
    public void Page_IsWhatTheTableSays() => AssertCurrent(["docs", "management-api.md"], Page());

    [Fact]
    public async Task OpenApiDocument_IsWhatTheTableSays() =>
        AssertCurrent(["schemas", "management-api.openapi.json"], await _services.GetRequiredService<OpenApiDescription>().TextAsync(CancellationToken.None) + "\n");

    [Fact]
    public void EveryProblem_CanBeMet_AndIsDocumented()
    {
        var met = _services.GetRequiredService<ManageTable>().Operations.SelectMany(o => o.Problems()).Append(ManageProblemCode.MethodNotAllowed).ToHashSet();
        Assert.Empty(ManageProblemCode.All.Except(met).Select(c => c.Name));
        Assert.Equal(ManageProblemCode.All.Count, ManageProblemCode.All.Select(c => c.Name).Distinct().Count());
    }

    private string Page()
    {
        var text = new StringBuilder("""
            # Management API
            Made from the table of operations (`src/McpServerless.Http/Manage`) by `dotnet run dev.cs docs`.

            Clients, grants, requests, reviews, kill switches, budgets, catalogue, contracts, teams, notices and the ledger over HTTP, under `/manage` of the gateway. The OpenAPI 3.1
            document is served at `/manage/openapi.json` to anybody, and is in [schemas/management-api.openapi.json](../schemas/management-api.openapi.json).

            ## Who
            The token is verified like that of a call: same tenant, same audience ([entra.md](entra.md)). What its bearer may do is said by app roles:

            | role | |
            |---|---|
            | `Governance.Admin` | changes everything, and nothing for the good of a client of their own |
            | `Governance.Owner` | the clients and tools of the own teams; what belongs to others is answered as if it were not there |
            | `Governance.Reviewer` | reads who may do what, and answers reviews |
            | `Governance.Auditor` | reads everything, changes nothing |

            A user's token also needs the scope `Governance.Manage` (`Management:RequiredScope`): its roles are the user's, and an agent that acts for an administrator with
            `Mcp.Call` must not be one. An application's own token needs a role alone.

            **Teams** are written down in the state, by administrators (`putTeam`): object ids of users and service principals, and of groups. Nothing that a caller can choose makes it
            a team's. Groups count where the app registration puts the claim `groups` into tokens (`groupMembershipClaims: ApplicationGroup`); who is in more groups than a token
            names is told so by `whoAmI` (`groupsOmitted`), and counts by object id alone. The owner of a client is recognised where `owner` or `backupOwner` is an object id; a
            name in a token is a claim, and only ever forbids.

            **For one's own good** nobody decides: not on a request that they made, nor on one for a client that they own; no administrator registers anew, resumes, extends or gives
            grants or budgets to a client whose owner or backup owner they are, by object id or by claimed name; nobody adds themselves to a team; whose own client may use a tool
            does not bring it back into service. A grant of something highly sensitive is not given with `putGrant` at all: one person asks (`createRequest`), another approves.
            A test makes random calls of an Owner and finds the access of that Owner's clients never wider.

            ## Changes
            - **`ETag` and `If-Match`** (RFC 9110, section 13.1.1). Whoever changes what exists says what they read; without it the answer is 428, and 412 when it was changed meanwhile. `*` stands
              for whatever it is now. What stops something at once (`suspendClient`, `switchOff`) takes the header and does not need it. `If-None-Match: *` makes only what is new.
            - **`Idempotency-Key`** on every POST that changes something: 1 to 128 visible ASCII characters. The same request under the same key is answered as before, with
              `Idempotency-Replayed: true`, for `Management:IdempotencyHours` (24); another request under it is refused with 422, and one that comes while the first is being answered with 409.
              Keys are each caller's own. What ended with a fault of the gateway is not kept; a key whose request died with its instance is free after 5 minutes.
            - **The ledger** has every change twice, once before it is made and once how it ended, with what was before and what comes after ([access.md](access.md)), and with who made it: the
              object id (`by`), the application (`byApplication`), the token (`byToken`), and the name that the token claims (`byClaimed`, not proven). What cannot be recorded is not
              done. Queries of the ledger are on record too (`auditQueried`, `auditTimelineRead`), and so is whoever lacked a role (`managementRefused`).
            - Bodies are read strictly: unknown members, repeated names and unknown parameters are refused. `application/json`, at most `Management:MaxRequestBytes`.

            Lists come in pages of `limit` (1 to 200, 50 where left out). `next`, and the header `Link` with `rel="next"`, lead to the next page.

            ## Problems
            RFC 9457, `application/problem+json`, with `code`, and with `requestId` for the log. `type` is `tag:mcpserverless.github.io,2026:problem/CODE`.

            | code | HTTP | meaning | what to do |
            |---|---|---|---|

            """);
        foreach (var code in ManageProblemCode.All) text.Append(null, $"| `{code.Name}` | {code.Status} | {code.Meaning} | {code.Advice} |\n");
        text.Append("""

            After `Management:RefusalsPerMinute` (60) answers of 401, 403 or 404 in a minute, a caller (or, without a valid token, an address) is held up with 429 on that instance.

            ## Operations
            `x`: the role is enough. What is beside it says for whom, or of what. `If-Match`: `needed`, `for changes` (needed where it exists), `taken`.

            | operation | | Admin | Owner | Reviewer | Auditor | beside the role | If-Match |
            |---|---|---|---|---|---|---|---|

            """);
        foreach (var operation in _services.GetRequiredService<ManageTable>().Operations)
        {
            var precondition = operation.Precondition switch { Precondition.Required => "needed", Precondition.RequiredIfExists => "for changes", Precondition.Optional => "taken", _ => "" };
            var roles = string.Join(" | ", GovernanceRoleNames.Each.Select(r => operation.Roles.HasFlag(r) ? "x" : ""));
            text.Append(null, $"| `{operation.Id}` | `{operation.Method} /manage/{operation.Path}` | {roles} | {operation.Remark} | {precondition} |\n");
        }

        return text.ToString();
    }

    private static void AssertCurrent(string[] path, string expected)
    {
        var file = RepositoryRoot.Combine(path);
        expected = expected.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("MCPSERVERLESS_WRITE_DOCS") == "1") File.WriteAllText(file, expected);
        Assert.True(File.Exists(file) && File.ReadAllText(file).ReplaceLineEndings("\n") == expected, $"{string.Join('/', path)} is not what the code says: run dotnet run dev.cs docs.");
    }
}
