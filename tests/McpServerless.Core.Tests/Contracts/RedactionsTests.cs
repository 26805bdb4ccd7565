using System.Text;
using System.Text.Json;
using McpServerless.Audit;
using McpServerless.Contracts;

namespace McpServerless.Core.Tests.Contracts;

public class RedactionsTests
{
    private static readonly byte[] Key = new byte[32];

    [Theory]
    [InlineData("{}", """{"b":1,"a":"x"}""", """{"a":"x","b":1}""")]
    [InlineData("""{"properties":{"a":{"x-governance":"mask"}}}""", """{"a":"x","b":1}""", """{"a":"[masked]","b":1}""", "/a")]
    [InlineData("""{"properties":{"a":{"x-governance":"drop"}}}""", """{"a":"x","b":1}""", """{"b":1}""", "/a")]
    [InlineData("{}", """{"password":"p","apiKey":"k","accessToken":"t","pin":1,"pinned":true}""",
        """{"accessToken":"[masked]","apiKey":"[masked]","password":"[masked]","pin":"[masked]","pinned":true}""", "/accessToken", "/apiKey", "/password", "/pin")]
    [InlineData("""{"properties":{"password":{"x-governance":"keep"}}}""", """{"password":"p"}""", """{"password":"p"}""")]
    [InlineData("""{"properties":{"list":{"items":{"properties":{"s":{"x-governance":"mask"}}}}}}""", """{"list":[{"s":1},{"s":2}]}""",
        """{"list":[{"s":"[masked]"},{"s":"[masked]"}]}""", "/list/0/s", "/list/1/s")]
    [InlineData("""{"properties":{"w":{"writeOnly":true}}}""", """{"w":"x"}""", """{"w":"[masked]"}""", "/w")]
    [InlineData("""{"properties":{"o":{"x-governance":"mask"}}}""", """{"o":{"deep":"x"}}""", """{"o":"[masked]"}""", "/o")]
    public void FieldRules_DecideWhatIsKept(string schema, string arguments, string expected, params string[] withheld)
    {
        var kept = Redactions.From(Parse(schema)).Apply(Parse(arguments), Key);
        Assert.Equal(expected, Text(kept));
        Assert.Equal(withheld, kept.Withheld);
    }

    [Fact]
    public void Hash_IsEqualForEqualValues_AndDependsOnTheKey()
    {
        var rules = Redactions.From(Parse("""{"properties":{"a":{"x-governance":"hash"},"b":{"x-governance":"hash"}}}"""));
        using var same = JsonDocument.Parse(rules.Apply(Parse("""{"a":"x","b":"x"}"""), Key).Json!);
        Assert.Equal(same.RootElement.GetProperty("a").GetString(), same.RootElement.GetProperty("b").GetString());
        Assert.StartsWith("hmac-sha256:", same.RootElement.GetProperty("a").GetString(), StringComparison.Ordinal);
        var other = new byte[32];
        other[0] = 1;
        Assert.NotEqual(Text(rules.Apply(Parse("""{"a":"x"}"""), Key)), Text(rules.Apply(Parse("""{"a":"x"}"""), other)));
    }

    [Fact]
    public void Hash_WithoutAKey_Masks() =>
        Assert.Equal("""{"a":"[masked]"}""", Text(Redactions.From(Parse("""{"properties":{"a":{"x-governance":"hash"}}}""")).Apply(Parse("""{"a":"x"}"""), null)));

    [Fact]
    public void LongArguments_AreNotKept_AndSaidToBeWithheld()
    {
        var kept = Redactions.From(Parse("{}")).Apply(Parse($$"""{"a":"{{new string('x', 20_000)}}"}"""), Key);
        Assert.Null(kept.Json);
        Assert.Equal([""], kept.Withheld);
    }

    /// <remarks>What is kept of such arguments is hashed as their canonical JSON.</remarks>
    [Theory]
    [InlineData("""{"b":[1,2.50,1E3,-0,{"d":null,"c":true}],"a":{},"":[],"é":"\u00e9\n\/\"","\ufb33":1,"\ud83d\ude00":2}""")]
    [InlineData("[]")]
    [InlineData("12345678901234567890123")]
    public void ArgumentsOfWhichNothingIsWithheld_AreKeptAsTheirCanonicalJson(string arguments)
    {
        var kept = Redactions.From(Parse("{}")).Apply(Parse(arguments), Key);
        Assert.Empty(kept.Withheld);
        Assert.Equal(CanonicalJson.Write(Parse(arguments)), Text(kept));
    }

    private static string Text(SanitisedArguments arguments) => Encoding.UTF8.GetString(arguments.Json!);

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
