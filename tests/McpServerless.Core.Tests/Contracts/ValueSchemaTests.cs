using System.Text.Json;
using McpServerless.Contracts;

namespace McpServerless.Core.Tests.Contracts;

public class ValueSchemaTests
{
    private const string Person = """
        {"type":"object","required":["name","age"],"additionalProperties":false,
         "properties":{"name":{"type":"string","maxLength":5},"age":{"type":"integer","minimum":0},"mail":{"type":"string","format":"email"},
                       "tags":{"type":"array","items":{"enum":["a","b"]}}}}
        """;

    [Theory]
    [InlineData("""{"name":"Ada","age":36}""")]
    [InlineData("""{"name":"Ada","age":36.0,"tags":["a","b"]}""")]
    [InlineData("""{"name":"Ada","age":36,"mail":"ada@example.org"}""")]
    public void ValidValues_BreakNothing(string value) => Assert.Empty(Check(Person, value));

    [Theory]
    [InlineData("""{"name":"Ada"}""", ": required: age missing")]
    [InlineData("""{"name":"Ada","age":"secret-text"}""", "/age: type \"integer\"")]
    [InlineData("""{"name":"Ada","age":-5}""", "/age: minimum 0")]
    [InlineData("""{"name":"secret-text","age":1}""", "/name: maxLength 5")]
    [InlineData("""{"name":"Ada","age":1,"mail":"secret-text"}""", "/mail: format \"email\"")]
    [InlineData("""{"name":"Ada","age":1,"tags":["a","secret-text"]}""", "/tags/1: enum [\"a\",\"b\"]")]
    [InlineData("""{"name":"Ada","age":1,"secret":true}""", "/secret: is not allowed here")]
    [InlineData("[]", ": type \"object\"")]
    public void InvalidValues_AreNamedByPointerAndRule_WithoutTheValue(string value, string expected)
    {
        var violations = Check(Person, value);
        Assert.Contains(expected, violations);
        Assert.DoesNotContain(violations, v => v.Contains("secret-text", StringComparison.Ordinal));
    }

    [Fact]
    public void ManyViolations_AreCutToWhatHelps()
    {
        var value = "{\"tags\":[" + string.Join(',', Enumerable.Repeat("\"x\"", 100)) + "]}";
        Assert.InRange(Check(Person, value).Count, 1, 20);
    }

    [Theory]
    [InlineData("1e10000000")]
    [InlineData("1e-999999999")]
    [InlineData("1e99999999999999999999")]
    public void NumberThatWouldEndTheProcess_IsAViolation(string number) =>
        Assert.NotEmpty(Check("""{"multipleOf":0.5}""", number));

    [Fact]
    public void UniqueItemsBeyondDecimal_IsAViolationOrValid_NotAFault() => Check("""{"uniqueItems":true}""", "[1e400,1e401]");

    [Fact]
    public void TwoSchemasWithOneId_DoNotCollide()
    {
        const string Text = """{"$id":"https://example.org/same","type":"string"}""";
        Assert.Empty(Check(Text, "\"a\""));
        Assert.Empty(Check(Text.Replace("string", "integer", StringComparison.Ordinal), "1"));
    }

    private static IReadOnlyList<string> Check(string schema, string value) =>
        ValueSchema.Build(JsonDocument.Parse(schema).RootElement).Check(JsonDocument.Parse(value).RootElement);
}
