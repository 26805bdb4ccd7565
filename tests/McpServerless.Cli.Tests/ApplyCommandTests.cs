using System.Text.Json;
using McpServerless.Catalogue;
using McpServerless.Core.Tests.Catalogue;
using McpServerless.Testing;

namespace McpServerless.Cli.Tests;

public sealed class ApplyCommandTests
{
    private static readonly string Sample = RepositoryRoot.Combine("samples", "catalogue");
    private static readonly string Good = RepositoryRoot.Combine("tests", "cases", "catalogue", "no-finding");
    private static readonly string Bad = RepositoryRoot.Combine("tests", "cases", "catalogue", "unknown-member");

    private readonly CommandRun _run = new();

    [Fact]
    public async Task Apply_OfTheSample_PublishesIt_AndTheSecondTimeNothing()
    {
        Assert.Equal(0, await _run.RunAsync("apply", Sample, "--set", "upstream.everything.url=http://127.0.0.1:4000/mcp"));
        Assert.Contains("Applied: catalogue version 1 is active; 31 added.", _run.Output, StringComparison.Ordinal);
        Assert.Equal("http://127.0.0.1:4000/mcp", Assert.Single(_run.Stores.Active!.Upstreams).Url.ToString());

        Assert.Equal(0, await _run.RunAsync("apply", Sample, "--set", "upstream.everything.url=http://127.0.0.1:4000/mcp"));
        Assert.Contains("Nothing to change: catalogue version 1 is active; 31 unchanged.", _run.Output, StringComparison.Ordinal);
        Assert.Single(_run.Stores.Writes, "publish");
    }

    [Fact]
    public async Task Apply_WithAnError_WritesNothing_AndEndsWith1()
    {
        Assert.Equal(1, await _run.RunAsync("apply", Bad));

        Assert.Empty(_run.Stores.Writes);
        Assert.Null(_run.Opened);
        Assert.Contains("weather.yaml:4:1: error unknown-member: /timeoutsecond", _run.Error, StringComparison.Ordinal);
        Assert.Contains("nothing was applied", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_DryRun_SaysWhatWouldChange_AndWritesNothing()
    {
        Assert.Equal(0, await _run.RunAsync("apply", Good, "--dry-run"));

        Assert.Empty(_run.Stores.Writes);
        Assert.Contains("weather/forecast", _run.Output, StringComparison.Ordinal);
        Assert.Contains("Would apply", _run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_InAConflict_SaysWhatToDo_AndEndsWith1()
    {
        _run.Stores.BeforePublish = () => _run.Stores.Active = new CatalogueVersion { Number = 9, Upstreams = [], Tools = [], Servers = [] };

        Assert.Equal(1, await _run.RunAsync("apply", Good));

        Assert.Contains("somebody else published", _run.Error, StringComparison.Ordinal);
        Assert.Empty(_run.Stores.Writes);
    }

    [Fact]
    public async Task Apply_Prune_RemovesAGrantThatTheFolderLacks()
    {
        using var folder = new TemporaryFolder().CopyFrom(Good);
        await _run.RunAsync("apply", folder.Path);
        File.Delete(Path.Combine(folder.Path, "grant.yaml"));

        Assert.Equal(0, await _run.RunAsync("apply", folder.Path));
        Assert.Contains("warning not-in-folder", _run.Error, StringComparison.Ordinal);
        Assert.Single(_run.Stores.Grants);

        Assert.Equal(0, await _run.RunAsync("apply", folder.Path, "--prune"));
        Assert.Empty(_run.Stores.Grants);
    }

    [Fact]
    public async Task Apply_InAnOutage_NamesIt_AndEndsWith2()
    {
        _run.Stores.IsOut = _ => true;

        Assert.Equal(2, await _run.RunAsync("apply", Good));

        Assert.Contains("the storage account cannot be used", _run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_AsJson_IsOneDocumentOnStandardOutput()
    {
        await _run.RunAsync("apply", Good, "--output", "json");

        var root = JsonDocument.Parse(_run.Output).RootElement;
        Assert.Equal("applied", root.GetProperty("outcome").GetString());
        Assert.Equal(1, root.GetProperty("catalogueVersion").GetInt64());
        Assert.Equal(5, root.GetProperty("changes").GetArrayLength());
        Assert.Equal("added", root.GetProperty("changes")[0].GetProperty("action").GetString());
    }

    [Fact]
    public async Task Validate_AsJson_GivesEachFindingItsPlace()
    {
        Assert.Equal(1, await _run.RunAsync("validate", Bad, "-o", "json"));

        var finding = JsonDocument.Parse(_run.Output).RootElement.GetProperty("findings")[0];
        Assert.Equal("unknown-member", finding.GetProperty("rule").GetString());
        Assert.Equal(4, finding.GetProperty("line").GetInt32());
    }

    [Fact]
    public async Task Validate_NeedsNoAccount()
    {
        _run.Environment.Clear();

        Assert.Equal(0, await _run.RunAsync("validate", Sample));
        Assert.Contains("Valid: 1 upstreams, 12 tools, 4 prompts, 9 resources, 1 servers, 2 clients, 2 grants.", _run.Output, StringComparison.Ordinal);
        Assert.Null(_run.Opened);
    }

    [Theory]
    [InlineData("apply")]
    [InlineData("aply", "x")]
    [InlineData("apply", "x", "--set", "server.name=x")]
    [InlineData("validate", "does-not-exist")]
    [InlineData("audit", "list", "--day", "2026-13-01")]
    [InlineData("audit", "list", "--last", "0")]
    [InlineData("client", "list", "--output", "xml")]
    [InlineData("client", "list", "--connection-string", "a", "--table-service-uri", "https://a.table.core.windows.net")]
    [InlineData("client", "list", "--table-service-uri", "nowhere")]
    public async Task AWrongCommandLine_EndsWith2_AndSaysWhy(params string[] args)
    {
        Assert.Equal(2, await _run.RunAsync(args));
        Assert.NotEmpty(_run.Error);
        Assert.DoesNotContain("   at ", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutAnAccount_ACommandThatNeedsOne_EndsWith2()
    {
        _run.Environment.Clear();

        Assert.Equal(2, await _run.RunAsync("client", "list"));
        Assert.Contains("MCPGOV_CONNECTION_STRING", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheCommandLine_GoesBeforeTheEnvironment()
    {
        await _run.RunAsync("client", "list", "--table-service-uri", "https://a.table.core.windows.net", "--table-prefix", "dev");

        Assert.Null(_run.Opened!.ConnectionString);
        Assert.Equal("dev", _run.Opened.TablePrefix);
    }

    [Fact]
    public async Task Help_EndsWith0() => Assert.Equal(0, await _run.RunAsync("--help"));
}
