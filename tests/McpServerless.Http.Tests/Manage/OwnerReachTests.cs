using System.Globalization;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Access.Explaining;
using McpServerless.Authentication;
using McpServerless.Catalogue;
using McpServerless.Contracts.Watching;
using McpServerless.ToolCalls;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit.Abstractions;

namespace McpServerless.Http.Tests.Manage;

/// <summary>No sequence of calls by an Owner widens what that Owner controls. Random sequences over HTTP, on the real handlers and stores.</summary>
public sealed class OwnerReachTests(ManageHost host, ITestOutputHelper output) : IClassFixture<ManageHost>
{
    private const int Rounds = 10;
    private const int CallsPerRound = 40;
    private const string Suspended = "55555555-0000-0000-0000-000000000001";
    private const string ByName = "55555555-0000-0000-0000-000000000002";

    private static readonly CancellationToken Ct = CancellationToken.None;
    private static readonly string[] Own = [ManageHost.SupportClient, Suspended, ByName];
    private static readonly string[] All = [.. Own, ManageHost.PaymentsClient];

    [Fact]
    public async Task NoSequenceOfCallsByAnOwner_WidensWhatThatOwnerControls()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("MCPSERVERLESS_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        output.WriteLine($"MCPSERVERLESS_SEED={seed}");
        var random = new Random(seed);
        var (done, reached) = (0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            await SeedAsync(round);
            var before = await ReachAsync();
            reached += before.Tools.Count;
            var calls = new List<string>();
            for (var i = 0; i < CallsPerRound; i++)
            {
                var (method, path, body) = await NextAsync(random, round);
                var answer = await host.SendAsync(method, path, host.Owner, body, ("If-Match", "*"));
                calls.Add($"{answer.Status} {method} {path} {body}");
                Assert.True(answer.Status < 500, calls[^1]);
                if (answer.Status < 300) done++;
            }

            var after = await ReachAsync();
            Assert.True(after.Tools.IsSubsetOf(before.Tools), $"seed {seed}, round {round}: {string.Join(", ", after.Tools.Except(before.Tools))} are new\n{string.Join('\n', calls)}");
            Assert.True(after.Clients.IsSubsetOf(before.Clients), $"seed {seed}, round {round}: it controls {string.Join(", ", after.Clients.Except(before.Clients))}");
            Assert.True(after.Decides.IsSubsetOf(before.Decides), $"seed {seed}, round {round}: it decides on {string.Join(", ", after.Decides.Except(before.Decides))}");
        }

        output.WriteLine($"{done} of {Rounds * CallsPerRound} calls were carried out");
        Assert.True(reached > 0, "Nothing could be called before, so nothing was shown.");
        Assert.True(done > Rounds, "Nothing that an Owner may do was done, so nothing was shown.");
    }

