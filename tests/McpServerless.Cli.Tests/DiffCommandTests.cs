using System.Text.Json;
using Json.Schema;
using McpServerless.Core.Tests.Catalogue;
using McpServerless.Testing;

namespace McpServerless.Cli.Tests;

public sealed class DiffCommandTests : IDisposable
{
    private static readonly string Good = RepositoryRoot.Combine("tests", "cases", "catalogue", "no-finding");

    private readonly CommandRun _run = new();
    private readonly TemporaryFolder _before = new TemporaryFolder().CopyFrom(Good);
    private readonly TemporaryFolder _after = new TemporaryFolder().CopyFrom(Good);

    public void Dispose()
    {
        _before.Dispose();
        _after.Dispose();
    }

    [Fact]
    public async Task SameFolder_HasNoChange_AndEndsWith0()
    {
        Assert.Equal(0, await _run.RunAsync("diff", _before.Path, _after.Path));
        Assert.Contains("No change.", _run.Output, StringComparison.Ordinal);
        Assert.Null(_run.Opened);
    }

    [Theory]
    [InlineData("description: Words, says a person", 0, "description-changed")]
    [InlineData("outputSchema: { type: object }", 0, "output-schema-added")]
    public async Task HarmlessChange_EndsWith0(string member, int exit, string rule)
    {
        Change("  " + member);
        Assert.Equal(exit, await _run.RunAsync("diff", _before.Path, _after.Path));
        Assert.Contains(rule, _run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BreakingChange_EndsWith1_AndIsWorstFirst()
    {
        Change("    required: [city]\n  description: Words");
        Assert.Equal(1, await _run.RunAsync("diff", _before.Path, _after.Path, "--output", "json"));
        using var json = JsonDocument.Parse(_run.Output);
        var first = json.RootElement.GetProperty("changes")[0];
        Assert.Equal(("breaking", "required-narrowed", "weather/forecast", "/inputSchema/required"), (Text(first, "impact"), Text(first, "rule"), Text(first, "subject"), Text(first, "pointer")));
        Assert.Equal(2, json.RootElement.GetProperty("changes").GetArrayLength());
    }

    [Theory]
    [InlineData("no-such-folder")]
    [InlineData("catalogue")]
    [InlineData("catalogue:7")]
    [InlineData("http://127.0.0.1:9/mcp")]
    public async Task WhatCannotBeRead_EndsWith2(string side)
    {
        Assert.Equal(2, await _run.RunAsync("diff", _before.Path, side));
        Assert.NotEqual("", _run.Error);
    }

    [Fact]
    public async Task Catalogue_IsComparedByItsNumber()
    {
        Assert.Equal(0, await _run.RunAsync("apply", _before.Path));
        Change("  description: Words");
        Assert.Equal(0, await _run.RunAsync("apply", _after.Path));
        Assert.Equal(0, await _run.RunAsync("diff", "catalogue:1", "catalogue"));
        Assert.Contains("description-changed", _run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sarif_KeepsItsSchema_AndPointsAtTheLineOfTheFile()
    {
        Change("    required: [city]\n    properties: { city: { type: string, pattern: \"^[A-Z]\" } }\n  description: Words");
        Assert.Equal(1, await _run.RunAsync("diff", _before.Path, _after.Path, "--format", "sarif"));
        using var sarif = JsonDocument.Parse(_run.Output);
        Assert.Empty(Violations(sarif.RootElement));
        var result = sarif.RootElement.GetProperty("runs")[0].GetProperty("results")[0];
        var place = result.GetProperty("locations")[0].GetProperty("physicalLocation");
        Assert.EndsWith("/forecast.yaml", Text(place.GetProperty("artifactLocation"), "uri"), StringComparison.Ordinal);
        Assert.True(place.GetProperty("region").GetProperty("startLine").GetInt32() > 5);
        Assert.Equal("error", Text(result, "level"));
    }

    /// <summary>The check must be able to fail.</summary>
    [Fact]
    public void SarifSchema_RefusesWhatIsNotSarif() => Assert.NotEmpty(Violations(JsonDocument.Parse("""{"version":"2.1.0","runs":[{"results":[{"level":"fatal"}]}]}""").RootElement));

    [Fact]
    public async Task Markdown_IsATableThatAnUpstreamCannotBreakOutOf()
    {
        Change("    properties: { city: { enum: [\"a | <b> `c`\"] } }");
        Assert.Equal(1, await _run.RunAsync("diff", _before.Path, _after.Path, "--format", "markdown"));
        Assert.Contains("| **breaking** | declared-property-narrowed |", _run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", _run.Output.Replace("\\<b\\>", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ImportedServer_IsTheSameAsItsFiles_AndAChangeIsSeen()
    {
        await using var server = await EverythingServer.StartAsync();
        using var folder = new TemporaryFolder();
        string[] import = ["import", "mcp", server.Endpoint.ToString(), "--folder", folder.Path, "--upstream", "everything", "--team", "tools-team", "--allow-private-network"];
        Assert.True(await _run.RunAsync(import) == 0, _run.Error);
        Assert.Equal(0, await _run.RunAsync("validate", folder.Path));
        var files = Directory.GetFiles(Path.Combine(folder.Path, "tools", "everything"));
        Assert.True(files.Length >= 10, $"only {files.Length} tools were imported");

        Assert.Equal(0, await _run.RunAsync(import));
        Assert.DoesNotContain("added", _run.Output, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("diff", folder.Path, server.Endpoint.ToString(), "--upstream", "everything"));
        Assert.Contains("No change.", _run.Output, StringComparison.Ordinal);

        var echo = Path.Combine(folder.Path, "tools", "everything", "echo.json");
        await File.WriteAllTextAsync(echo, (await File.ReadAllTextAsync(echo)).Replace("\"message\"\n", "\"massage\"\n", StringComparison.Ordinal).Replace("\"team\": \"tools-team\"", "\"team\": \"echo-team\"", StringComparison.Ordinal));
        Assert.Equal(1, await _run.RunAsync("diff", folder.Path, server.Endpoint.ToString(), "--upstream", "everything"));
        Assert.Contains("required-narrowed", _run.Output, StringComparison.Ordinal);

        // What governs the tool stays when its definition is brought up to date.
        Assert.Equal(0, await _run.RunAsync(import));
        Assert.Contains("\"echo-team\"", await File.ReadAllTextAsync(echo), StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("diff", folder.Path, server.Endpoint.ToString(), "--upstream", "everything"));
    }

    private void Change(string lines) => _after.Write("forecast.yaml", File.ReadAllText(Path.Combine(_before.Path, "forecast.yaml")).TrimEnd() + "\n" + lines + "\n");

    internal static List<EvaluationResults> Violations(JsonElement sarif)
    {
        var schema = JsonSchema.FromText(
            // It says draft-04, and uses nothing that means something else in draft-07, the oldest that the library knows.
            File.ReadAllText(RepositoryRoot.Combine("node_modules", "@microsoft", "jest-sarif", "lib", "schemas", "sarif-2.1.0-rtm.5.json")).Replace("draft-04/schema#", "draft-07/schema#", StringComparison.Ordinal),
            new BuildOptions { Dialect = Dialect.Draft07, SchemaRegistry = new SchemaRegistry() });
        var results = schema.Evaluate(sarif, new EvaluationOptions { OutputFormat = OutputFormat.List });
        return results.IsValid ? [] : [results];
    }

    private static string? Text(JsonElement node, string name) => node.GetProperty(name).GetString();
}
