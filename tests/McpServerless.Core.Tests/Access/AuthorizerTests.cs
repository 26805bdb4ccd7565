using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using McpServerless.Access;
using McpServerless.Authentication;
using McpServerless.Catalogue;
using McpServerless.Core.Tests.Catalogue;
using McpServerless.ToolCalls;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Core.Tests.Access;

/// <summary>One rule over tools, prompts and resources: what a list shows, a call is allowed, and the other way round.</summary>
public class AuthorizerTests
{
    private static readonly FixedTime Time = FixedTime.June2026;
    private static readonly Upstream Upstream = new() { Name = "u", Url = new Uri("https://u.example.org/mcp") };
    private static readonly JsonElement ToolDefinition = JsonDocument.Parse("""{"name":"x","inputSchema":{"type":"object"}}""").RootElement;

    public static TheoryData<SubjectKind, string, RefusalCode> Kinds => new()
    {
        { SubjectKind.Tool, "note", RefusalCode.ToolUnknown },
        { SubjectKind.Prompt, "note", RefusalCode.PromptUnknown },
        { SubjectKind.Resource, "note://one", RefusalCode.ResourceUnknown },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AGrantForOneKind_AllowsNothingOfAnother(SubjectKind kind, string name, RefusalCode unknown)
    {
        ArgumentNullException.ThrowIfNull(unknown);
        var version = Version(Contract(SubjectKind.Tool, "note"), Contract(SubjectKind.Prompt, "note"), Contract(SubjectKind.Resource, "note://one"));
        foreach (var granted in Enum.GetValues<SubjectKind>())
        {
            var admission = Admit(version, Grant("g", granted, "*"));
            var outcome = Decide(admission, kind, name);
            Assert.Equal(granted == kind ? null : RefusalCode.GrantMissing, outcome);
            Assert.Equal(granted == kind ? [name] : [], Shown(admission, kind));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void WhatThereIsNot_HasTheWordOfItsKind_AndLooksLikeWhatIsNotGranted(SubjectKind kind, string name, RefusalCode unknown)
    {
        var there = Admit(Version(Contract(kind, name)));
        var notThere = Admit(Version(), Grant("g", kind, "*"));

        Assert.False(Authorizer.Authorize(there, kind, name).Succeeded(out _, out var notGranted));
        Assert.False(Authorizer.Authorize(notThere, kind, name).Succeeded(out _, out var missing));
        Assert.Equal((RefusalCode.GrantMissing, unknown), (notGranted!.Code, missing!.Code));
        Assert.True(notGranted.Code.LooksUnknown && missing.Code.LooksUnknown);
        Assert.Equal(missing.Detail, notGranted.Detail);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void LifeCycle_HoldsForEveryKind(SubjectKind kind, string name, RefusalCode unknown)
    {
        ArgumentNullException.ThrowIfNull(unknown);
        foreach (var (state, sunset, refusal) in ((ToolState, DateTimeOffset?, RefusalCode?)[])
        [
            (ToolState.Active, null, null),
            (ToolState.Deprecated, null, null),
            (ToolState.Deprecated, Time.Now.AddSeconds(1), null),
            (ToolState.Deprecated, Time.Now, RefusalCode.ToolRetired),
            (ToolState.Retired, null, RefusalCode.ToolRetired),
            (ToolState.Quarantined, null, RefusalCode.ContractQuarantined),
        ])
        {
            var admission = Admit(Version(Contract(kind, name) with { State = state, Sunset = sunset }), Grant("g", kind, name));
            Assert.Equal(refusal, Decide(admission, kind, name));
            Assert.Equal(refusal is null ? [name] : [], Shown(admission, kind));
        }
    }

    [Theory]
    [InlineData("note://one", "note://one", null)]
    [InlineData("note://of/7", "note://of/*", null)]
    [InlineData("note://of/7", "note://of/7", null)]
    [InlineData("note://of/8", "note://of/7", "grant_missing")]
    [InlineData("note://of/7/8", "note://of/*", "resource_unknown")]
    [InlineData("note://of/..", "note://of/*", "resource_unknown")]
    [InlineData("note://of/%2e%2E", "note://of/*", "resource_unknown")]
    [InlineData("note://of/%252e", "*", "resource_unknown")]
    [InlineData("note://of/a\u0001", "*", "resource_unknown")]
    [InlineData("note://two", "*", "resource_unknown")]
    public void AReadOfATemplate_IsDecidedByItsUri(string uri, string pattern, string? refusal)
    {
        var version = Version(Contract(SubjectKind.Resource, "note://one"), Contract(SubjectKind.Resource, "note://of/{id}"));

        Assert.Equal(refusal, Decide(Admit(version, Grant("g", SubjectKind.Resource, pattern)), SubjectKind.Resource, uri)?.Name);
    }

    [Fact]
    public void AResourceOfItsOwn_IsThatBeforeATemplate()
    {
        var version = Version(
            Contract(SubjectKind.Resource, "note://{id}"),
            Contract(SubjectKind.Resource, "note://held") with { State = ToolState.Quarantined });
        var admission = Admit(version, Grant("g", SubjectKind.Resource, "note://*"));

        Assert.Equal(RefusalCode.ContractQuarantined, Decide(admission, SubjectKind.Resource, "note://held"));
        Assert.Null(Decide(admission, SubjectKind.Resource, "note://other"));
        Assert.Equal(["note://{id}"], Shown(admission, SubjectKind.Resource));
    }

    /// <summary>Against the rule in other words, over random catalogues, grants and callers.</summary>
    [Fact]
    public void AList_ShowsExactlyWhatACallWouldBeAllowed()
    {
        var texts = Gen.Elements("a", "b", "ab", "ba", "abc");
        var roles = Gen.Elements(null, "R1", "R2");
        var contracts = (from kind in Gen.Elements(Enum.GetValues<SubjectKind>())
                         from text in texts
                         from template in Gen.Elements(false, true)
                         from state in Gen.Elements(Enum.GetValues<ToolState>())
                         from sunset in Gen.Elements<int?>(null, -1, 1)
                         from role in roles
                         from scope in Gen.Elements(null, null, "S")
                         select Contract(kind, kind != SubjectKind.Resource ? text : template ? $"n://{text}/{{x}}" : $"n://{text}") with
                         {
                             State = state,
                             Sunset = sunset is { } hours ? Time.Now.AddHours(hours) : null,
                             RequiredRole = role,
                             RequiredScope = scope,
                         }).ListOf();
        var grants = (from kind in Gen.Elements(Enum.GetValues<SubjectKind>())
                      from pattern in Gen.Elements("*", "a*", "*b", "?", "n://a*", "n://*/{x}", "n://b", "abc", "n://*/1")
                      from server in Gen.Elements("s", "s", "other")
                      from hours in Gen.Elements(-1, 0, 1)
                      from role in roles
                      select Grant("g", kind, pattern) with { Server = server, ExpiresAt = Time.Now.AddHours(hours), RequiredUserRole = role }).ListOf();
        var callers = from kind in Gen.Elements(Enum.GetValues<CallerKind>())
                      from held in Gen.Elements<string[]>([], ["R1"], ["R1", "R2"])
                      from scopes in Gen.Elements<string[]>([], ["S"])
                      select (kind, held, scopes);
        var all = from c in contracts from g in grants from caller in callers select (Contracts: c.DistinctBy(x => (x.GetType(), x.Name)).ToArray(), Grants: g.ToArray(), Caller: caller);
        Prop.ForAll(all.ToArbitrary(), world =>
        {
            var admission = Admit(Version(world.Contracts), Caller(world.Caller.kind, world.Caller.held, world.Caller.scopes), world.Grants);
            foreach (var kind in Enum.GetValues<SubjectKind>())
            {
                var allowed = admission.Server.Features.Where(f => f.Kind == kind && Decide(admission, kind, f.Name) is null).Select(f => f.Name).ToArray();
                var expected = world.Contracts.Where(c => KindOf(c) == kind && Expected(c)).Select(c => c.Name).Order(StringComparer.Ordinal).ToArray();
                Assert.Equal(allowed, Shown(admission, kind));
                Assert.Equal(expected, allowed);
            }

            bool Expected(Contract c) =>
                (c.State == ToolState.Active || (c.State == ToolState.Deprecated && !(c.Sunset <= Time.Now)))
                && (c.RequiredRole is null || world.Caller.held.Contains(c.RequiredRole))
                && (c.RequiredScope is null || world.Caller.kind == CallerKind.Application || world.Caller.scopes.Contains(c.RequiredScope))
                && world.Grants.Any(g => g.Server == "s" && g.ExpiresAt > Time.Now
                    && (g.RequiredUserRole is null || world.Caller.kind == CallerKind.Application || world.Caller.held.Contains(g.RequiredUserRole))
                    && PatternsOf(g, KindOf(c)).Any(p => NamePattern.Matches(p, c.Name)));
        }).QuickCheckThrowOnFailure();
    }

    private static Authorizer Authorizer { get; } = NewAuthorizer();

    private static Authorizer NewAuthorizer()
    {
        var stores = new MemoryStores();
        var state = new GovernanceState(stores, stores, Options.Create(new AccessOptions()), Time, NullLogger<GovernanceState>.Instance);
        return new Authorizer(state, Options.Create(new AuthenticationOptions { TenantId = "t", Audience = "a" }), Options.Create(new AccessOptions()), Time);
    }

    [Fact]
    public void AListFromANameOn_IsTheRestOfTheWholeList()
    {
        var names = Gen.Elements("a", "b", "B", "a-", "aa", "z", "\u00e9");
        var pinned = from kind in Gen.Elements(Enum.GetValues<SubjectKind>()) from name in names select (Kind: kind, Name: kind == SubjectKind.Resource ? $"x://{name}" : name);
        var cases = from all in Gen.ListOf(pinned) from after in pinned select (All: all.Distinct().ToArray(), After: after);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var admission = Admit(Version([.. c.All.Select(p => Contract(p.Kind, p.Name))]), [.. Enum.GetValues<SubjectKind>().Select(k => Grant($"g{k}", k, "*"))]);
            var rest = Shown(admission, c.After.Kind).Where(n => string.CompareOrdinal(n, c.After.Name) > 0);
            return rest.SequenceEqual(Authorizer.Visible(admission, c.After.Kind, c.After.Name).Select(f => f.Name));
        }).QuickCheckThrowOnFailure();
    }

    private static RefusalCode? Decide(Admission admission, SubjectKind kind, string name)
    {
        if (!Authorizer.Authorize(admission, kind, name).Succeeded(out var grant, out var refusal)) return refusal.Code;
        return Authorizer.Confirm(grant).Succeeded(out _, out refusal) ? null : refusal.Code;
    }

    private static IEnumerable<string> Shown(Admission admission, SubjectKind kind) => Authorizer.Visible(admission, kind).Select(f => f.Name);

    private static Admission Admit(CatalogueVersion version, params Grant[] grants) => Admit(version, Caller(CallerKind.Application, [], []), grants);

    private static Admission Admit(CatalogueVersion version, Caller caller, Grant[] grants) => new(
        caller,
        new ClientAccess(
            new Client { TenantId = "t", ClientId = "c", DisplayName = "d", Owner = "o", Purpose = "p", State = ClientState.Active, ExpiresAt = DateTimeOffset.MaxValue },
            grants),
        ActiveCatalogue.Compile(version).Find("s")!);

    private static Caller Caller(CallerKind kind, IReadOnlyList<string> roles, IReadOnlyList<string> scopes) =>
        new() { TenantId = "t", ClientId = "c", ObjectId = "o", Kind = kind, Roles = roles, Scopes = scopes, ExpiresAt = DateTimeOffset.MaxValue };

    private static CatalogueVersion Version(params Contract[] contracts) => new()
    {
        Number = 1,
        Upstreams = [Upstream],
        Tools = [.. contracts.OfType<ToolContract>()],
        Prompts = [.. contracts.OfType<PromptContract>()],
        Resources = [.. contracts.OfType<ResourceContract>()],
        Servers =
        [
            new VirtualServer
            {
                Name = "s",
                Tools = [new FeatureSelection { Upstream = "u", Names = ["*"] }],
                Prompts = [new FeatureSelection { Upstream = "u", Names = ["*"] }],
                Resources = [new ResourceSelection { Upstream = "u", Uris = ["*"] }],
            },
        ],
    };

    private static Contract Contract(SubjectKind kind, string name) => kind switch
    {
        SubjectKind.Tool => new ToolContract { Upstream = "u", Name = name, Definition = ToolDefinition, Hash = "h", Version = "1", Team = "t" },
        SubjectKind.Prompt => new PromptContract { Upstream = "u", Name = name, Definition = Named("name", name), Hash = "h", Version = "1", Team = "t" },
        _ => new ResourceContract { Upstream = "u", Name = name, Definition = Named(name.Contains('{', StringComparison.Ordinal) ? "uriTemplate" : "uri", name), Hash = "h", Version = "1", Team = "t" },
    };

    private static JsonElement Named(string member, string value) => JsonDocument.Parse($$"""{"{{member}}":"{{value}}"}""").RootElement;

    private static SubjectKind KindOf(Contract contract) => contract switch
    {
        ToolContract => SubjectKind.Tool,
        PromptContract => SubjectKind.Prompt,
        _ => SubjectKind.Resource,
    };

    private static Grant Grant(string id, SubjectKind kind, string pattern) => new()
    {
        GrantId = id,
        ClientId = "c",
        Server = "s",
        Tools = kind == SubjectKind.Tool ? [pattern] : [],
        Prompts = kind == SubjectKind.Prompt ? [pattern] : [],
        Resources = kind == SubjectKind.Resource ? [pattern] : [],
        ExpiresAt = DateTimeOffset.MaxValue,
        Justification = "j",
        Approver = "a",
    };

    private static IReadOnlyList<string> PatternsOf(Grant grant, SubjectKind kind) => kind switch
    {
        SubjectKind.Tool => grant.Tools,
        SubjectKind.Prompt => grant.Prompts,
        _ => grant.Resources,
    };
}
