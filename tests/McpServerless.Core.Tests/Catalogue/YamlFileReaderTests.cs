using System.Text;
using McpServerless.Catalogue.Files;

namespace McpServerless.Core.Tests.Catalogue;

public sealed class YamlFileReaderTests
{
    /// <summary>YAML 1.2.2, section 10.3.2, and what JSON lets a number look like.</summary>
    [Theory]
    [InlineData("yes", "\"yes\"")]
    [InlineData("no", "\"no\"")]
    [InlineData("on", "\"on\"")]
    [InlineData("NO", "\"NO\"")]
    [InlineData("true", "true")]
    [InlineData("True", "true")]
    [InlineData("FALSE", "false")]
    [InlineData("tRue", "\"tRue\"")]
    [InlineData("~", "null")]
    [InlineData("Null", "null")]
    [InlineData("", "null")]
    [InlineData("'true'", "\"true\"")]
    [InlineData("\"12\"", "\"12\"")]
    [InlineData("12", "12")]
    [InlineData("-0", "-0")]
    [InlineData("+12", "12")]
    [InlineData("0012", "12")]
    [InlineData("0o14", "12")]
    [InlineData("0xfF", "255")]
    [InlineData("0xffffffffffffffffffff", "1208925819614629174706175")]
    [InlineData("12345678901234567890123", "12345678901234567890123")]
    [InlineData("1.10", "1.10")]
    [InlineData("1.", "1")]
    [InlineData(".5", "0.5")]
    [InlineData("-.5e+3", "-0.5e+3")]
    [InlineData("1e3", "1e3")]
    [InlineData("1_000", "\"1_000\"")]
    [InlineData("0b11", "\"0b11\"")]
    [InlineData("12:30:45", "\"12:30:45\"")]
    [InlineData("2026-06-01", "\"2026-06-01\"")]
    [InlineData("!!str 12", "\"12\"")]
    [InlineData("! 12", "\"12\"")]
    [InlineData("!!int 12", "12")]
    [InlineData("!!float 12", "12")]
    [InlineData("!!int '12'", "12")]
    [InlineData("|\n  a\n  b\n", "\"a\\nb\\n\"")]
    [InlineData("{a: [1, 'b'], \"c\": }", "{\"a\":[1,\"b\"],\"c\":null}")]
    public void AValue_IsWhatTheCoreSchemaSays(string yaml, string json)
    {
        var findings = new List<CatalogueFinding>();

        var file = YamlFileReader.Read("a.yaml", $"v: {yaml}\n", findings);

        Assert.Empty(findings);
        Assert.Equal(json, file!.Root.GetProperty("v").GetRawText());
    }

    [Theory]
    [InlineData("!!int abc")]
    [InlineData("!!bool yes")]
    [InlineData(".nan")]
    [InlineData("-.Inf")]
    public void AValueThatIsNotWhatItSays_IsAFinding(string yaml) =>
        Assert.Equal(FindingRule.YamlNumber, Assert.Single(Findings($"v: {yaml}\n")).Rule);

    [Fact]
    public void ALongHexadecimalNumber_StaysAText()
    {
        var file = YamlFileReader.Read("a.yaml", "v: 0x" + new string('f', 500_000), []);
        Assert.Equal(System.Text.Json.JsonValueKind.String, file!.Root.GetProperty("v").ValueKind);
    }

    [Fact]
    public void ABillionLaughs_EndsAtItsAnchors()
    {
        var text = new StringBuilder("a0: &a0 [lol, lol]\n");
        for (var i = 1; i < 30; i++) text.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n");

        Assert.All(Findings(text.ToString()), f => Assert.Equal(FindingRule.YamlAlias, f.Rule));
    }

    [Theory]
    [InlineData("a:\n  b:\n    - x\n    - c d: 1\n", "/a/b/1/c d", 4, 7)]
    [InlineData("# comment\n\n\"a/b\": {c~d: 1}\n", "/a~1b/c~0d", 3, 9)]
    [InlineData("é: {ü: 1}\n", "/é/ü", 1, 5)]
    public void APlace_IsLineAndColumnOfTheKey(string yaml, string pointer, int line, int column) =>
        Assert.Equal(new TextPlace(line, column), YamlFileReader.Read("a.yaml", yaml, [])!.PlaceOf(pointer));

    [Theory]
    [InlineData("{\n  \"a\": [1,\n    {\"b\": 2}]\n}", "/a/1/b", 3, 6)]
    [InlineData("{\"é\": {\"ü\": 1}}", "/é/ü", 1, 8)]
    [InlineData("{\"a/b\": 1}", "/a~1b", 1, 2)]
    public void APlaceInJson_IsLineAndColumnOfTheKey(string json, string pointer, int line, int column) =>
        Assert.Equal(new TextPlace(line, column), JsonFileReader.Read("a.json", Encoding.UTF8.GetBytes(json), [])!.PlaceOf(pointer));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("{\"a\": 1,}")]
    [InlineData("{\"a\": 1} x")]
    [InlineData("// comment\n{}")]
    [InlineData("{'a': 1}")]
    [InlineData("{\"a\": NaN}")]
    [InlineData("{\"a\": 01}")]
    [InlineData("[")]
    public void WhatIsNotJson_IsOneFinding(string json)
    {
        var findings = new List<CatalogueFinding>();

        Assert.Null(JsonFileReader.Read("a.json", Encoding.UTF8.GetBytes(json), findings));
        Assert.Equal(FindingRule.Syntax, Assert.Single(findings).Rule);
    }

    private static List<CatalogueFinding> Findings(string yaml)
    {
        var findings = new List<CatalogueFinding>();
        Assert.Null(YamlFileReader.Read("a.yaml", yaml, findings));
        return findings;
    }
}