    private async Task<(string Method, string Path, string Body)> NextAsync(Random random, int round)
    {
        var client = Pick(All);
        var tool = Pick("lookup", "close", "pay", "wire", "*");
        var grants = await host.Access.ReadGrantsAsync(client, Ct);
        var grant = grants.Count > 0 ? $"test/{Pick([.. grants.Select(g => g.GrantId)])}" : "test/none";
        var requests = await host.Editor.ReadRequestsAsync(Ct).Select(r => r.Value.RequestId).ToListAsync();
        var request = requests.Count > 0 ? Pick([.. requests]) : new string('0', 32);
        const string Why = """{"reason":"a good reason"}""";
        var answer = $$"""{"answer":"{{Pick("keep", "reduce", "revoke")}}","leave":{"tools":["{{tool}}"]},"reason":"r"}""";
        return random.Next(26) switch
        {
            0 => ("POST", $"clients/{client}/suspend", Why),
            1 or 2 => ("POST", $"clients/{client}/resume", Why),
            3 => ("POST", $"clients/{Pick(Suspended, ManageHost.PaymentsClient)}/deprovision", Why),
            4 or 5 => ("PUT", $"clients/{client}/model", $$"""{"modelId":"{{Pick("model-7", "model-8")}}","reason":"r"}"""),
            6 => ("PUT", $"clients/{client}", $$"""{"displayName":"n","owner":"{{ManageHost.OwnerId}}","team":"support","purpose":"p","expiresIn":"P300D","reason":"r"}"""),
            7 or 8 => ("PUT", $"clients/{client}/grants/test/made", $$"""{"tools":["{{tool}}"],"broadReason":"b","justification":"j","expiresIn":"P5D"}"""),
            9 or 10 => ("POST", $"clients/{client}/grants/{grant}/revoke", Why),
            11 or 12 => ("POST", "requests", $$"""{"clientId":"{{client}}","server":"test","tools":["{{tool}}"],"minutes":600,"justification":"j"}"""),
            13 or 14 or 15 => ("POST", $"requests/{request}/approve", Why),
            16 => ("POST", $"requests/{request}/reject", Why),
            17 => ("POST", "switches/on", $$"""{"subject":"tool/desk/{{Pick("lookup", "close", "pay")}}","reason":"r"}"""),
            18 => ("POST", "switches/off", $$"""{"subject":"tool/desk/{{Pick("close", "pay")}}","reason":"r"}"""),
            19 => ("POST", "contracts/desk/close/accept", Why),
            20 => ("PUT", $"teams/{Pick("support", "payments", "more")}", $$"""{"members":["{{ManageHost.OwnerId}}"],"groups":[],"reason":"r"}"""),
            21 or 22 => ("POST", $"campaigns/c{round}/reviews/{client}/{grant}/answer", answer),
            23 => ("POST", $"campaigns/c{round}/answers", $$"""{"answer":"{{Pick("keep", "reduce", "revoke")}}","reviews":[{"clientId":"{{client}}","server":"test","grantId":"g"},{"clientId":"{{client}}","server":"test","grantId":"g-payments"}],"reason":"r"}"""),
            24 => ("POST", "campaigns", $$"""{"campaign":"mine","reason":"r"}"""),
            _ => ("POST", "catalogue/versions/1/activate", Why),
        };

        string Pick(params string[] values) => values[random.Next(values.Length)];
    }

    /// <summary>Every state that an Owner could try to get out of, and what others asked for.</summary>
    private async Task SeedAsync(int round)
    {
        var access = host.Access;
        foreach (var client in All)
        {
            foreach (var grant in await access.ReadGrantsAsync(client, Ct)) await access.DeleteGrantAsync(grant, Ct);
        }

        await access.SaveClientAsync(ManageHost.Client(ManageHost.SupportClient, ManageHost.Support), Ct);
        await access.SaveClientAsync(ManageHost.Client(ManageHost.PaymentsClient, ManageHost.Payments), Ct);
        await access.SaveClientAsync(ManageHost.Client(Suspended, ManageHost.Support) with { State = ClientState.Suspended }, Ct);
        await access.SaveClientAsync(ManageHost.Client(ByName, "elsewhere", ManageHost.OwnerId), Ct);
        foreach (var client in Own)
        {
            await access.SaveGrantAsync(ManageHost.Grant("g", client, "lookup", "close"), Ct);
            await access.SaveGrantAsync(ManageHost.Grant("g-8", client, "pay") with { ModelIds = ["model-8"] }, Ct);
            await access.SaveGrantAsync(ManageHost.Grant("no", client, "clos*") with { Effect = GrantEffect.Deny, ModelIds = ["model-7"] }, Ct);
            foreach (var grant in (string[])["g", "g-8", "no"]) await host.SeedReviewAsync(ManageHost.Review($"c{round}", client, grant));
            await host.Editor.AddRequestAsync(RequestOf($"{round}{client}", client, "pay", ManageHost.SecondAdminId), Ct);
            await host.Editor.AddRequestAsync(RequestOf($"{round}own{client}", client, "close", ManageHost.SecondAdminId), Ct);
        }

        await access.SaveGrantAsync(ManageHost.Grant("g-payments", ManageHost.PaymentsClient, "pay"), Ct);
        await host.SeedReviewAsync(ManageHost.Review($"c{round}", ManageHost.PaymentsClient, "g-payments") with { Reviewer = ManageHost.OtherOwnerId });
        await host.Editor.AddRequestAsync(RequestOf($"{round}other", ManageHost.PaymentsClient, "lookup", ManageHost.OtherOwnerId), Ct);
        await host.Editor.SwitchOffAsync(new KillSwitch(KillSwitch.OfTool("desk", "lookup"), "x", TimeProvider.System.GetUtcNow(), "r"), Ct);
        if (round % 2 == 0) await host.Editor.SwitchOnAsync(KillSwitch.OfTool("desk", "lookup"), Ct);
        await host.Editor.SwitchOnAsync(KillSwitch.OfTool("desk", "pay"), Ct);
        await host.Editor.SwitchOnAsync(KillSwitch.OfTool("desk", "close"), Ct);
        var drifts = host.Services.GetRequiredService<IContractWatchStore>();
        await drifts.DeleteDriftAsync("desk", "close", Ct);
        await drifts.SaveDriftAsync(ManageHost.DriftOf("close"), Ct);
        if (round % 2 == 1) await drifts.HoldAsync(new HeldTool("desk", "close", ManageHost.DriftOf("close").PinnedHash, null), Ct);
        else await drifts.ReleaseAsync("desk", "close", Ct);
        await access.BumpEpochAsync(Ct);
    }

