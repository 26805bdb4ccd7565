using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Spectre.Console;

namespace McpServerless.Dev;

/// <summary>What one scenario's checks came to.</summary>
internal sealed record ConformanceScenario(string Name, bool Scored, int Passed, int Skipped, IReadOnlyList<string> Failures, IReadOnlyList<string> Warnings)
{
    /// <summary>Not without a check that passed: who checks nothing shows nothing.</summary>
    public bool Passes => Failures.Count == 0 && Passed > 0;
}

/// <summary>What one run of the suite came to, read from the folder that it writes: <c>server-SCENARIO-TIME/checks.json</c>.</summary>
internal sealed partial record ConformanceReport(string Title, IReadOnlyList<ConformanceScenario> Scenarios)
{
    /// <summary>Whether all scored scenarios pass.</summary>
    public bool Passes => Scenarios.All(scenario => scenario.Passes || !scenario.Scored);

    public static ConformanceReport Read(string title, string folder, IReadOnlyList<string> scored)
    {
        Directory.CreateDirectory(folder); // A suite that could not even begin has not.
        var found =
            from path in Directory.EnumerateDirectories(folder)
            let name = ResultFolder.Match(Path.GetFileName(path)).Groups[1].Value
            where name.Length > 0
            select ReadScenario(path, name, scored.Contains(name));
        var scenarios = found.ToDictionary(scenario => scenario.Name);
        foreach (var name in scored) scenarios.TryAdd(name, new ConformanceScenario(name, true, 0, 0, ["did not run"], []));
        // The order of the requirements, then the others by name.
        return new ConformanceReport(title, [.. scored.Select(name => scenarios[name]), .. scenarios.Values.Where(s => !s.Scored).OrderBy(s => s.Name, StringComparer.Ordinal)]);
    }

    /// <summary>Each scored scenario as a test. The others are shown, and a person reads them.</summary>
    public TestResults ToTestResults()
    {
        var scored = Scenarios.Where(scenario => scenario.Scored).ToArray();
        return new TestResults(
            scored.Count(scenario => scenario.Passes),
            0,
            [.. scored.Where(scenario => !scenario.Passes).Select(scenario => new FailedTest($"{Title}: {scenario.Name}", string.Join('\n', scenario.Failures)))]);
    }

    public override string ToString()
    {
        var scored = Scenarios.Where(scenario => scenario.Scored).ToArray();
        var others = Scenarios.Where(scenario => !scenario.Scored).ToArray();
        return $"{scored.Count(s => s.Passes)} of {scored.Length} scored scenarios, {others.Count(s => s.Passes)} of {others.Length} others; checks: " +
            $"{Scenarios.Sum(s => s.Passed)} passed, {Scenarios.Sum(s => s.Failures.Count)} failed, {Scenarios.Sum(s => s.Warnings.Count)} warnings, {Scenarios.Sum(s => s.Skipped)} skipped";
    }

    public void Show()
    {
        var table = new Table().Border(TableBorder.Simple).Title(Title).AddColumn("Scenario").AddColumn("Scored");
        foreach (var number in (ReadOnlySpan<string>)["Passed", "Failed", "Warnings", "Skipped"]) table.AddColumn(new TableColumn(number).RightAligned());
        foreach (var scenario in Scenarios)
        {
            var colour = scenario.Passes ? Color.Default : scenario.Scored ? Color.Red : Color.Yellow;
            int[] numbers = [scenario.Passed, scenario.Failures.Count, scenario.Warnings.Count, scenario.Skipped];
            table.AddRow([new Text(scenario.Name, colour), new Text(scenario.Scored ? "yes" : "no"), .. numbers.Select(Number)]);
        }

        Console.WriteLine();
        AnsiConsole.Write(table);
        foreach (var scenario in Scenarios)
        {
            foreach (var failure in scenario.Failures) Console.WriteLine($"{scenario.Name}: {failure}");
            foreach (var warning in scenario.Warnings) Console.WriteLine($"{scenario.Name}: warning: {warning}");
        }

        Console.WriteLine($"{Title}: {this}");
    }

    private static Text Number(int value) => new(value.ToString(CultureInfo.InvariantCulture));

    private static ConformanceScenario ReadScenario(string folder, string name, bool scored)
    {
        var file = Path.Combine(folder, "checks.json");
        if (!File.Exists(file)) return new ConformanceScenario(name, scored, 0, 0, ["did not end"], []);
        using var checks = JsonDocument.Parse(File.ReadAllBytes(file));
        var byStatus = checks.RootElement.EnumerateArray().ToLookup(check => check.GetProperty("status").GetString(), check => check.Clone());
        string[] Described(string status) => [.. byStatus[status].Select(Describe)];
        return new ConformanceScenario(name, scored, byStatus["SUCCESS"].Count(), byStatus["SKIPPED"].Count(), Described("FAILURE"), Described("WARNING"));
    }

    private static string Describe(JsonElement check)
    {
        // Some warnings tell their reason in the details alone.
        var message = check.TryGetProperty("errorMessage", out var text) || (check.TryGetProperty("details", out var details) && details.TryGetProperty("message", out text))
            ? text.GetString() ?? ""
            : check.GetProperty("description").GetString() ?? "";
        var line = WhiteSpace.Replace(message, " ");
        return $"{check.GetProperty("id").GetString()}: {(line.Length > 200 ? line[..200] + "…" : line)}";
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace { get; }

    [GeneratedRegex(@"^server-(.+)-\d{4}-\d{2}-\d{2}T[\d-]+Z$")]
    private static partial Regex ResultFolder { get; }
}
