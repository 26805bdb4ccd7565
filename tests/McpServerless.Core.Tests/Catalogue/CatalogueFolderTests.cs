using System.Text.Json;
using McpServerless.Audit;
using McpServerless.Catalogue.Files;
using McpServerless.Catalogue.Publishing;
using McpServerless.Testing;

namespace McpServerless.Core.Tests.Catalogue;

public sealed class CatalogueFolderTests : IDisposable
{
    private static readonly string Cases = RepositoryRoot.Combine("tests", "cases", "catalogue");

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task YamlAndJson_SayTheSame()
    {
        var yaml = await LoadAsync(Path.Combine(Cases, "no-finding"));
        var json = await LoadAsync(Path.Combine(Cases, "no-finding-in-json"));

        Assert.Equal(Text(yaml), Text(json));
        Assert.Equal(yaml.Content!.Clients, json.Content!.Clients);
        Assert.Equal(JsonSerializer.Serialize(yaml.Content.Grants), JsonSerializer.Serialize(json.Content.Grants));
    }

    [Fact]
    public async Task SampleCatalogue_HasNoFinding_AndItsServerShowsAllOfIt()
    {
        var loaded = await LoadAsync(RepositoryRoot.Combine("samples", "catalogue"));

        Assert.Empty(loaded.Findings);
        Assert.Equal(12, loaded.Content!.Catalogue.Tools.Count);
        Assert.Equal(4, loaded.Content.Catalogue.Prompts.Count);
        Assert.Equal(9, loaded.Content.Catalogue.Resources.Count);
        Assert.Equal(25, McpServerless.Catalogue.ActiveCatalogue.Compile(loaded.Content.Catalogue).Find("demo")!.Features.Count);
    }

    [Fact]
    public async Task EveryError_IsReportedAtOnce_ByFileAndLine()
    {
        _folder.Write("b.yaml", "kind: Upstream\nname: b b\nurl: http://b.contoso.example\nfoo: 1\n").Write("a.json", "{").Write("c/c.yml", "kind: Nothing\n");

        var loaded = await LoadAsync(_folder.Path);

        Assert.Null(loaded.Content);
        Assert.Equal(["a.json:syntax", "b.yaml:invalid-value", "b.yaml:unknown-member", "c/c.yml:kind-unknown"], loaded.Findings.Select(f => $"{f.File}:{f.Rule}"));
    }

    [Fact]
    public async Task HashOfATool_IsThatOfItsCanonicalDefinition()
    {
        var tool = (await LoadAsync(Path.Combine(Cases, "no-finding"))).Content!.Catalogue.Tools[0];

        Assert.Equal(CanonicalJson.Hash("""{"inputSchema":{"type":"object"},"name":"forecast"}"""u8), tool.Hash);
    }

    [Fact]
    public async Task Override_ReplacesTheUrlBeforeItIsChecked()
    {
        var folder = Path.Combine(Cases, "no-finding");

        Assert.True(FileOverride.TryParse("upstream.weather.url=http://10.0.0.1/mcp", out var url));
        Assert.True(FileOverride.TryParse("upstream.weather.allowPrivateNetwork=true", out var allow));
        var both = await LoadAsync(folder, url, allow);
        var one = await LoadAsync(folder, url);

        Assert.Equal("http://10.0.0.1/mcp", Assert.Single(both.Content!.Catalogue.Upstreams).Url.ToString());
        Assert.Equal(FindingRule.UrlNotAllowed, Assert.Single(one.Findings).Rule);
    }

    [Fact]
    public async Task Override_ThatNamesNoUpstream_IsAnError()
    {
        Assert.True(FileOverride.TryParse("upstream.we.ather.url=https://other.contoso.example", out var other));

        Assert.Equal(FindingRule.OverrideUnknown, Assert.Single((await LoadAsync(Path.Combine(Cases, "no-finding"), other)).Findings).Rule);
    }

