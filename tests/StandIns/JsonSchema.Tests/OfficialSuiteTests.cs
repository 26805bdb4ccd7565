using Xunit.Abstractions;

namespace McpServerless.StandIns.JsonSchemaTests;

/// <summary>JSON Schema's own tests of draft 2020-12, run by the JsonSchema.Net that the product uses.</summary>
public sealed class OfficialSuiteTests(ITestOutputHelper output)
{
    private const string Required = "";
    private const string Optional = "optional";
    private const string Format = "optional/format";

    public static TheoryData<string> RequiredFiles => FilesOf(Required);

    public static TheoryData<string> FormatFiles => FilesOf(Format);

    [Theory]
    [MemberData(nameof(RequiredFiles))]
    public void EveryRequiredTest_ComesOutAsTheSuiteSays(string file) => AssertNone(Deviations(SuiteRun.Of(Required, file, requireFormat: false)));

    [Theory]
    [MemberData(nameof(FormatFiles))]
    public void EveryFormatTest_ComesOutAsTheSuiteSays(string file) => AssertNone(Deviations(SuiteRun.Of(Format, file, requireFormat: true)));

    [Fact]
    public void TheOptionalTests_FailOnlyWhereAReasonIsKnown()
    {
        var results = Run(Optional, atLeast: 145);
        AssertNone(Deviations(results.Where(result => !KnownMisses.All.Any(known => Matches(known.Test, result)))));
        // An entry whose tests all pass by now is to be taken off the list.
        var stale = KnownMisses.All.Where(known => results.Any(result => Matches(known.Test, result))
            && !results.Any(result => Matches(known.Test, result) && result.Deviation is not null));
        AssertNone(stale.Select(known => $"{known.Test} passes"));
    }

    // The oldest suite that is accepted (Debian bookworm's, of April 2023) has this many; an emptied folder must not pass.
    [Theory]
    [InlineData(Required, 1176)]
    [InlineData(Format, 467)]
    public void TheSuite_IsThereWholeAndPassed(string folder, int atLeast) => AssertNone(Deviations(Run(folder, atLeast)));

    private List<SuiteResult> Run(string folder, int atLeast)
    {
        var results = SuiteRun.Files(folder).SelectMany(file => SuiteRun.Of(folder, file, requireFormat: folder == Format)).ToList();
        var passed = results.Count(result => result.Deviation is null);
        output.WriteLine($"{(folder == Required ? "required" : folder)}: {passed} of {results.Count} passed ({SuiteFolder.Path})");
        Assert.True(results.Count >= atLeast, $"{SuiteFolder.Path} holds {results.Count} tests in '{folder}', fewer than {atLeast}.");
        return results;
    }

    private static bool Matches(string start, SuiteResult result) => result.Test.StartsWith(start, StringComparison.Ordinal);

    private static IEnumerable<string> Deviations(IEnumerable<SuiteResult> results) =>
        results.Where(result => result.Deviation is not null).Select(result => $"{result.Test} {result.Deviation}");

    private static void AssertNone(IEnumerable<string> wrong)
    {
        var text = string.Join('\n', wrong);
        Assert.True(text.Length == 0, text);
    }

    // Without the suite there is one row, whose test then fails with the reason.
    private static TheoryData<string> FilesOf(string folder)
    {
        try
        {
            return [.. SuiteRun.Files(folder)];
        }
        catch (InvalidOperationException)
        {
            return ["(the suite is absent)"];
        }
    }
}
