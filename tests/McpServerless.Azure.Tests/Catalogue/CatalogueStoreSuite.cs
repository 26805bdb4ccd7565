using System.Text.Json;
using McpServerless.Catalogue;
using McpServerless.Contracts;

namespace McpServerless.Azure.Tests.Catalogue;

/// <summary>What every catalogue store does.</summary>
public abstract class CatalogueStoreSuite
{
    protected static CancellationToken Ct => CancellationToken.None;

    protected static CatalogueVersion Content(params ToolContract[] tools) => new()
    {
        Number = 99,
        Upstreams = [new Upstream { Name = "orders", Url = new Uri("https://orders.example.org/mcp") }],
        Tools = tools,
        Servers = [new VirtualServer { Name = "shop", Tools = [new FeatureSelection { Upstream = "orders", Names = ["*"] }] }],
    };

    protected static ToolContract Tool(string name, string definition = """{"name":"x","inputSchema":{"type":"object"}}""") => new()
    {
        Upstream = "orders",
        Name = name,
        Definition = JsonDocument.Parse(definition, new JsonDocumentOptions { MaxDepth = 256 }).RootElement,
        Hash = "0123abcd",
        Version = "1.0.0",
        Team = "Aufträge",
    };

    protected abstract ICatalogueStore NewStore();

    /// <summary>Everything but the number, definitions by their text.</summary>
    protected static string Text(CatalogueVersion? version)
    {
        Assert.NotNull(version);
        return string.Join('\n',
            [
                .. version.Upstreams.Select(u => u.ToString()),
                .. version.Tools.Concat<Contract>(version.Prompts).Concat(version.Resources).Select(Text),
                .. version.Servers.SelectMany(s => (string[])
                [
                    $"{s.Name} {s.Title} {s.Instructions} {string.Join(',', s.ClientRequests)}",
                    .. s.Tools.Select(t => $"tools {t with { Names = [] }} {string.Join(',', t.Names)}"),
                    .. s.Prompts.Select(p => $"prompts {p with { Names = [] }} {string.Join(',', p.Names)}"),
                    .. s.Resources.Select(r => $"resources {r.Upstream} {string.Join(',', r.Uris)}"),
                ]),
            ]);

        static string Text(Contract c) =>
            $"{c.GetType().Name} {c.Upstream} {c.Name} {c.Hash} {c.Version} {c.Team} {c.Sensitivity} {c.State} {c.Sunset:O} {c.DeprecatedSince:O} {(c as ToolContract)?.Output} {(c as ToolContract)?.AdditionalArguments} {c.Audit} {c.RequiredScope} {c.RequiredRole} {c.Definition.GetRawText()}";
    }

    private static PromptContract Prompt(string name, string definition = """{"name":"x"}""") =>
        new() { Upstream = "orders", Name = name, Definition = JsonDocument.Parse(definition).RootElement, Hash = "0123abcd", Version = "1.0.0", Team = "Aufträge" };

    private static ResourceContract Resource(string uri, string member = "uri") =>
        new() { Upstream = "orders", Name = uri, Definition = JsonDocument.Parse($$$"""{"{{{member}}}":"x","_meta":{"a":1.0}}""").RootElement, Hash = "0123abcd", Version = "1.0.0", Team = "Aufträge" };

    [Fact]
    public async Task BeforeTheFirstPublication_NothingIsActive()
    {
        Assert.Null(await NewStore().ReadActiveAsync(Ct));
        Assert.Null(await NewStore().PublishAsync(Content(), expectedActive: 1, Ct));
        Assert.Null(await NewStore().ReadActiveAsync(Ct));
    }

