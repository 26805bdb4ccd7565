using System.Text;
using System.Text.Json;
using McpServerless.Audit;
using McpServerless.Audit.Shapes;

namespace McpServerless.Core.Tests.Audit.Shapes;

public class ArgumentShapeTests
{
    [Theory]
    [InlineData("{}", """{"":{"members":0,"type":"object"}}""")]
    [InlineData("""{"id":"A-1234","note":null,"ok":true}""",
        """{"":{"members":3,"type":"object"},"/id":{"length":6,"type":"string"},"/note":{"type":"null"},"/ok":{"type":"boolean"}}""")]
    [InlineData("""{"lines":[{"n":3,"sku":"ab"},{"n":70,"sku":"abc"},{"n":0.5}]}""",
        """{"":{"members":1,"type":"object"},"/lines":{"items":3,"type":"array"},"/lines/*":{"count":3,"members":[1,2],"type":"object"},"/lines/*/n":{"count":3,"range":[0.5,100],"type":["integer","number"]},"/lines/*/sku":{"count":2,"length":[2,3],"type":"string"}}""")]
    [InlineData("""{"a/b":{"c~":1},"a-b":"x"}""",
        """{"":{"members":2,"type":"object"},"/a-b":{"length":1,"type":"string"},"/a~1b":{"members":1,"type":"object"},"/a~1b/c~0":{"range":[1,2],"type":"integer"}}""")]
    public void Shape_HasAPlaceForEachPointer_AndNoValue(string arguments, string expected)
    {
        var json = ArgumentShape.Of(Parse(arguments)).ToJson();
        Assert.Equal(expected, Encoding.UTF8.GetString(json));
        Assert.Equal(CanonicalJson.Write(Parse(expected)), Encoding.UTF8.GetString(json));
        Assert.Equal(json, ArgumentShape.Read(Parse(expected))!.ToJson());
    }

    [Theory]
    [InlineData("0", "[0,0]", "integer")]
    [InlineData("-0", "[0,0]", "integer")]
    [InlineData("1", "[1,2]", "integer")]
    [InlineData("37", "[20,50]", "integer")]
    [InlineData("-37", "[-50,-20]", "integer")]
    [InlineData("100", "[100,200]", "integer")]
    [InlineData("1.0", "[1,2]", "integer")]
    [InlineData("0.07", "[0.05,0.1]", "number")]
    [InlineData("1e-9", "[0,0.000001]", "number")]
    [InlineData("1e-300", "[0,0.000001]", "number")]
    [InlineData("-1e-9", "[-0.000001,0]", "number")]
    [InlineData("3e20", "[200000000000000000000,500000000000000000000]", "integer")]
    [InlineData("1e30", "[1e+21,null]", "integer|number")]
    [InlineData("-1e400", "[null,-1e+21]", "integer|number")]
    public void Numbers_LieBetweenRoundOnes(string number, string range, string types)
    {
        var json = Parse(Encoding.UTF8.GetString(ArgumentShape.Of(Parse($$"""{"n":{{number}}}""")).ToJson()));
        var place = json.GetProperty("/n");
        Assert.Equal(range, place.GetProperty("range").GetRawText());
        Assert.Equal(types.Split('|'), ArgumentShape.Read(json)!.Places["/n"].Types);
    }

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("é\\u00e9\\n\\\"", 4)]
    [InlineData("🚚\\ud83d\\ude9a", 2)]
    [InlineData("", 0)]
    public void Lengths_AreCountedInCodePoints(string text, int length) =>
        Assert.Equal(new Extent(length, length), ArgumentShape.Of(Parse($$"""{"a":"{{text}}"}""")).Places["/a"].Length);

    [Fact]
    public void NamesThatMayBeValues_AreOnePlace()
    {
        var shape = ArgumentShape.Of(Parse($$"""{"{{new string('k', 65)}}":"ab","*":"abcd","short":1}"""));
        Assert.Equal(["", "/*", "/short"], shape.Places.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(new Extent(2, 4), shape.Places["/*"].Length);
        Assert.Equal(2, shape.Places["/*"].Count);
    }

    [Fact]
    public void Shape_IsBounded_AndSaysWhatItLacks()
    {
        var wide = ArgumentShape.Of(Parse("{" + string.Join(",", Enumerable.Range(0, 1000).Select(i => $"\"m{i}\":{i}")) + "}"));
        Assert.Equal(ShapeSurvey.MaxPlaces, wide.Places.Count);
        Assert.True(wide.Places[""].IsCut);

        var many = ArgumentShape.Of(Parse($$"""{"a":[{{string.Join(',', Enumerable.Range(0, 10_000))}}]}"""));
        Assert.True(many.Places["/a"].IsCut);
        Assert.Equal(new Extent(10_000, 10_000), many.Places["/a"].Items);
        Assert.InRange(many.Places["/a/*"].Count, 1, ShapeSurvey.MaxValues);

        var deep = ArgumentShape.Of(Parse(string.Concat(Enumerable.Repeat("{\"d\":", 60)) + "1" + new string('}', 60)));
        Assert.Equal(ShapeSurvey.MaxDepth + 1, deep.Places.Count);
        Assert.True(deep.Places[string.Concat(Enumerable.Repeat("/d", ShapeSurvey.MaxDepth))].IsCut);
    }

    [Fact]
    public void WithheldValues_HaveATypeAndNothingElse()
    {
        var survey = new ShapeSurvey();
        survey.Root.See(Parse("""{"secret":{"a":1},"list":["x","y"]}"""));
        survey.Member(survey.Root, "secret")!.SeeWithheld(Parse("""{"a":1}"""));
        var item = survey.Item(survey.Member(survey.Root, "list"))!;
        item.See(Parse("\"x\""));
        item.SeeWithheld(Parse("\"longer\""));
        var places = survey.ToShape().Places;
        Assert.Equal(["object"], places["/secret"].Types);
        Assert.Null(places["/secret"].Members);
        Assert.True(places["/secret"].IsCut);
        Assert.Null(places["/list/*"].Length);
        Assert.DoesNotContain("/secret/a", places.Keys);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"/a":1}""")]
    [InlineData("""{"/a":{}}""")]
    [InlineData("""{"/a":{"type":[1]}}""")]
    public void WhatIsNoShape_IsNotRead(string json) => Assert.Null(ArgumentShape.Read(Parse(json)));

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