    private static GrantRequest RequestOf(string name, string client, string tool, string requester) => new()
    {
        RequestId = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name + tool)))[..32],
        ClientId = client,
        Server = ManageHost.Server,
        Tools = [tool],
        Minutes = 600,
        Justification = "j",
        Requester = requester,
        RequestedAt = TimeProvider.System.GetUtcNow(),
    };

    /// <summary>What the Owner's clients can call now by the code that decides calls, which clients those are, and whose tools it decides on. Read anew, past every cache.</summary>
    private async Task<(HashSet<string> Tools, HashSet<string> Clients, HashSet<string> Decides)> ReachAsync()
    {
        var services = host.Services;
        var catalogues = services.GetRequiredService<ICatalogueStore>();
        var options = Options.Create(new AccessOptions());
        var state = new GovernanceState(host.Access, catalogues, options, TimeProvider.System, NullLogger<GovernanceState>.Instance, services.GetRequiredService<IHeldToolReader>());
        var questions = new AccessQuestions(new Authorizer(state, services.GetRequiredService<IOptions<AuthenticationOptions>>(), options, TimeProvider.System), state, services.GetRequiredService<IClientDirectory>());
        var teams = (await services.GetRequiredService<ITeamStore>().ReadTeamsAsync(Ct)).Where(t => t.Value.Has(ManageHost.OwnerId, [])).Select(t => t.Value.Name).ToList();
        var owner = new Actor(ManageHost.OwnerId, false, teams);
        var version = await catalogues.ReadActiveAsync(Ct);
        var (tools, clients) = (new HashSet<string>(), new HashSet<string>());
        await foreach (var client in services.GetRequiredService<IClientDirectory>().ReadClientsAsync(Ct))
        {
            if (!owner.Owns(client)) continue;
            clients.Add(client.ClientId);
            foreach (var tool in version!.Tools)
            {
                var caller = new Caller { TenantId = client.TenantId, ClientId = client.ClientId, ObjectId = "x", Kind = CallerKind.Application, Roles = ["Mcp.Call"], ExpiresAt = TimeProvider.System.GetUtcNow().AddHours(1) };
                var context = new RequestContext { RequestId = Guid.NewGuid(), Server = ManageHost.Server, Token = null, StartedAt = 0 };
                if ((await questions.CanAsync(caller, context, SubjectKind.Tool, tool.Name, null, Ct)).IsAllowed) tools.Add($"{client.ClientId}/{tool.Name}");
            }
        }

        return (tools, clients, [.. version!.Tools.Where(t => owner.SpeaksFor(t.Team)).Select(t => $"{t.Upstream}/{t.Name}")]);
    }
}