    [Fact]
    public async Task WhatIsPublished_ComesBackWhole()
    {
        var content = new CatalogueVersion
        {
            Number = 0,
            Upstreams =
            [
                new Upstream { Name = "z|/\\#?", Url = new Uri("https://z.example.org:8443/mcp?tenant=%C3%A4") },
                new Upstream { Name = "a", Url = new Uri("http://10.0.0.7/mcp"), AllowPrivateNetwork = true, TimeoutSeconds = 7, MaxResultBytes = 2048, MaxConcurrentCalls = 9 },
            ],
            Tools =
            [
                Tool("later", """{"name":"later","b":1,"a":[1.0,1e2,12345678901234567890.10,-0],"ü\u0041":"\ud83d\ude9a 🚚","nul":null}"""),
                Tool("all") with
                {
                    Upstream = "z|/\\#?",
                    Sensitivity = Sensitivity.High,
                    State = ToolState.Deprecated,
                    Sunset = new DateTimeOffset(2027, 5, 6, 7, 8, 9, TimeSpan.FromHours(-3)),
                    DeprecatedSince = new DateTimeOffset(2026, 5, 6, 7, 8, 9, TimeSpan.FromHours(-3)),
                    Output = OutputMode.Report,
                    AdditionalArguments = AdditionalArguments.Drop,
                    Audit = AuditMode.Async,
                    RequiredScope = "orders.read",
                    RequiredRole = "Order.Reader",
                },
                Tool("low") with { Sensitivity = Sensitivity.Low, State = ToolState.Quarantined, Audit = AuditMode.Strict },
            ],
            Servers =
            [
                new VirtualServer
                {
                    Name = "shop",
                    Title = "Geschäft 店",
                    Instructions = "Use „it“ <well> & 'often'.\n🚚",
                    Tools =
                    [
                        new FeatureSelection { Upstream = "z|/\\#?", Names = ["b*", "a?"], Prefix = "z_" },
                        new FeatureSelection { Upstream = "a", Names = [] },
                    ],
                },
                new VirtualServer { Name = "empty", Tools = [], ClientRequests = [] },
                new VirtualServer
                {
                    Name = "reading-room",
                    Tools = [],
                    Prompts = [new FeatureSelection { Upstream = "a", Names = ["Zusammenfassung / kurz", "*"], Prefix = "a." }],
                    Resources = [new ResourceSelection { Upstream = "a", Uris = ["orders://{id}", "*"] }, new ResourceSelection { Upstream = "z|/\\#?", Uris = [] }],
                    ClientRequests = Enum.GetValues<ClientRequestKind>(),
                },
            ],
            Prompts =
            [
                Prompt("später"),
                Prompt("Zusammenfassung / kurz", """{"name":"Zusammenfassung / kurz","arguments":[{"name":"a","required":true,"x":1e2}]}""") with
                {
                    Sensitivity = Sensitivity.High,
                    State = ToolState.Deprecated,
                    Sunset = new DateTimeOffset(2027, 5, 6, 7, 8, 9, TimeSpan.Zero),
                    Audit = AuditMode.Async,
                    RequiredScope = "orders.read",
                    RequiredRole = "Order.Reader",
                },
            ],
            Resources = [Resource("orders://{id}", "uriTemplate"), Resource("orders://all") with { State = ToolState.Quarantined }, Resource("orders://all") with { Upstream = "a" }],
        };
        Assert.Equal(1, await NewStore().PublishAsync(content, 0, Ct));

        var read = await NewStore().ReadActiveAsync(Ct);
        Assert.Equal(1, read?.Number);
        Assert.Equal(Text(content), Text(read));
    }

    [Fact]
    public async Task TheLongestNamesAndUris_ComeBack_EachAsItself()
    {
        var uri = "orders://" + new string('/', ResourceUri.MaxLength - 10);
        var content = Content(Tool("a")) with
        {
            Prompts = [Prompt(new string('/', 127) + "a"), Prompt(new string('/', 127) + "b")],
            Resources = [Resource(uri + "a"), Resource(uri + "b"), Resource("ORDERS://"), Resource("orders://")],
        };
        Assert.Equal(1, await NewStore().PublishAsync(content, 0, Ct));
        Assert.Equal(Text(content), Text(await NewStore().ReadActiveAsync(Ct)));
    }

    [Fact]
    public async Task OneName_MayBeAToolAPromptAndAResource_ButNotTwoOfAKind()
    {
        var content = Content(Tool("a")) with { Prompts = [Prompt("a")], Resources = [Resource("a")] };
        Assert.Equal(1, await NewStore().PublishAsync(content, 0, Ct));
        Assert.Equal(Text(content), Text(await NewStore().ReadActiveAsync(Ct)));

        await Assert.ThrowsAsync<ArgumentException>(async () => await NewStore().PublishAsync(Content() with { Prompts = [Prompt("a"), Prompt("a")] }, 1, Ct));
        await Assert.ThrowsAsync<ArgumentException>(async () => await NewStore().PublishAsync(Content() with { Resources = [Resource("a"), Resource("a")] }, 1, Ct));
    }

    [Fact]
    public async Task AnEmptyCatalogue_CanBePublished()
    {
        var store = NewStore();
        Assert.Equal(1, await store.PublishAsync(new CatalogueVersion { Number = 0, Upstreams = [], Tools = [], Servers = [] }, 0, Ct));
        var read = await store.ReadActiveAsync(Ct);
        Assert.NotNull(read);
        Assert.Empty(read.Servers);
    }

    [Fact]
    public async Task HugeDefinitions_ComeBackToTheLastCharacter()
    {
        // Character pairs at odd offsets, so that some lie across every place where a text could be cut.
        var schema = string.Concat(Enumerable.Repeat("🚚\\\"é", 16_000));
        var content = Content([.. Enumerable.Range(0, 8).Select(i => Tool($"t{i}", Definition(new string('x', i))))]);
        var store = NewStore();
        Assert.Equal(1, await store.PublishAsync(content, 0, Ct));
        Assert.Equal(Text(content), Text(await store.ReadActiveAsync(Ct)));

        string Definition(string pad) =>
            $$$"""{"pad":"{{{pad}}}","inputSchema":{"description":"{{{schema}}}"},"outputSchema":{"description":"{{{schema}}}"}}""";
    }

