using System.Text.Json;
using Json.Pointer;

namespace McpServerless.StandIns.JsonSchemaTests;

public sealed class JsonPointerTests
{
    // The document of RFC 6901, section 5.
    private static readonly JsonElement Document = JsonElement.Parse(
        """{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}""");

    [Theory]
    [InlineData("/foo", """["bar","baz"]""")]
    [InlineData("/foo/0", "\"bar\"")]
    [InlineData("/foo/-", "\"baz\"")]
    [InlineData("/", "0")]
    [InlineData("/a~1b", "1")]
    [InlineData("/c%d", "2")]
    [InlineData("/i\\j", "5")]
    [InlineData("/ ", "7")]
    [InlineData("/m~0n", "8")]
    [InlineData("#/c%25d", "2")]
    [InlineData("#/e%5Ef", "3")]
    [InlineData("#/k%22l", "6")]
    [InlineData("#/%20", "7")]
    public void APointer_FindsItsValue(string text, string value) =>
        Assert.Equal(value, Parse(text).Evaluate(Document)?.GetRawText());

    [Theory]
    [InlineData("/nothing")]
    [InlineData("/foo/2")]
    [InlineData("/foo/00")]
    [InlineData("/foo/+1")]
    [InlineData("/foo/0/deeper")]
    [InlineData("/foo/99999999999")]
    public void APointerToNothing_GivesNull(string text) => Assert.Null(Parse(text).Evaluate(Document));

    [Theory]
    [InlineData("")]
    [InlineData("#")]
    [InlineData(null)]
    public void TheEmptyPointer_IsTheWholeDocument(string? text)
    {
        Assert.True(JsonPointer.TryParse(text, out var parsed));
        Assert.Equal(JsonPointer.Empty, parsed);
        Assert.Equal(default, parsed);
        Assert.Equal(JsonValueKind.Object, parsed.Evaluate(Document)?.ValueKind);
    }

    [Theory]
    [InlineData("foo")]
    [InlineData("#foo")]
    [InlineData("/a~")]
    [InlineData("/a~2b")]
    public void AMalformedPointer_IsNotParsed(string text) => Assert.False(JsonPointer.TryParse(text, out _));

    [Theory]
    [InlineData("#/a%20b/c%7E1d", "/a b/c~1d", 2)]
    [InlineData("#/a+b", "/a+b", 1)]
    [InlineData("/100%/~01", "/100%/~01", 2)]
    [InlineData("//", "//", 2)]
    public void APointer_PrintsInItsEscapedForm(string text, string printed, int segments)
    {
        Assert.Equal(printed, Parse(text).ToString());
        Assert.Equal(segments, Parse(text).SegmentCount);
    }

    [Fact]
    public void Segments_AreEscapedWhenPutInAndComparedUnescaped()
    {
        var pointer = JsonPointer.Create("a/b", 3).Combine("m~n").Combine(Parse("/x/y"));
        Assert.Equal("/a~1b/3/m~0n/x/y", pointer.ToString());
        Assert.Equal(5, pointer.SegmentCount);
        Assert.True(pointer[0] == "a/b");
        Assert.True(pointer[2] == "m~n");
        Assert.True(pointer[4] != "x");
        Assert.True(JsonPointer.Create("~1")[0] == "~1");
        Assert.Throws<ArgumentOutOfRangeException>(() => pointer[5] == "x");
    }

    [Fact]
    public void GetLocal_KeepsTheLastSegments()
    {
        var pointer = Parse("/a/b//c");
        Assert.Equal("", pointer.GetLocal(0).ToString());
        Assert.Equal("//c", pointer.GetLocal(2).ToString());
        Assert.Equal(2, pointer.GetLocal(2).SegmentCount);
        Assert.Equal(pointer, pointer.GetLocal(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => pointer.GetLocal(5));
    }

    [Fact]
    public void StartsWith_ComparesWholeSegments()
    {
        Assert.True(Parse("/allOf/10").StartsWith(Parse("/allOf")));
        Assert.True(Parse("/allOf/10").StartsWith(Parse("/allOf/10")));
        Assert.True(Parse("/allOf/10").StartsWith(JsonPointer.Empty));
        Assert.False(Parse("/allOf/10").StartsWith(Parse("/allOf/1")));
    }

    [Theory]
    [InlineData("0#", true)]
    [InlineData("1/a~1b", true)]
    [InlineData("10", true)]
    [InlineData("0-1#", true)]
    [InlineData("2+3/a", true)]
    [InlineData("", false)]
    [InlineData("/a", false)]
    [InlineData("01#", false)]
    [InlineData("-1/a", false)]
    [InlineData("0##", false)]
    [InlineData("0#/a", false)]
    [InlineData("1a", false)]
    [InlineData("\u09E7/a", false)]
    public void ARelativePointer_HasStepsThenAPointerOrANumberSign(string text, bool valid) =>
        Assert.Equal(valid, RelativeJsonPointer.TryParse(text, out _));

    private static JsonPointer Parse(string text)
    {
        Assert.True(JsonPointer.TryParse(text, out var parsed));
        return parsed;
    }
}
