using System.Text.Json;
using McpServerless.Contracts;

namespace McpServerless.Core.Tests.Contracts;

public class MirroredParametersTests
{
    private const string Schema = """
        {"type":"object","properties":{
          "region":{"type":"string","x-mcp-header":"Region"},
          "count":{"type":"integer","x-mcp-header":"Count"},
          "dry":{"type":"boolean","x-mcp-header":"Dry"},
          "nested":{"type":"object","properties":{"city":{"type":"string","x-mcp-header":"City"}}}}}
        """;

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"region":null}""")]
    [InlineData("""{"region":"eu"}""", "Mcp-Param-Region", "eu")]
    [InlineData("""{"region":"Zürich"}""", "Mcp-Param-Region", "=?base64?WsO8cmljaA==?=")]
    [InlineData("""{"count":42}""", "Mcp-Param-Count", "42")]
    [InlineData("""{"count":42.0}""", "Mcp-Param-Count", "42")]
    [InlineData("""{"count":42}""", "Mcp-Param-Count", "42.0")]
    [InlineData("""{"dry":true}""", "Mcp-Param-Dry", "true")]
    [InlineData("""{"nested":{"city":"x"}}""", "Mcp-Param-City", "x")]
    [InlineData("""{"region":["of another kind"]}""")]
    public void HeadersThatSayTheSame_Match(string arguments, params string[] headers) => Assert.Null(Find(arguments, headers));

    [Theory]
    [InlineData("""{"region":"eu"}""")]
    [InlineData("""{"region":"eu"}""", "Mcp-Param-Region", "us")]
    [InlineData("""{"region":"eu"}""", "Mcp-Param-Region", "EU")]
    [InlineData("{}", "Mcp-Param-Region", "eu")]
    [InlineData("""{"region":null}""", "Mcp-Param-Region", "null")]
    [InlineData("""{"region":"eu"}""", "Mcp-Param-Region", "=?base64?!?=")]
    [InlineData("""{"count":42}""", "Mcp-Param-Count", "43")]
    [InlineData("""{"dry":true}""", "Mcp-Param-Dry", "True")]
    [InlineData("""{"nested":{"city":"x"}}""")]
    public void HeadersThatSayAnything_Else_DoNot(string arguments, params string[] headers) => Assert.NotNull(Find(arguments, headers));

    [Fact]
    public void HeadersForAnUpstream_AreWhatTheGatewayItselfWouldAccept()
    {
        var parameters = MirroredParameters.Read(Parse(Schema)).Parameters;
        var arguments = Parse("""{"region":"Zürich","count":7,"dry":false,"nested":{"city":" x "}}""");
        var headers = parameters.HeadersFor(arguments).ToDictionary(h => h.Name, h => h.Value);
        Assert.Equal(4, headers.Count);
        Assert.Null(parameters.FindMismatch(arguments, name => headers.GetValueOrDefault(name)));
    }

    [Theory]
    [InlineData("""{"properties":{"a":{"type":"string","x-mcp-header":""}}}""")]
    [InlineData("""{"properties":{"a":{"type":"string","x-mcp-header":"a b"}}}""")]
    [InlineData("""{"properties":{"a":{"type":"string","x-mcp-header":"a\r\nb"}}}""")]
    [InlineData("""{"properties":{"a":{"type":"string","x-mcp-header":7}}}""")]
    [InlineData("""{"properties":{"a":{"type":"number","x-mcp-header":"A"}}}""")]
    [InlineData("""{"properties":{"a":{"type":"object","x-mcp-header":"A"}}}""")]
    [InlineData("""{"properties":{"a":{"type":["string","null"],"x-mcp-header":"A"}}}""")]
    [InlineData("""{"x-mcp-header":"A","type":"string"}""")]
    [InlineData("""{"properties":{"a":{"items":{"type":"string","x-mcp-header":"A"}}}}""")]
    [InlineData("""{"allOf":[{"properties":{"a":{"type":"string","x-mcp-header":"A"}}}]}""")]
    [InlineData("""{"$defs":{"a":{"type":"string","x-mcp-header":"A"}}}""")]
    [InlineData("""{"properties":{"a":{"type":"string","x-mcp-header":"A"},"b":{"type":"string","x-mcp-header":"a"}}}""")]
    public void AnnotationThatBreaksTheRules_IsAFinding(string schema) => Assert.Single(MirroredParameters.Read(Parse(schema)).Findings);

    [Fact]
    public void PropertyThatIsCalledLikeTheKeyword_IsNoAnnotation() =>
        Assert.Empty(MirroredParameters.Read(Parse("""{"properties":{"x-mcp-header":{"type":"string"}}}""")).Findings);

    private static string? Find(string arguments, string[] headers)
    {
        var sent = headers.Chunk(2).ToDictionary(h => h[0], h => h[1]);
        return MirroredParameters.Read(Parse(Schema)).Parameters.FindMismatch(Parse(arguments), name => sent.GetValueOrDefault(name));
    }

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
