using FsCheck;
using FsCheck.Fluent;
using McpServerless.Access;

namespace McpServerless.Core.Tests.Access;

public class NamePatternTests
{
    [Theory]
    [InlineData("echo", "echo", true)]
    [InlineData("echo", "Echo", false)]
    [InlineData("echo", "echo2", false)]
    [InlineData("*", "", true)]
    [InlineData("*", "anything", true)]
    [InlineData("get-*", "get-sum", true)]
    [InlineData("get-*", "set-sum", false)]
    [InlineData("*-sum", "get-sum", true)]
    [InlineData("g?t", "get", true)]
    [InlineData("g?t", "gt", false)]
    [InlineData("a*b*c", "aXXbYYc", true)]
    [InlineData("a*b*c", "aXXcYYb", false)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("a**", "a", true)]
    public void Globs_MatchWholeNames(string pattern, string name, bool expected) => Assert.Equal(expected, NamePattern.Matches(pattern, name));

    [Fact]
    public void Globs_AgreeWithTheSameRegularExpression()
    {
        var texts = Gen.Elements('a', 'b', '*', '?').ListOf().Select(c => string.Concat(c)).ToArbitrary();
        var names = Gen.Elements('a', 'b').ListOf().Select(c => string.Concat(c)).ToArbitrary();
        Prop.ForAll(texts, names, (pattern, name) =>
        {
            var regex = "\\A" + string.Concat(pattern.Select(c => c switch { '*' => ".*", '?' => ".", _ => c.ToString() })) + "\\z";
            return NamePattern.Matches(pattern, name) == System.Text.RegularExpressions.Regex.IsMatch(name, regex, System.Text.RegularExpressions.RegexOptions.NonBacktracking);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void HostilePattern_IsDecidedInBoundedTime() =>
        Assert.False(NamePattern.Matches(string.Concat(Enumerable.Repeat("*a", 60)) + "b", new string('a', 128)));
}
