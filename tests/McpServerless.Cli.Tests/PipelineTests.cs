using System.Text.Json;
using System.Text.RegularExpressions;
using McpServerless.Core.Tests.Catalogue;
using McpServerless.Testing;
using YamlDotNet.RepresentationModel;

namespace McpServerless.Cli.Tests;

/// <summary>The sample pipelines' own command lines, run as they are written there.</summary>
public sealed partial class PipelineTests : IDisposable
{
    private static readonly string Good = RepositoryRoot.Combine("tests", "cases", "catalogue", "no-finding");

    private readonly CommandRun _run = new();
    private readonly TemporaryFolder _base = new TemporaryFolder().CopyFrom(Good);
    private readonly TemporaryFolder _changed = new TemporaryFolder().CopyFrom(Good);

    public static TheoryData<string> Pipelines => ["github-contracts.yml", "azure-pipelines.yml"];

    public void Dispose()
    {
        _base.Dispose();
        _changed.Dispose();
    }

    [Theory]
    [MemberData(nameof(Pipelines))]
    public async Task ChangeThatBreaksNobody_GoesThrough(string pipeline)
    {
        Change("  description: Words");
        var commands = Commands(pipeline);
        Assert.Equal(0, await RunAsync("apply base/catalogue"));
        foreach (var command in commands.Where(c => !c.Contains("--accept-breaking", StringComparison.Ordinal))) Assert.True(await RunAsync(command) == 0, $"{command}: {_run.Error}");
        Assert.Equal(2, _run.Stores.Active!.Number);
    }

    [Theory]
    [MemberData(nameof(Pipelines))]
    public async Task ChangeThatBreaksCallers_StopsEachStage_UntilAPersonGivesAReason(string pipeline)
    {
        Change("    required: [city]");
        Assert.Equal(0, await RunAsync("apply base/catalogue"));
        var ends = new List<(string Command, int Exit)>();
        foreach (var command in Commands(pipeline))
        {
            ends.Add((command, await RunAsync(command)));
            if (command.Contains("sarif", StringComparison.Ordinal)) AssertSarif();
        }

        Assert.All(ends, end => Assert.Equal(end.Command.Contains("validate", StringComparison.Ordinal) || end.Command.Contains("--accept-breaking", StringComparison.Ordinal) ? 0 : 1, end.Exit));
        Assert.Equal("Nobody calls it yet.", _run.Stores.Active!.AcceptedBreaking);
    }

    /// <summary>A team that uses the one host gets what a team on the other gets.</summary>
    [Fact]
    public void BothHosts_RunTheSameCommands() => Assert.Equal(Commands("github-contracts.yml").Order(), Commands("azure-pipelines.yml").Order());

    [Fact]
    public void EveryStage_HasItsCommand()
    {
        var commands = Commands("github-contracts.yml");
        Assert.All(new[] { "validate catalogue", "--format markdown", "--format sarif", "plan catalogue", "apply catalogue", "--accept-breaking" }, part => Assert.Contains(commands, c => c.Contains(part, StringComparison.Ordinal)));
    }

    private void AssertSarif()
    {
        using var sarif = JsonDocument.Parse(_run.Output);
        Assert.Empty(DiffCommandTests.Violations(sarif.RootElement));
        Assert.NotEmpty(sarif.RootElement.GetProperty("runs")[0].GetProperty("results").EnumerateArray());
    }

    private void Change(string lines) => _changed.Write("forecast.yaml", File.ReadAllText(Path.Combine(_base.Path, "forecast.yaml")).TrimEnd() + "\n" + lines + "\n");

    private Task<int> RunAsync(string command) => _run.RunAsync([.. Words().Matches(command).Select(m => m.Value.Trim('"')).Select(word => word switch
    {
        "catalogue" => _changed.Path,
        "base/catalogue" => _base.Path,
        "$TEAM" => "weather-team",
        "$REASON" => "Nobody calls it yet.",
        _ => word,
    })]);

    /// <summary>What the scripts give to mcpgov, without where its output goes and what the shell makes of its exit code. Each command once, in order.</summary>
    private static IReadOnlyList<string> Commands(string pipeline)
    {
        var yaml = new YamlStream();
        using var text = File.OpenText(RepositoryRoot.Combine("samples", "pipeline", pipeline));
        yaml.Load(text);
        return
        [
            .. Scripts(yaml.Documents[0].RootNode)
                .SelectMany(script => script.Split('\n'))
                .Select(line => Command().Match(line))
                .Where(match => match.Success)
                .Select(match => match.Groups["arguments"].Value.Trim())
                .Distinct()
                // The run by hand comes last: it is what a person does after the others stopped.
                .OrderBy(command => command.Contains("--accept-breaking", StringComparison.Ordinal)),
        ];
    }

    private static IEnumerable<string> Scripts(YamlNode node) => node switch
    {
        YamlMappingNode map => map.Children.SelectMany(c => c is { Key: YamlScalarNode { Value: "run" or "script" or "inlineScript" }, Value: YamlScalarNode { Value: { } script } } ? [script] : Scripts(c.Value)),
        YamlSequenceNode list => list.Children.SelectMany(Scripts),
        _ => [],
    };

    [GeneratedRegex(@"^\s*mcpgov (?<arguments>[^|>]+)")]
    private static partial Regex Command();

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Words();
}
