using McpServerless.Azure.Storage;

namespace McpServerless.Azure.Tests.Storage;

public sealed class TableKeyTests
{
    [Fact]
    public void EveryCodeUnit_ComesBack_AndNoneIsForbidden()
    {
        for (var unit = 0; unit <= char.MaxValue; unit++)
        {
            var value = $"a{(char)unit}b";
            var key = TableKey.Of(value);
            Assert.Equal([value], TableKey.Parts(key) ?? []);
            Assert.DoesNotContain(key, c => "/\\#?|".Contains(c) || char.IsControl(c) || char.IsSurrogate(c));
        }
    }

    [Theory]
    [InlineData("a|b", "c", "a", "b|c")]
    [InlineData("a~", "b", "a", "~b")]
    [InlineData("~007C", "b", "|", "b")]
    [InlineData("", "a", "a", "")]
    public void PartsThatDiffer_GiveKeysThatDiffer(string first, string second, string otherFirst, string otherSecond)
    {
        var key = TableKey.Of(first, second);
        Assert.NotEqual(TableKey.Of(otherFirst, otherSecond), key);
        Assert.Equal([first, second], TableKey.Parts(key) ?? []);
    }

    [Fact]
    public void AnOrdinaryValue_StaysReadable() => Assert.Equal("orders|Grüße 1.0@x", TableKey.Of("orders", "Grüße 1.0@x"));

    [Theory]
    [InlineData("~")]
    [InlineData("a~00")]
    [InlineData("~zzzz")]
    public void AKeyThatIsNotOurs_HasNoParts(string key) => Assert.Null(TableKey.Parts(key));
}
