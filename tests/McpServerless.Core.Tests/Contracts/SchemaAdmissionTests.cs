using System.Text.Json;
using McpServerless.Contracts;

namespace McpServerless.Core.Tests.Contracts;

public class SchemaAdmissionTests
{
    [Theory]
    [InlineData("""{"type":"object"}""")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#/$defs/node"}},"$defs":{"node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node"}}}}}""")]
    [InlineData("""{"type":"object","$schema":"https://json-schema.org/draft/2020-12/schema","properties":{"p":{"pattern":"^[a-z]+$"}}}""")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#there"}},"$defs":{"x":{"$anchor":"there","type":"string"}}}""")]
    [InlineData("""{"type":"object","properties":{"$ref":{"type":"string"},"pattern":{"type":"string"},"enum":{"type":"integer"}}}""")]
    [InlineData("""{"type":"object","properties":{"child":{"$ref":"#"},"list":{"items":{"anyOf":[{"$ref":"#"},{"type":"null"}]}}}}""")]
    [InlineData("""{"type":"object","$schema":"http://json-schema.org/draft-07/schema#"}""")]
    public void OrdinarySchemas_AreAdmitted(string schema) => Assert.Empty(Check(schema));

    [Theory]
    [InlineData("""{"$ref":"https://example.com/schema"}""", "/$ref")]
    [InlineData("""{"properties":{"a":{"$ref":"other.json#/x"}}}""", "/properties/a/$ref")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-04/schema#"}""", "/$schema")]
    [InlineData("""{"properties":{"a":{"pattern":"(?<=x)y"}}}""", "/properties/a/pattern")]
    [InlineData("""{"properties":{"a":{"pattern":"(a)\\1"}}}""", "/properties/a/pattern")]
    [InlineData("""{"properties":{"a":{"pattern":"["}}}""", "/properties/a/pattern")]
    [InlineData("""{"patternProperties":{"(?=a)b":{}}}""", "/patternProperties/(?=a)b")]
    [InlineData("""{"multipleOf":1e-99999999}""", "/multipleOf")]
    [InlineData("""{"$ref":"#/$defs/missing"}""", "")]
    public void WhatCannotBeBoundedOrFollowed_IsNamed(string schema, string pointer) =>
        Assert.Contains(Check(schema), finding => finding.Pointer == pointer);

    [Fact]
    public void LongChainOfReferences_IsRefused()
    {
        var defs = string.Join(',', Enumerable.Range(0, 1500).Select(i => $"\"d{i}\":{{\"$ref\":\"#/$defs/d{i + 1}\"}}"));
        Assert.NotEmpty(Check("{\"$ref\":\"#/$defs/d0\",\"$defs\":{" + defs + ",\"d1500\":{\"type\":\"string\"}}}"));
    }

    [Theory]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"allOf":[{"$ref":"#"}]}""")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"anyOf":[{"$ref":"#/$defs/b"}]},"b":{"not":{"$ref":"#/$defs/a"}}}}""")]
    [InlineData("""{"properties":{"x":{"$ref":"#/$defs/a"}},"$defs":{"a":{"allOf":[{"$ref":"#/$defs/a"}]}}}""")]
    [InlineData("""{"$ref":"#there","$defs":{"a":{"$anchor":"there","if":{"$ref":"#/$defs/a"}}}}""")]
    public void ReferenceToItself_WithoutAStepIntoTheValue_IsRefused(string schema) => Assert.NotEmpty(Check(schema));

    [Fact]
    public void DoublingComposition_IsRefused()
    {
        var defs = string.Join(',', Enumerable.Range(0, 24).Select(i => $"\"d{i}\":{{\"allOf\":[{{\"$ref\":\"#/$defs/d{i + 1}\"}},{{\"$ref\":\"#/$defs/d{i + 1}\"}}]}}"));
        Assert.NotEmpty(Check("{\"$ref\":\"#/$defs/d0\",\"$defs\":{" + defs + ",\"d24\":{\"type\":\"string\"}}}"));
    }

    [Fact]
    public void DeepNesting_IsRefused()
    {
        var schema = string.Concat(Enumerable.Repeat("{\"not\":", 40)) + "{}" + new string('}', 40);
        Assert.NotEmpty(Check(schema));
    }

    [Fact]
    public void LargeSchema_IsRefused() => Assert.NotEmpty(Check($$"""{"description":"{{new string('x', SchemaAdmission.MaxBytes)}}"}"""));

    private static IReadOnlyList<SchemaFinding> Check(string schema) => SchemaAdmission.Check(JsonDocument.Parse(schema).RootElement);
}
