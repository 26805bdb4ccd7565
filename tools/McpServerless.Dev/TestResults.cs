using System.Xml.Linq;

namespace McpServerless.Dev;

/// <summary>What a test run came to, read from the results file that the test platform writes (TRX).</summary>
internal sealed record TestResults(int Passed, int Skipped, IReadOnlyList<FailedTest> Failures)
{
    private static readonly XNamespace Trx = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    public static TestResults Read(string file)
    {
        var results = XDocument.Load(file).Descendants(Trx + "UnitTestResult").ToArray();
        var failures = results.Where(result => Outcome(result) is not ("Passed" or "NotExecuted")).Select(Failure);
        return new TestResults(results.Count(result => Outcome(result) == "Passed"), results.Count(result => Outcome(result) == "NotExecuted"), [.. failures]);
    }

    /// <summary>"12 passed, 0 failed", with the skipped ones when there are any.</summary>
    public override string ToString() => $"{Passed} passed, {Failures.Count} failed" + (Skipped > 0 ? $", {Skipped} skipped" : "");

    public static TestResults operator +(TestResults a, TestResults b) => new(a.Passed + b.Passed, a.Skipped + b.Skipped, [.. a.Failures, .. b.Failures]);

    private static string? Outcome(XElement result) => result.Attribute("outcome")?.Value;

    private static FailedTest Failure(XElement result) => new(
        result.Attribute("testName")?.Value ?? "?",
        result.Descendants(Trx + "Message").FirstOrDefault()?.Value.Trim() ?? Outcome(result) ?? "no outcome");
}

internal sealed record FailedTest(string Name, string Message);
