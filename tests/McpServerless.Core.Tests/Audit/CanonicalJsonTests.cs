using System.Globalization;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using McpServerless.Audit;

namespace McpServerless.Core.Tests.Audit;

public class CanonicalJsonTests
{
    [Theory]
    // RFC 8785, section 3.2.3 and appendix B.
    [InlineData("""{"peach":1,"péché":2,"pêche":3,"sin":4}""", """{"peach":1,"péché":2,"pêche":3,"sin":4}""")]
    [InlineData("""{"\u20ac":"Euro","\r":"CR","\ufb33":"Dalet","1":"One","\ud83d\ude00":"Smiley","\u0080":"Ctl","\u00f6":"o"}""",
        "{\"\\r\":\"CR\",\"1\":\"One\",\"\u0080\":\"Ctl\",\"ö\":\"o\",\"€\":\"Euro\",\"😀\":\"Smiley\",\"\ufb33\":\"Dalet\"}")]
    [InlineData("[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001]", "[333333333.3333333,1e+30,4.5,0.002,1e-27]")]
    [InlineData("[0, -0, 0.0, -0.0, 1.0, 100, 1e2, 1e21, 123456789012345680000]", "[0,0,0,0,1,100,100,1e+21,123456789012345680000]")]
    [InlineData("[5e-324, 1.7976931348623157e308, 1e-7, 0.000001, 9007199254740992]", "[5e-324,1.7976931348623157e+308,1e-7,0.000001,9007199254740992]")]
    [InlineData("""["\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"]""", "[\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"]")]
    [InlineData("""{ "b" : [ ] , "a" : { } , "c" : null, "d": true, "e": false }""", """{"a":{},"b":[],"c":null,"d":true,"e":false}""")]
    public void Values_HaveOneSpelling(string json, string expected) => Assert.Equal(expected, Write(json));

    [Theory]
    [InlineData("1e400")]
    [InlineData("123456789012345678901234567891")]
    [InlineData("0.1234567890123456789012345678")]
    public void NumbersBeyondBinary64_KeepTheirText(string json) => Assert.Equal(json, Write(json));

    [Fact]
    public void DifferentLargeIntegers_HaveDifferentDigests() =>
        Assert.NotEqual(CanonicalJson.Hash(Parse("9007199254740993")), CanonicalJson.Hash(Parse("9007199254740992")));

    [Fact]
    public void AnyFiniteNumber_ReadsBackAsItself() =>
        Prop.ForAll(ArbMap.Default.GeneratorFor<double>().Where(double.IsFinite).ToArbitrary(), number =>
            double.Parse(Write(number.ToString("R", CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture) == number)
            .QuickCheckThrowOnFailure();

    [Fact]
    public void WritingTwice_ChangesNothing() =>
        Prop.ForAll(ArbMap.Default.GeneratorFor<string[]>().Where(a => a.All(s => s is not null && IsText(s))).ToArbitrary(), texts =>
        {
            var once = Write(JsonSerializer.Serialize(texts));
            return Write(once) == once;
        }).QuickCheckThrowOnFailure();

    private static bool IsText(string text) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text)) == text;

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;

    private static string Write(string json) => CanonicalJson.Write(Parse(json));
}
