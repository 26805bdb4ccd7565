using System.Text.Json;
using Json.More;

namespace McpServerless.StandIns.JsonSchemaTests;

public sealed class JsonEquivalenceTests
{
    [Theory]
    [InlineData("1", "1.0")]
    [InlineData("1", "10e-1")]
    [InlineData("0", "-0.00E+7")]
    [InlineData("1e400", "10.0e399")]
    [InlineData("100000000000000000000000000000000000001", "10000000000000000000000000000000000000.10e1")]
    [InlineData("1e100000000000000000000", "0.1e100000000000000000001")]
    [InlineData("\"a/\\u0041\"", "\"a\\/A\"")]
    [InlineData("[1, [null, true]]", "[1.0,[null,true]]")]
    [InlineData("""{"a":1,"b":[{"c":2,"d":3}]}""", """{"b":[{"d":3.0,"c":2}],"a":1}""")]
    public void TheSameValueWrittenDifferently_IsEquivalentAndHashesAlike(string left, string right)
    {
        var (a, b) = (JsonElement.Parse(left), JsonElement.Parse(right));
        Assert.True(a.IsEquivalentTo(b));
        Assert.True(b.IsEquivalentTo(a));
        Assert.Equal(a.GetEquivalenceHashCode(), b.GetEquivalenceHashCode());
        Assert.Equal(a.GetEquivalenceHashCode(1), b.GetEquivalenceHashCode(1));
    }

    [Theory]
    [InlineData("1", "-1")]
    [InlineData("1", "\"1\"")]
    [InlineData("1", "10")]
    [InlineData("0.1", "0.10000000000000000000000000000000000001")]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("0", "false")]
    [InlineData("[1,2]", "[2,1]")]
    [InlineData("[1]", "[1,1]")]
    [InlineData("""{"a":1}""", """{"a":1,"b":1}""")]
    [InlineData("""{"a":1,"b":1}""", """{"a":1}""")]
    [InlineData("""{"a":null}""", """{"b":null}""")]
    [InlineData("""{"a":1,"a":1}""", """{"a":1,"a":1}""")]
    [InlineData("\"a\"", "\"A\"")]
    public void DifferentValues_AreNotEquivalent(string left, string right) =>
        Assert.False(JsonElement.Parse(left).IsEquivalentTo(JsonElement.Parse(right)));

    [Fact]
    public void AHash_LooksAsDeepAsItIsAsked()
    {
        var (a, b) = (JsonElement.Parse("""{"a":[1]}"""), JsonElement.Parse("""{"a":[2]}"""));
        Assert.Equal(a.GetEquivalenceHashCode(1), b.GetEquivalenceHashCode(1));
        Assert.NotEqual(a.GetEquivalenceHashCode(), b.GetEquivalenceHashCode());
    }

    [Fact]
    public void Values_BecomeElementsAndNodes()
    {
        Assert.Equal("true", true.AsJsonElement().GetRawText());
        Assert.Equal("-7", (-7).AsJsonElement().GetRawText());
        Assert.Equal("a\"\u00E9\n", "a\"\u00E9\n".AsJsonElement().GetString());
        Assert.Equal(JsonValueKind.Null, ((string?)null).AsJsonElement().ValueKind);
        Assert.Equal("""{"a":[1,null]}""", JsonElement.Parse(""" { "a" : [ 1, null ] } """).ToJsonString());
        Assert.Equal(1, JsonElement.Parse("""{"a":1}""").AsNode()!["a"]!.GetValue<int>());
        Assert.Null(JsonElement.Parse("null").AsNode());
    }
}
