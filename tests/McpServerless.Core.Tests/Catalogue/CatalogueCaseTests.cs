using McpServerless.Catalogue.Files;
using McpServerless.Testing;

namespace McpServerless.Core.Tests.Catalogue;

/// <summary>One folder for each rule under <c>tests/cases/catalogue/</c>, with the findings beside the files in <c>expected.txt</c>.</summary>
public sealed class CatalogueCaseTests
{
    /// <summary>Rules that no folder of files can show; each has a test of its own.</summary>
    private static readonly string[] WithoutFolder =
        ["too-many-files", "file-too-large", "file-unreadable", "override-unknown", "object-too-large", "not-in-folder", "still-quarantined", "not-owner"];

    private static readonly string Cases = RepositoryRoot.Combine("tests", "cases", "catalogue");

    public static TheoryData<string> Names => [.. Directory.GetDirectories(Cases).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task TheCase_HasTheFindingsThatStandBesideIt(string name)
    {
        var loaded = await CatalogueFolder.LoadAsync(Path.Combine(Cases, name), [], FixedTime.June2026, CancellationToken.None);

        var expected = await File.ReadAllTextAsync(Path.Combine(Cases, name, "expected.txt"));
        Assert.Equal(expected.Replace("\r\n", "\n", StringComparison.Ordinal), string.Concat(loaded.Findings.Select(f => f + "\n")).Replace(Cases, "CASES", StringComparison.Ordinal));
        Assert.Equal(loaded.Findings.Any(f => f.Severity == FindingSeverity.Error), loaded.Content is null);
    }

    [Fact]
    public void EveryRule_HasACaseOrATestOfItsOwn()
    {
        var inCases = Directory.GetFiles(Cases, "expected.txt", SearchOption.AllDirectories).SelectMany(File.ReadAllLines);
        var text = string.Join('\n', inCases);
        var missing = AllRules().Where(rule => !WithoutFolder.Contains(rule.Id) && !text.Contains($" {rule.Id}: ", StringComparison.Ordinal)).Select(r => r.Id);

        Assert.Empty(missing);
    }

    [Fact]
    public void RuleIds_AreUniqueAndInKebabCase()
    {
        Assert.All(AllRules(), rule => Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", rule.Id));
        Assert.Equal(AllRules().Count(), AllRules().Select(r => r.Id).Distinct().Count());
    }

    private static IEnumerable<FindingRule> AllRules() =>
        typeof(FindingRule).GetFields().Where(f => f.FieldType == typeof(FindingRule)).Select(f => (FindingRule)f.GetValue(null)!);
}
