using System.Net;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using McpServerless.Access;
using McpServerless.Access.Explaining;
using McpServerless.Authentication;
using McpServerless.Catalogue;
using McpServerless.Core.Tests.Catalogue;
using McpServerless.ToolCalls;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Core.Tests.Access;

/// <summary>Random rules, tokens and arguments: lists, calls and explanations agree with each other and with the rule in other words.</summary>
public class AccessDecisionTests
{
    private static readonly FixedTime Time = FixedTime.June2026;
    private static readonly string[] Tools = ["pay", "pay-out", "read", "refund"];
    private static readonly JsonElement[] Arguments = [Json("{}"), Json("""{"amount":1}"""), Json("""{"amount":500}"""), Json("""{"amount":"x"}""")];

    /// <summary>
    /// What is listed is what some arguments may be used with: whatever is not listed is refused with every argument, and what is listed and hangs on no
    /// argument is allowed with every one.
    /// </summary>
    [Fact]
    public void AList_ShowsExactlyWhatACallIsAllowed_ArgumentsAside() => Prop.ForAll(Worlds.ToArbitrary(), world =>
    {
        var admission = world.Admit();
        var listed = Authorizer.Visible(admission, SubjectKind.Tool).Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var tool in Tools)
        {
            Assert.Equal(world.MayUse(tool), listed.Contains(tool));
            foreach (var arguments in Arguments)
            {
                var allowed = Call(admission, tool, arguments) is null;
                Assert.Equal(world.Allows(tool, arguments), allowed);
                if (allowed) Assert.Contains(tool, listed);
            }

            var hangsOnArguments = Authorizer.Authorize(admission, SubjectKind.Tool, tool).Succeeded(out var grant, out _) && grant.Arguments is not null;
            if (!hangsOnArguments && listed.Contains(tool)) Assert.All(Arguments, a => Assert.Null(Call(admission, tool, a)));
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void AddingADenial_NeverAllowsMore() => Prop.ForAll((from world in Worlds from denial in Grants select (World: world, Denial: denial)).ToArbitrary(), pair =>
    {
        var before = pair.World.Admit();
        var after = (pair.World with { Grants = [.. pair.World.Grants, pair.Denial with { Effect = GrantEffect.Deny }] }).Admit();
        foreach (var tool in Tools)
        {
            foreach (var arguments in Arguments)
            {
                if (Call(after, tool, arguments) is null) Assert.Null(Call(before, tool, arguments));
            }
        }

        Assert.Subset(Listed(before), Listed(after));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void TheExplanation_IsTheDecision() => Prop.ForAll(Worlds.ToArbitrary(), world =>
    {
        var admission = world.Admit();
        var stores = new MemoryStores { Active = Version };
        stores.SaveClientAsync(world.Client, CancellationToken.None).AsTask().Wait();
        for (var i = 0; i < world.Grants.Length; i++) stores.SaveGrantAsync(world.Grants[i] with { GrantId = $"g{i:D3}" }, CancellationToken.None).AsTask().Wait();
        var state = new GovernanceState(stores, stores, Options.Create(new AccessOptions()), Time, NullLogger<GovernanceState>.Instance);
        var questions = new AccessQuestions(NewAuthorizer(state), state, stores);
        var context = new RequestContext { RequestId = Guid.Empty, Server = "s", Token = null, StartedAt = 0, Address = world.Address };
        var who = questions.WhoCanAsync(SubjectKind.Tool, "pay", _ => world.Caller, context, CancellationToken.None).ToListAsync().AsTask().Result;
        Assert.Equal(world.Grants.Any(g => g.Effect == GrantEffect.Allow && g.Server == "s" && Matches(g, "pay")), who.Count == 1);
        foreach (var tool in Tools)
        {
            var open = questions.CanAsync(world.Caller, context, SubjectKind.Tool, tool, null, CancellationToken.None).AsTask().Result;
            Assert.Equal(Listed(admission).Contains(tool), open.IsAllowed);
            if (tool == "pay" && who.Count == 1) Assert.Equal((open.Refusal, open.GrantId, open.DependsOnArguments), (who[0].Refusal, who[0].GrantId, who[0].DependsOnArguments));
            foreach (var arguments in Arguments)
            {
                var answer = questions.CanAsync(world.Caller, context, SubjectKind.Tool, tool, arguments, CancellationToken.None).AsTask().Result;
                Assert.Equal(Call(admission, tool, arguments), answer.Refusal);
                Assert.Equal(answer.IsAllowed, answer.GrantId is not null);

                // What is explained rule by rule adds up to the answer.
                if (answer.IsAllowed) Assert.Contains(answer.Rules, r => r.Grant.Effect == GrantEffect.Allow && r.Counts && r.ArgumentViolations is null or { Count: 0 });
                Assert.All(answer.Rules, r => Assert.Equal(r.Counts, r.Conditions.All(c => c.Verdict == ConditionVerdict.Met || (c.Verdict == ConditionVerdict.Unknown && r.Grant.Effect == GrantEffect.Deny))));
            }
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void OfSeveralGrants_TheOneCounts_WhoseConstraintsTheArgumentsKeep()
    {
        var small = Allow("a-small", "pay") with { Constraints = [Constraint("""{"properties":{"amount":{"maximum":100}}}""")] };
        var large = Allow("b-large", "pay") with { Constraints = [Constraint("""{"properties":{"amount":{"minimum":400}}}""")] };
        var admission = Admit([small, large]);

        Assert.True(Authorizer.Authorize(admission, SubjectKind.Tool, "pay").Succeeded(out var grant, out _));
        Assert.True(grant.Arguments!.Choose(grant, Json("""{"amount":5}""")).Succeeded(out var chosen, out _));
        Assert.Equal("a-small", chosen.Grant.GrantId);
        Assert.True(grant.Arguments.Choose(grant, Json("""{"amount":500}""")).Succeeded(out chosen, out _));
        Assert.Equal("b-large", chosen.Grant.GrantId);
        Assert.False(grant.Arguments.Choose(grant, Json("""{"amount":200}""")).Succeeded(out _, out var refusal));
        Assert.Equal((RefusalCode.ConstraintViolated, "/amount: maximum 100"), (refusal.Code, Assert.Single(refusal.Violations)));
        Assert.DoesNotContain("200", refusal.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"amount":5}""", null)]
    [InlineData("""{"amount":500}""", "constraint_violated")]
    public void ADenialOfSomeArguments_LeavesTheOthers(string arguments, string? refusal)
    {
        var admission = Admit([Allow("a", "*"), Allow("d", "pay") with { Effect = GrantEffect.Deny, Constraints = [Constraint("""{"properties":{"amount":{"minimum":100}}}""")] }]);
        Assert.Equal(refusal, Call(admission, "pay", Json(arguments))?.Name);
    }

    [Fact]
    public void EachRefusal_HasItsName()
    {
        Assert.Equal(RefusalCode.GrantMissing, Call(Admit([]), "pay", Arguments[0]));
        Assert.Equal(RefusalCode.GrantDenied, Call(Admit([Allow("a", "*"), Allow("d", "p*") with { Effect = GrantEffect.Deny }]), "pay", Arguments[0]));
        Assert.Equal(RefusalCode.GrantExpired, Call(Admit([Allow("a", "*") with { ExpiresAt = Time.Now }]), "pay", Arguments[0]));
        Assert.Equal(RefusalCode.ContextUnmet, Call(Admit([Allow("a", "*") with { Context = new GrantContext { Networks = ["10.0.0.0/8"] } }]), "pay", Arguments[0]));
        Assert.Equal(RefusalCode.RoleMissing, Call(Admit([Allow("a", "*") with { RequiredRole = "R" }]), "pay", Arguments[0]));
        foreach (var code in new[] { RefusalCode.GrantDenied, RefusalCode.ContextUnmet }) Assert.True(code.LooksUnknown);
    }

    [Fact]
    public void ADenialPastItsDate_GoesOnToDeny()
    {
        var admission = Admit([Allow("a", "*"), Allow("d", "p*") with { Effect = GrantEffect.Deny, ExpiresAt = Time.Now.AddDays(-400) }]);
        Assert.Equal(RefusalCode.GrantDenied, Call(admission, "pay", Arguments[0]));
        Assert.DoesNotContain("pay", Listed(admission));
    }

    [Fact]
    public void WhatIsSwitchedOff_IsNeitherListedNorServed_ForAnybody()
    {
        var whole = Admit([Allow("a", "*")], new KillSwitch(KillSwitch.OfServer("s"), "op", Time.Now, "incident"));
        Assert.Empty(Listed(whole));
        Assert.Equal(RefusalCode.SwitchedOff, Call(whole, "pay", Arguments[0]));

        var one = Admit([Allow("a", "*")], new KillSwitch(KillSwitch.OfTool("u", "pay"), "op", Time.Now, "incident"), new KillSwitch(KillSwitch.OfServer("other"), "op", Time.Now, "incident"));
        Assert.Equal(["pay-out", "read", "refund"], Listed(one).Order(StringComparer.Ordinal));
        Assert.Equal(RefusalCode.SwitchedOff, Call(one, "pay", Arguments[0]));
        Assert.Equal(RefusalCode.GrantMissing, Call(Admit([], new KillSwitch(KillSwitch.OfTool("u", "pay"), "op", Time.Now, "incident")), "pay", Arguments[0]));
    }

    private static Gen<Grant> Grants { get; } =
        from effect in Gen.Elements(GrantEffect.Allow, GrantEffect.Allow, GrantEffect.Deny)
        from pattern in Gen.Elements("*", "pay", "pay*", "re*", "none")
        from server in Gen.Elements("s", "s", "s", "other")
        from hours in Gen.Elements(-1, 0, 1, 1, 1)
        from context in Gen.Elements<GrantContext?>(
            null, null, null,
            new GrantContext { Networks = ["10.0.0.0/8"] },
            new GrantContext { Callers = [GrantCaller.Application] },
            new GrantContext { MaxTokenAgeMinutes = 10, AuthContexts = ["c1"] })
        from role in Gen.Elements(null, null, "R1")
        from scope in Gen.Elements(null, null, "S1")
        from userRole in Gen.Elements(null, null, "R2")
        from models in Gen.Elements<string[]>([], [], ["m*"])
        from constraint in Gen.Elements(null, null, """{"properties":{"amount":{"type":"number","maximum":100}}}""", """{"required":["amount"]}""", """{"type":"broken"}""")
        select Allow("g", pattern) with
        {
            Effect = effect,
            Server = server,
            ExpiresAt = Time.Now.AddHours(hours),
            Context = context,
            RequiredRole = role,
            RequiredScope = scope,
            RequiredUserRole = userRole,
            ModelIds = models,
            Constraints = constraint is null ? [] : [new ArgumentConstraint(["pay*"], Json(constraint))],
        };

    private static Gen<World> Worlds { get; } =
        from grants in Grants.ListOf()
        from kind in Gen.Elements(Enum.GetValues<CallerKind>())
        from roles in Gen.Elements<string[]>(["Mcp.Call"], ["Mcp.Call", "R1"], ["Mcp.Call", "R1", "R2"])
        from scopes in Gen.Elements<string[]>(["Mcp.Call"], ["Mcp.Call", "S1"])
        from contexts in Gen.Elements<string[]>([], ["c1"])
        from issued in Gen.Elements<int?>(null, -5, -50)
        from address in Gen.Elements(null, "10.0.0.1", "192.0.2.1")
        from model in Gen.Elements(null, "m1", "x")
        select new World(
            [.. grants],
            new Caller
            {
                TenantId = "t",
                ClientId = "c",
                ObjectId = "o",
                Kind = kind,
                Roles = roles,
                Scopes = kind == CallerKind.Delegated ? scopes : [],
                AuthContexts = contexts,
                IssuedAt = issued is { } minutes ? Time.Now.AddMinutes(minutes) : null,
                ExpiresAt = DateTimeOffset.MaxValue,
            },
            TheClient! with { ModelId = model }, // set before anything is drawn
            address is null ? null : IPAddress.Parse(address));

    private sealed record World(Grant[] Grants, Caller Caller, Client Client, IPAddress? Address)
    {
        public Admission Admit() => new(Caller, new ClientAccess(Client, Grants), ActiveCatalogue.Compile(Version).Find("s")!, Address);

        /// <summary>Whether a call may be allowed with some arguments, as far as rules without them tell.</summary>
        public bool MayUse(string tool) => Named(tool, GrantEffect.Allow).Any(g => Holds(g, certain: true))
            && !Named(tool, GrantEffect.Deny).Any(g => Holds(g, certain: false) && !IsConstrained(g, tool));

        public bool Allows(string tool, JsonElement arguments) => Named(tool, GrantEffect.Allow).Any(g => Holds(g, certain: true) && Keeps(g, tool, arguments) == true)
            && !Named(tool, GrantEffect.Deny).Any(g => Holds(g, certain: false) && Keeps(g, tool, arguments) != false);

        private IEnumerable<Grant> Named(string tool, GrantEffect effect) => Grants.Where(g => g.Server == "s" && g.Effect == effect && Matches(g, tool));

        private static bool IsConstrained(Grant g, string tool) => g.Constraints.Count > 0 && tool.StartsWith("pay", StringComparison.Ordinal);

        /// <summary>Null for a constraint that cannot be evaluated.</summary>
        private static bool? Keeps(Grant g, string tool, JsonElement arguments)
        {
            if (!IsConstrained(g, tool)) return true;
            var amount = arguments.TryGetProperty("amount", out var value) ? value : default;
            var schema = g.Constraints[0].Arguments.GetRawText();
            if (schema.Contains("broken", StringComparison.Ordinal)) return null;
            return schema.Contains("required", StringComparison.Ordinal)
                ? amount.ValueKind != JsonValueKind.Undefined
                : amount.ValueKind == JsonValueKind.Undefined || (amount.ValueKind == JsonValueKind.Number && amount.GetDouble() <= 100);
        }

        private bool Holds(Grant g, bool certain)
        {
            var delegated = Caller.Kind == CallerKind.Delegated;
            var networks = g.Context?.Networks.Count > 0 ? Address is null ? !certain : Address.ToString().StartsWith("10.", StringComparison.Ordinal) : true;
            var age = g.Context?.MaxTokenAgeMinutes is null ? true : Caller.IssuedAt is { } issued ? issued >= Time.Now.AddMinutes(-10) : !certain;
            var model = g.ModelIds.Count == 0 || (Client.ModelId is { } m ? m.StartsWith('m') : !certain);
            return (g.Effect == GrantEffect.Deny || g.ExpiresAt > Time.Now) && networks && age && model
                && (g.Context is not { AuthContexts.Count: > 0 } || Caller.AuthContexts.Contains("c1"))
                && (g.Context is not { Callers.Count: > 0 } || !delegated)
                && (g.RequiredRole is null || delegated || Caller.Roles.Contains("R1"))
                && (g.RequiredScope is null || !delegated || Caller.Scopes.Contains("S1"))
                && (g.RequiredUserRole is null || !delegated || Caller.Roles.Contains("R2"));
        }
    }

    private static bool Matches(Grant grant, string tool) => grant.Tools[0] == "*" || grant.Tools[0] == tool || (grant.Tools[0].EndsWith('*') && tool.StartsWith(grant.Tools[0][..^1], StringComparison.Ordinal));

    private static HashSet<string> Listed(Admission admission) => Authorizer.Visible(admission, SubjectKind.Tool).Select(f => f.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>The stages of the pipeline that are about access.</summary>
    private static RefusalCode? Call(Admission admission, string tool, JsonElement arguments)
    {
        if (!Authorizer.Authorize(admission, SubjectKind.Tool, tool).Succeeded(out var grant, out var refusal)) return refusal.Code;
        if (!Authorizer.Confirm(grant).Succeeded(out grant, out refusal)) return refusal.Code;
        return grant.Arguments is null || grant.Arguments.Choose(grant, arguments).Succeeded(out _, out refusal) ? null : refusal!.Code;
    }

    private static Admission Admit(IReadOnlyList<Grant> grants, params KillSwitch[] switches) => new(
        new Caller { TenantId = "t", ClientId = "c", ObjectId = "o", Kind = CallerKind.Application, ExpiresAt = DateTimeOffset.MaxValue },
        new ClientAccess(TheClient, grants),
        ActiveCatalogue.Compile(Version).Find("s")!,
        address: null,
        new KillSwitches(switches));

    private static Grant Allow(string id, string pattern) => new() { GrantId = id, ClientId = "c", Server = "s", Tools = [pattern], ExpiresAt = DateTimeOffset.MaxValue, Justification = "j", Approver = "a" };

    private static ArgumentConstraint Constraint(string schema) => new(["pay"], Json(schema));

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static readonly Client TheClient = new() { TenantId = "t", ClientId = "c", DisplayName = "d", Owner = "o", Purpose = "p", State = ClientState.Active, ExpiresAt = DateTimeOffset.MaxValue };

    private static CatalogueVersion Version { get; } = new()
    {
        Number = 1,
        Upstreams = [new Upstream { Name = "u", Url = new Uri("https://u.example.org/mcp") }],
        Tools = [.. Tools.Select(t => new ToolContract { Upstream = "u", Name = t, Definition = Json($$"""{"name":"{{t}}","inputSchema":{"type":"object"} }"""), Hash = "h", Version = "1", Team = "t" })],
        Servers = [new VirtualServer { Name = "s", Tools = [new FeatureSelection { Upstream = "u", Names = ["*"] }] }],
    };

    private static Authorizer Authorizer { get; } = NewAuthorizer(NewState());

    private static GovernanceState NewState() => new(new MemoryStores(), new MemoryStores(), Options.Create(new AccessOptions()), Time, NullLogger<GovernanceState>.Instance);

    private static Authorizer NewAuthorizer(GovernanceState state) =>
        new(state, Options.Create(new AuthenticationOptions { TenantId = "t", Audience = "a" }), Options.Create(new AccessOptions()), Time);
}
