using McpServerless.Catalogue;
using McpServerless.Contracts;
using McpServerless.Contracts.Comparing;

namespace McpServerless.Core.Tests.Contracts;

public class CatalogueComparisonTests
{
    private static readonly ToolContract Plain = Tool("t", """{"a":{"type":"string"}}""");

    private static readonly ResourceContract Resource = new()
    {
        Upstream = "u",
        Name = "file:///a",
        Definition = ComparisonAgainstInstancesTests.Parse("""{"uri":"file:///a","name":"a"}"""),
        Hash = "",
        Version = "1",
        Team = "t",
    };

    private static readonly (string Rule, CatalogueVersion Before, CatalogueVersion After)[] Pairs =
    [
        ("tool-added", Of([]), Of([Plain])),
        ("tool-removed", Of([Plain]), Of([])),
        ("tool-renamed", Of([Plain]), Of([Tool("u", """{"a":{"type":"string"}}""")])),
        ("tool-retired", Of([Plain]), Of([Plain with { State = ToolState.Retired }])),
        ("tool-quarantined", Of([Plain]), Of([Plain with { State = ToolState.Quarantined }])),
        ("tool-deprecated", Of([Plain]), Of([Plain with { State = ToolState.Deprecated }])),
        ("tool-served", Of([Plain with { State = ToolState.Quarantined }]), Of([Plain])),
        ("sunset-earlier", Of([Ending(9)]), Of([Ending(5)])),
        ("sunset-later", Of([Ending(5)]), Of([Ending(9)])),
        ("scope-needed", Of([Plain]), Of([Plain with { RequiredScope = "S" }])),
        ("scope-dropped", Of([Plain with { RequiredScope = "S" }]), Of([Plain])),
        ("role-needed", Of([Plain]), Of([Plain with { RequiredRole = "R" }])),
        ("role-dropped", Of([Plain with { RequiredRole = "R" }]), Of([Plain])),
        ("output-check-loosened", Of([Plain]), Of([Plain with { Output = OutputMode.Report }])),
        ("output-check-tightened", Of([Plain with { Output = OutputMode.Off }]), Of([Plain])),
        ("additional-arguments-refused", Of([Plain]), Of([Plain with { AdditionalArguments = AdditionalArguments.Reject }])),
        ("additional-arguments-taken", Of([Plain with { AdditionalArguments = AdditionalArguments.Reject }]), Of([Plain])),
        ("governance-changed", Of([Plain]), Of([Plain with { Version = "2" }])),
        ("server-added", Of([Plain]), Of([Plain], Server("t"))),
        ("server-removed", Of([Plain], Server("t")), Of([Plain])),
        ("tool-exposed", Of([Plain], Server("none")), Of([Plain], Server("t"))),
        ("tool-hidden", Of([Plain], Server("t")), Of([Plain], Server("none"))),
        ("tool-replaced", Of([Plain, Plain with { Upstream = "v" }], Server("t")), Of([Plain, Plain with { Upstream = "v" }], Server("t", "v"))),
        ("http-changed", Of([Plain]), Of([Plain with { Http = ComparisonAgainstInstancesTests.Parse("""{"method":"GET","path":"/a","success":["200"]}""") }])),
        ("feature-added", Of([]), Of([]) with { Prompts = [Prompt("{}")] }),
        ("feature-removed", Of([]) with { Resources = [Resource] }, Of([])),
        ("feature-text-changed", Of([]) with { Prompts = [Prompt("""{"description":"x"}""")] }, Of([]) with { Prompts = [Prompt("""{"description":"y"}""")] }),
        ("feature-undecided", Of([]) with { Prompts = [Prompt("""{"required":false}""")] }, Of([]) with { Prompts = [Prompt("""{"required":true}""")] }),
        ("feature-exposed", Of([], Server("t")) with { Resources = [Resource] }, Of([], Showing("u")) with { Resources = [Resource] }),
        ("feature-hidden", Of([], Showing("u")) with { Resources = [Resource] }, Of([], Server("t")) with { Resources = [Resource] }),
        ("feature-replaced", Of([], Showing("u")) with { Resources = [Resource, Resource with { Upstream = "v" }] }, Of([], Showing("v")) with { Resources = [Resource, Resource with { Upstream = "v" }] }),
        ("server-text-changed", Of([], Server("t")), Of([], Server("t") with { Instructions = "x" })),
        ("upstream-moved", Of([]), Of([]) with { Upstreams = [Upstream("https://b.example/mcp")] }),
    ];

    public static IEnumerable<string> Shown => Pairs.Select(p => p.Rule);

    public static TheoryData<string> Rules => [.. Shown];

    [Theory]
    [MemberData(nameof(Rules))]
    public void ChangeOfACatalogue_IsFoundByItsRule(string rule)
    {
        var (_, before, after) = Pairs.Single(p => p.Rule == rule);
        var change = Assert.Single(CatalogueComparison.Compare(before, after), c => c.Rule.Id == rule);
        Assert.Equal(change.Rule.OnInput, change.Impact);
    }

    [Fact]
    public void SameCatalogue_HasNoChanges() => Assert.Empty(CatalogueComparison.Compare(Of([Plain], Server("t")), Of([Plain], Server("t"))));

    [Fact]
    public void WorstComesFirst_AndDefinitionsAloneSayNothingOfHowTheyAreServed()
    {
        var after = Tool("t", """{"a":{"type":"string"},"b":{}}""") with { Version = "2" };
        var all = CatalogueComparison.Compare(Of([Plain, Tool("z", "{}")]), Of([after]));
        Assert.Equal(ChangeRule.ToolRemoved, all[0].Rule);
        Assert.Contains(all, c => c.Rule == ChangeRule.GovernanceChanged);
        Assert.DoesNotContain(CatalogueComparison.CompareDefinitions([Plain], [after]), c => c.Rule == ChangeRule.GovernanceChanged);
    }

    private static CatalogueVersion Of(IReadOnlyList<ToolContract> tools, params IReadOnlyList<VirtualServer> servers) =>
        new() { Number = 1, Upstreams = [Upstream("https://a.example/mcp")], Tools = tools, Servers = servers };

    private static Upstream Upstream(string url) => new() { Name = "u", Url = new Uri(url) };

    private static VirtualServer Server(string tool, string upstream = "u") => new() { Name = "s", Tools = [new FeatureSelection { Upstream = upstream, Names = [tool] }] };

    private static VirtualServer Showing(string upstream) => Server("t") with { Resources = [new ResourceSelection { Upstream = upstream, Uris = ["*"] }] };

    private static PromptContract Prompt(string argument) => new()
    {
        Upstream = "u",
        Name = "p",
        Definition = ComparisonAgainstInstancesTests.Parse($$"""{"name":"p","arguments":[{{argument}}]}"""),
        Hash = "",
        Version = "1",
        Team = "t",
    };

    private static ToolContract Ending(int day) => Plain with { State = ToolState.Deprecated, Sunset = new DateTimeOffset(2027, 1, day, 0, 0, 0, TimeSpan.Zero) };

    private static ToolContract Tool(string name, string properties) => new()
    {
        Upstream = "u",
        Name = name,
        Definition = ComparisonAgainstInstancesTests.Parse($$$"""{"name":"{{{name}}}","inputSchema":{"type":"object","properties":{{{properties}}}}}"""),
        Hash = "",
        Version = "1",
        Team = "t",
    };
}
