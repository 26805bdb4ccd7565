using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using McpServerless.Audit;
using McpServerless.Audit.Shapes;
using McpServerless.Contracts;
using McpServerless.Contracts.Sanitising;

namespace McpServerless.Core.Tests.Contracts;

public class RedactionsTests
{
    private static readonly HashKey Key = new(new byte[32]);

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
    [InlineData("""{"$defs":{"s":{"x-governance":"mask"}},"properties":{"a":{"$ref":"#/$defs/s"}}}""", """{"a":"x"}""", """{"a":"[masked]"}""", "/a")]
    [InlineData("""{"$defs":{"n":{"properties":{"next":{"$ref":"#/$defs/n"},"s":{"x-governance":"drop"}}}},"$ref":"#/$defs/n"}""", """{"next":{"next":{"s":1,"t":2}}}""",
        """{"next":{"next":{"t":2}}}""", "/next/next/s")]
    [InlineData("""{"anyOf":[{"properties":{"a":{"x-governance":"keep"}}},{"properties":{"a":{"x-governance":"mask"}}}]}""", """{"a":"x"}""", """{"a":"[masked]"}""", "/a")]
    [InlineData("""{"allOf":[{"if":{},"then":{"properties":{"a":{"x-governance":"mask"}}}}]}""", """{"a":"x"}""", """{"a":"[masked]"}""", "/a")]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":{"x-governance":"mask"}}""", """{"a":1,"b":2}""", """{"a":1,"b":"[masked]"}""", "/b")]
    [InlineData("""{"patternProperties":{"^x-":{"x-governance":"mask"},"(?<bad":{}}}""", """{"x-a":1,"y":2}""", """{"x-a":"[masked]","y":2}""", "/x-a")]
    [InlineData("""{"properties":{"t":{"prefixItems":[{},{"x-governance":"mask"}]}}}""", """{"t":["a","b"]}""", """{"t":["[masked]","[masked]"]}""", "/t/0", "/t/1")]
    [InlineData("""{"properties":{"t":{"x-governance":"mask"}}}""", """{"t":["a"]}""", """{"t":"[masked]"}""", "/t")]
    [InlineData("""{"properties":{"mails":{"x-governance":"keep"}}}""", """{"mails":["a@example.com"]}""", """{"mails":["a@example.com"]}""")]
    [InlineData("""{"properties":{"o":{"x-governance":"keep"}}}""", """{"o":{"password":"x"}}""", """{"o":{"password":"[masked]"}}""", "/o/password")]
    [InlineData("""{"properties":{"a":{"x-governance":"hide"}}}""", """{"a":"x"}""", """{"a":"[masked]"}""", "/a")]
    [InlineData("""{"properties":{"a":{"format":"password"}}}""", """{"a":"x"}""", """{"a":"[masked]"}""", "/a")]
    [InlineData("{}", """{"sendEmail":true,"email":{"city":"x"},"nationalId":7}""", """{"email":{"city":"x"},"nationalId":"[masked]","sendEmail":true}""", "/nationalId")]
    [InlineData("{}", """{"a":"4111 1111 1111 1111","b":4111111111111111,"c":4111111111111112}""", """{"a":"[masked]","b":"[masked]","c":4111111111111112}""", "/a", "/b")]
    [InlineData("{}", """{"a":"ask jane@example.com, then +41 44 668 18 00"}""", """{"a":"ask [e-mail], then [phone]"}""", "/a")]
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
        Assert.NotEqual(Text(rules.Apply(Parse("""{"a":"x"}"""), Key)), Text(rules.Apply(Parse("""{"a":"x"}"""), new HashKey(other))));
    }

    [Fact]
    public void Hash_WithoutAKey_Masks() =>
        Assert.Equal("""{"a":"[masked]"}""", Text(Redactions.From(Parse("""{"properties":{"a":{"x-governance":"hash"}}}""")).Apply(Parse("""{"a":"x"}"""), null)));

    [Fact]
    public void LongArguments_AreNotKept_AndSaidToBeWithheld()
    {
        var kept = Redactions.From(Parse("{}")).Apply(Parse($$"""{"a":[{{string.Join(',', Enumerable.Range(0, 5000))}}]}"""), Key);
        Assert.Null(kept.Json);
        Assert.Equal([""], kept.Withheld);
    }

    [Theory]
    [InlineData("""{"customerEmail":"jane@example.com"}""")]
    [InlineData("""{"a":"jane@example.com"}""")]
    [InlineData("""{"a":"+1 212 555 0187"}""")]
    [InlineData("""{"phone":"0446681800"}""")]
    public void AddressesAndPhones_AreHashed(string arguments) =>
        Assert.Matches("""^{"\w+":"hmac-sha256:[0-9a-f]{8}:[0-9a-f]{64}"}$""", Text(Redactions.From(Parse("{}")).Apply(Parse(arguments), Key)));

    [Fact]
    public void Hashes_NameTheirKey()
    {
        var rules = Redactions.From(Parse("""{"properties":{"a":{"x-governance":"hash"}}}"""));
        var other = new byte[32];
        other[0] = 1;
        Assert.StartsWith($$"""{"a":"hmac-sha256:{{Key.Id}}:""", Text(rules.Apply(Parse("""{"a":"x"}"""), Key)), StringComparison.Ordinal);
        Assert.NotEqual(Key.Id, new HashKey(other).Id);
    }

    [Fact]
    public void LongText_IsCut_WithItsLengthAndDigest()
    {
        var text = new string('é', 3000);
        var kept = Redactions.From(Parse("{}")).Apply(Parse($$"""{"a":"{{text}}"}"""), null);
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        Assert.Equal($$"""{"a":"{{text[..256]}}[cut: 3000 characters, sha256:{{digest}}]"}""", Text(kept));
        Assert.Equal(["/a"], kept.Withheld);
        Assert.Equal((false, false), (kept.IsWhole, kept.HidesValues));
        Assert.Contains("hmac-sha256:", Text(Redactions.From(Parse("{}")).Apply(Parse($$"""{"a":"{{text}}"}"""), Key)), StringComparison.Ordinal);
    }

    [Fact]
    public void CutText_ThatHidSomething_HasNoDigestWithoutAKey()
    {
        var kept = Redactions.From(Parse("{}")).Apply(Parse($$"""{"a":"card 4111111111111111 {{new string('x', 3000)}}"}"""), null);
        Assert.StartsWith("""{"a":"card [card] xxx""", Text(kept), StringComparison.Ordinal);
        Assert.EndsWith("""[cut: 3022 characters]"}""", Text(kept), StringComparison.Ordinal);
        Assert.True(kept.HidesValues);
    }

    [Fact]
    public void ManyWithheldPlaces_AreNamedUpToABound()
    {
        var kept = Redactions.From(Parse("""{"properties":{"l":{"items":{"properties":{"s":{"x-governance":"drop"}}}}}}"""))
            .Apply(Parse($$"""{"l":[{{string.Join(',', Enumerable.Repeat("""{"s":1}""", 150))}}]}"""), Key);
        Assert.Equal(101, kept.Withheld.Count);
        Assert.Equal(Redactions.More, kept.Withheld[^1]);
    }

    [Fact]
    public void Shape_TellsOnlyTheTypeOfWhatIsWithheld()
    {
        var kept = Redactions.From(Parse("""{"properties":{"a":{"x-governance":"mask"},"d":{"x-governance":"drop"}}}""")).Apply(Parse("""{"a":"abc","b":"abc","card":"4111111111111111","d":{"e":1}}"""), Key);
        Assert.Equal(
            """{"":{"members":4,"type":"object"},"/a":{"type":"string"},"/b":{"length":3,"type":"string"},"/card":{"type":"string"},"/d":{"cut":true,"type":"object"}}""",
            Encoding.UTF8.GetString(kept.Shape!));
    }

    [Fact]
    public void Shape_FitsIntoARecord()
    {
        var wide = string.Join(',', Enumerable.Range(0, 199).Select(i => $"\"{i:D3}{new string('n', 60)}\":1"));
        var kept = Redactions.From(Parse("{}")).Apply(Parse("{\"o\":{" + wide + "}}"), Key);
        Assert.InRange(kept.Shape!.Length, 1, ArgumentShape.MaxLength);
        Assert.Equal("""{"":{"members":1,"type":"object"},"/o":{"cut":true,"members":199,"type":"object"}}""", Encoding.UTF8.GetString(kept.Shape));
    }

    [Theory]
    [InlineData("""{"properties":{"a":{"x-governance":"keep"}}}""", """{"a":1,"b":2}""", """{"a":1}""")]
    [InlineData("""{"x-governance":"keep"}""", """{"a":1,"token":"t","o":{"iban":"x","s":"fine"}}""", """{"a":1,"o":{"iban":"[masked]","s":"fine"},"token":"[masked]"}""")]
    [InlineData("""{"properties":{"l":{"items":{"properties":{"id":{"x-governance":"keep"}}}},"x":{}}}""", """{"l":[{"id":1,"n":"x"},{"n":"y"}],"x":[]}""", """{"l":[{"id":1},null]}""")]
    [InlineData("""{"properties":{"a":{"x-governance":"drop"}}}""", """{"a":1,"b":2}""", null)]
    [InlineData("""{"properties":{"a":{"x-governance":"mask"}}}""", """{"a":1,"b":2}""", """{"a":"[masked]"}""")]
    public void OfResults_OnlyWhatARuleReaches_IsKept(string schema, string result, string? expected)
    {
        var kept = Redactions.FromOutput(Parse(schema))!.Apply(Parse(result), Key);
        Assert.Equal(expected, kept.Json is null ? null : Text(kept));
    }

    [Fact]
    public void ResultsWithoutARule_AreNotKept() => Assert.Null(Redactions.FromOutput(Parse("""{"properties":{"a":{"type":"string"}}}""")));

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

    private static string Text(SanitisedValue arguments) => Encoding.UTF8.GetString(arguments.Json!);

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