    [Fact]
    public async Task DeepDefinitions_ComeBack()
    {
        var definition = string.Concat(Enumerable.Repeat("""{"a":[""", 60)) + "1" + string.Concat(Enumerable.Repeat("]}", 60));
        var content = Content(Tool("deep", definition));
        var store = NewStore();
        Assert.Equal(1, await store.PublishAsync(content, 0, Ct));
        Assert.Equal(Text(content), Text(await store.ReadActiveAsync(Ct)));
    }

    [Fact]
    public async Task ManyTools_ComeBackInTheirOrder()
    {
        var content = Content([.. Enumerable.Range(0, 1100).Select(i => Tool($"tool{(i * 7) % 1100}"))]);
        var store = NewStore();
        Assert.Equal(1, await store.PublishAsync(content, 0, Ct));
        Assert.Equal(Text(content), Text(await store.ReadActiveAsync(Ct)));
    }

    [Fact]
    public async Task EachPublication_ReplacesTheWholeOfTheOneBefore()
    {
        var store = NewStore();
        Assert.Equal(1, await store.PublishAsync(Content(Tool("a"), Tool("b")), 0, Ct));
        Assert.Equal(2, await store.PublishAsync(Content(Tool("c")), 1, Ct));
        Assert.Equal(3, await store.PublishAsync(Content(Tool("a")), 2, Ct));
        var read = await store.ReadActiveAsync(Ct);
        Assert.Equal(3, read?.Number);
        Assert.Equal(Text(Content(Tool("a"))), Text(read));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task WhatWasPlannedOnAnotherVersion_IsNotPublished(long expected)
    {
        var store = NewStore();
        await store.PublishAsync(Content(Tool("a")), 0, Ct);
        await store.PublishAsync(Content(Tool("b")), 1, Ct);
        Assert.Null(await store.PublishAsync(Content(Tool("c")), expected, Ct));
        Assert.Equal(Text(Content(Tool("b"))), Text(await store.ReadActiveAsync(Ct)));
    }

    [Fact]
    public async Task OfManyPublishersAtOnce_OneWins_AndOnlyItsContentIsServed()
    {
        for (var round = 0; round < 3; round++)
        {
            var before = (await NewStore().ReadActiveAsync(Ct))?.Number ?? 0;
            var contents = Enumerable.Range(0, 6).Select(i => Content([.. Enumerable.Range(0, 3 + i).Select(t => Tool($"r{round}_p{i}_t{t}"))])).ToArray();
            var numbers = await Task.WhenAll(contents.Select(c => NewStore().PublishAsync(c, before, Ct).AsTask()));
            var winner = Assert.Single(Enumerable.Range(0, contents.Length), i => numbers[i] is not null);
            var read = await NewStore().ReadActiveAsync(Ct);
            Assert.Equal((before + 1, numbers[winner]), (read!.Number, read.Number));
            Assert.Equal(Text(contents[winner]), Text(read));
        }
    }

    [Fact]
    public async Task ANameThatIsThereTwice_IsAFaultOfTheCaller_AndNothingChanges()
    {
        var store = NewStore();
        await store.PublishAsync(Content(Tool("a")), 0, Ct);
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.PublishAsync(Content(Tool("b"), Tool("b")), 1, Ct));
        Assert.Equal(Text(Content(Tool("a"))), Text(await store.ReadActiveAsync(Ct)));
    }

    [Fact]
    public async Task CancellationByTheCaller_PassesAsItIs()
    {
        var store = NewStore();
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.ReadActiveAsync(cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.PublishAsync(Content(), 0, cancelled));
    }

    /// <summary>Going back is a switch of the pointer: the number means the same content as before, and the next publication gets a new one.</summary>
    [Fact]
    public async Task OlderVersion_CanBeReadAndMadeActiveAgain()
    {
        var store = NewStore();
        var history = (ICatalogueHistory)store;
        Assert.Empty(await history.ReadNumbersAsync(Ct));
        Assert.Equal(1, await store.PublishAsync(Content(Tool("a")), 0, Ct));
        Assert.Equal(2, await store.PublishAsync(Content(Tool("b")) with { AcceptedBreaking = "agreed with callers" }, 1, Ct));
        Assert.Equal([2, 1], await history.ReadNumbersAsync(Ct));
        Assert.Equal("a", Assert.Single((await history.ReadAsync(1, Ct))!.Tools).Name);
        Assert.Null(await history.ReadAsync(3, Ct));
        Assert.Equal("agreed with callers", (await store.ReadActiveAsync(Ct))!.AcceptedBreaking);

        Assert.False(await history.SwitchBackAsync(1, expectedActive: 1, Ct));
        Assert.False(await history.SwitchBackAsync(7, expectedActive: 2, Ct));
        Assert.True(await history.SwitchBackAsync(1, expectedActive: 2, Ct));
        var active = await store.ReadActiveAsync(Ct);
        Assert.Equal((1, "a"), (active!.Number, Assert.Single(active.Tools).Name));
        Assert.Equal(3, await store.PublishAsync(Content(Tool("c")), 1, Ct));
        Assert.Equal([3, 2, 1], await history.ReadNumbersAsync(Ct));
        Assert.Equal("b", Assert.Single((await history.ReadAsync(2, Ct))!.Tools).Name);
    }
}