    [Theory]
    [InlineData("upstream.weather.name=x")]
    [InlineData("upstream.url=x")]
    [InlineData("server.demo.title=x")]
    [InlineData("upstream.weather.url")]
    [InlineData("upstream.=")]
    [InlineData("=")]
    public void Override_OfAnythingElse_IsNotOne(string text) => Assert.False(FileOverride.TryParse(text, out _));

    [Fact]
    public async Task FileOverOneMebibyte_IsNotRead()
    {
        _folder.Write("big.json", new string(' ', CatalogueFolder.MaxFileBytes + 1));

        Assert.Equal(FindingRule.FileTooLarge, Assert.Single((await LoadAsync(_folder.Path)).Findings).Rule);
    }

    [Fact]
    public async Task MoreFilesThanTheLimit_AreRefused()
    {
        for (var i = 0; i <= CatalogueFolder.MaxFiles; i++) File.WriteAllText(Path.Combine(_folder.Path, $"{i}.json"), "");

        Assert.Contains((await LoadAsync(_folder.Path)).Findings, f => f.Rule == FindingRule.TooManyFiles);
    }

    [Fact]
    public async Task FileThatCannotBeRead_IsAFinding()
    {
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "gone.yaml"), Path.Combine(_folder.Path, "nowhere"));

        Assert.Equal(FindingRule.FileUnreadable, Assert.Single((await LoadAsync(_folder.Path)).Findings).Rule);
    }

    [Fact]
    public async Task HiddenFoldersAndLinksInACircle_AreLeftOut()
    {
        _folder.CopyFrom(Path.Combine(Cases, "no-finding")).Write(".cache/broken.json", "{");
        Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "circle"), _folder.Path);

        Assert.Empty((await LoadAsync(_folder.Path)).Findings);
    }

    [Fact]
    public async Task AFileThatCannotBeParsed_DoesNotMakeReferencesToItWrong()
    {
        _folder.CopyFrom(Path.Combine(Cases, "no-finding")).Write("weather.yaml", "kind: [\n");

        Assert.Equal(FindingRule.Syntax, Assert.Single((await LoadAsync(_folder.Path)).Findings, f => f.Severity == FindingSeverity.Error).Rule);
    }

    [Theory]
    [InlineData("P90D", 90 * 24)]
    [InlineData("P12W", 12 * 7 * 24)]
    [InlineData("PT36H", 36)]
    [InlineData("P1DT12H", 36)]
    public async Task ExpiresIn_CountsFromNow(string duration, int hours)
    {
        _folder.CopyFrom(Path.Combine(Cases, "no-finding"));
        var agent = Path.Combine(_folder.Path, "agent.yaml");
        File.WriteAllText(agent, File.ReadAllText(agent).Replace("expiresAt: 2027-01-01T00:00:00Z", $"expiresIn: {duration}", StringComparison.Ordinal));

        var client = Assert.Single((await LoadAsync(_folder.Path)).Content!.Clients);

        Assert.Equal(FixedTime.June2026.Now.AddHours(hours), client.Client.ExpiresAt);
        Assert.Equal(TimeSpan.FromHours(hours), client.ExpiresIn);
    }

    [Fact]
    public async Task AMissingFolder_IsNamed()
    {
        var thrown = await Assert.ThrowsAsync<DirectoryNotFoundException>(() => LoadAsync(Path.Combine(_folder.Path, "nowhere")));
        Assert.Contains("nowhere", thrown.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static Task<LoadedCatalogue> LoadAsync(string folder, params FileOverride[] overrides) =>
        CatalogueFolder.LoadAsync(folder, overrides, FixedTime.June2026, CancellationToken.None);

    private static string Text(LoadedCatalogue loaded) =>
        CanonicalJson.Write(JsonSerializer.SerializeToElement(loaded.Content!.Catalogue, GovernanceJson.Default.CatalogueVersion));
}
