using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using McpServerless.OpenApi;

namespace McpServerless.Core.Tests.OpenApi;

public sealed class ApiAnswerTests
{
    [Fact]
    public void Json_IsStructuredContentAndText_AsItWas()
    {
        var result = Result(200, "application/json; charset=utf-8", """{"n":1.50,"big":123456789012345678901234567890}""");
        Assert.Equal("""{"n":1.50,"big":123456789012345678901234567890}""", result.GetProperty("structuredContent").GetRawText());
        Assert.Equal("""{"n":1.50,"big":123456789012345678901234567890}""", Text(result));
        Assert.False(result.TryGetProperty("isError", out _));
    }

    [Fact]
    public void ProblemDetails_AreAnErrorThatSaysWhatToRepair()
    {
        var result = Result(422, "application/problem+json", """{"type":"about:blank","title":"Not valid","status":422,"detail":"Two fields are wrong.","errors":{"age":["must be positive"],"name":["is needed","is short"]}}""", isError: true);
        Assert.True(result.GetProperty("isError").GetBoolean());
        Assert.Equal("HTTP 422 Unprocessable entity: Not valid; Two fields are wrong.; age: must be positive; name: is needed is short", Text(result));
        Assert.False(result.TryGetProperty("structuredContent", out _));
    }

    [Theory]
    [InlineData("application/json", """{"error":{"code":404,"message":"No such order"}}""", "HTTP 404 Not found: No such order; code 404")]
    [InlineData("application/json", """{"errors":[{"pointer":"#/age"}]}""", """HTTP 404 Not found: {"pointer":"#/age"}""")]
    [InlineData("application/json", """["odd"]""", """HTTP 404 Not found: ["odd"]""")]
    [InlineData("application/json", "{broken", "HTTP 404 Not found: {broken")]
    [InlineData("text/html", "<html><body>Nope</body></html>", "HTTP 404 Not found")]
    [InlineData("text/plain", "no such thing", "HTTP 404 Not found: no such thing")]
    [InlineData("", "", "HTTP 404 Not found")]
    public void OtherErrors_SayWhatTheyHold(string type, string body, string expected) => Assert.Equal(expected, Text(Result(404, type, body, isError: true)));

    [Fact]
    public void ALongError_IsCut() => Assert.Equal(4002, Text(Result(500, "text/plain", new string('x', 100_000), isError: true)).Length);

    [Theory]
    [InlineData("image/png", "image")]
    [InlineData("audio/mpeg", "audio")]
    public void PicturesAndSounds_AreContentOfTheirKind(string type, string kind)
    {
        var block = Result(200, type, "\u0001\u0002").GetProperty("content")[0];
        Assert.Equal(kind, block.GetProperty("type").GetString());
        Assert.Equal([1, 2], block.GetProperty("data").GetBytesFromBase64());
        Assert.Equal(type, block.GetProperty("mimeType").GetString());
    }

    [Fact]
    public void OtherBytes_AreAnEmbeddedResource()
    {
        var resource = Result(200, "application/pdf", "%PDF").GetProperty("content")[0].GetProperty("resource");
        Assert.Equal("application/pdf", resource.GetProperty("mimeType").GetString());
        Assert.Equal("%PDF"u8.ToArray(), resource.GetProperty("blob").GetBytesFromBase64());
        Assert.Equal("urn:uuid:x", resource.GetProperty("uri").GetString());
    }

    [Fact]
    public void Texts_AreReadInTheirCharacterSet_AndBrokenOnesAreBytes()
    {
        Assert.Equal("ü", Text(Result(200, "text/csv; charset=iso-8859-1", [0xFC])));
        Assert.Equal("ü", Text(Result(200, "application/xml", "\uFEFFü")));
        Assert.Equal("resource", Result(200, "text/plain", [0xFC]).GetProperty("content")[0].GetProperty("type").GetString());
    }

    [Fact]
    public void NoContent_SaysSo() => Assert.Equal("HTTP 204, with no content.", Text(Result(204, "", "")));

    [Theory]
    [InlineData("{broken")]
    [InlineData("""{"a":1,"a":2}""")]
    public void JsonThatIsNone_IsNoResult(string body)
    {
        using var target = new PooledBytes();
        Assert.NotNull(new ApiAnswer(200, new MediaTypeHeaderValue("application/json"), Encoding.UTF8.GetBytes(body)).Write(target, isError: false, "urn:uuid:x"));
    }

    private static JsonElement Result(int status, string type, string body, bool isError = false) => Result(status, type, Encoding.UTF8.GetBytes(body), isError);

    private static JsonElement Result(int status, string type, byte[] body, bool isError = false)
    {
        using var target = new PooledBytes();
        Assert.Null(new ApiAnswer(status, type.Length > 0 ? MediaTypeHeaderValue.Parse(type) : null, body).Write(target, isError, "urn:uuid:x"));
        return JsonDocument.Parse(target.Memory.ToArray()).RootElement.GetProperty("result");
    }

    private static string Text(JsonElement result) => result.GetProperty("content")[0].GetProperty("text").GetString()!;
}
