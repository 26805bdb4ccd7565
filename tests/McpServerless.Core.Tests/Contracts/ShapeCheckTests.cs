using System.Text.Json;
using McpServerless.Audit.Shapes;
using McpServerless.Contracts;
using McpServerless.Contracts.Impact;
using Xunit.Abstractions;

namespace McpServerless.Core.Tests.Contracts;

public class ShapeCheckTests(ITestOutputHelper output)
{
    private const string Value = """{"id":"abc","count":3,"tags":["x","yy"],"lines":[{"sku":"a"},{"sku":"b","note":null}]}""";

    [Theory]
    [InlineData("{}", ShapeVerdict.Valid)]
    [InlineData("""{"type":"object","required":["id"],"properties":{"id":{"type":"string","maxLength":3}}}""", ShapeVerdict.Valid)]
    [InlineData("""{"properties":{"id":{"type":"string","maxLength":2}}}""", ShapeVerdict.Invalid)]
    [InlineData("""{"properties":{"id":{"type":"integer"}}}""", ShapeVerdict.Invalid)]
    [InlineData("""{"properties":{"id":{"pattern":"^a"}}}""", ShapeVerdict.Unknown)]
    [InlineData("""{"properties":{"id":{"enum":["abc"]}}}""", ShapeVerdict.Unknown)]
    [InlineData("""{"required":["id","customer"]}""", ShapeVerdict.Invalid)]
    [InlineData("""{"properties":{"id":{},"count":{},"tags":{}},"additionalProperties":false}""", ShapeVerdict.Invalid)]
    [InlineData("""{"properties":{"count":{"type":"number","minimum":1}}}""", ShapeVerdict.Valid)]
    [InlineData("""{"properties":{"count":{"minimum":100}}}""", ShapeVerdict.Invalid)]
    [InlineData("""{"properties":{"count":{"minimum":3}}}""", ShapeVerdict.Unknown)]
    [InlineData("""{"properties":{"count":{"exclusiveMaximum":5}}}""", ShapeVerdict.Unknown)]
    [InlineData("""{"properties":{"tags":{"maxItems":1}}}""", ShapeVerdict.Invalid)]
    [InlineData("""{"properties":{"tags":{"items":{"type":"string","maxLength":2}}}}""", ShapeVerdict.Valid)]
    [InlineData("""{"properties":{"lines":{"items":{"required":["sku"]}}}}""", ShapeVerdict.Valid)]
    [InlineData("""{"properties":{"lines":{"items":{"required":["note"]}}}}""", ShapeVerdict.Invalid)]
    [InlineData("""{"$ref":"#/$defs/order","$defs":{"order":{"properties":{"id":{"type":"integer"}}}}}""", ShapeVerdict.Invalid)]
    [InlineData("""{"anyOf":[{"required":["customer"]},{"required":["id"]}]}""", ShapeVerdict.Valid)]
    [InlineData("""{"oneOf":[{"required":["customer"]},{"required":["order"]}]}""", ShapeVerdict.Invalid)]
    [InlineData("""{"not":{"required":["id"]}}""", ShapeVerdict.Unknown)]
    public void Shape_IsJudgedAsFarAsItTells(string schema, ShapeVerdict verdict) =>
        Assert.Equal(verdict, ShapeCheck.Of(JsonElement.Parse(schema), ArgumentShape.Of(JsonElement.Parse(Value))));

    /// <summary>What was withheld or cut is not taken for missing.</summary>
    [Fact]
    public void WhatIsNotInTheShape_IsNotKnown()
    {
        var cut = ArgumentShape.Read(JsonElement.Parse("""{"":{"type":"object","cut":true},"/id":{"type":"string"}}"""))!;
        Assert.Equal(ShapeVerdict.Unknown, ShapeCheck.Of(JsonElement.Parse("""{"required":["customer"]}"""), cut));
        Assert.Equal(ShapeVerdict.Unknown, ShapeCheck.Of(JsonElement.Parse("""{"properties":{"id":{"maxLength":3}}}"""), cut));
        Assert.Equal(ShapeVerdict.Invalid, ShapeCheck.Of(JsonElement.Parse("""{"properties":{"id":{"type":"integer"}}}"""), cut));
    }

    [Fact]
    public void OfTwentyThousandGeneratedPairs_NoVerdictIsAnotherThanTheValuesOwn()
    {
        const int seed = 71;
        var random = new Random(seed);
        var (schemas, instances) = (new SchemaGenerator(random), new InstanceGenerator(random));
        var counts = new Dictionary<ShapeVerdict, int>();
        for (var pairs = 0; pairs < 20_000;)
        {
            var node = schemas.Root(3);
            var element = JsonElement.Parse(node.ToJsonString());
            if (SchemaAdmission.Check(element).Count > 0) continue;
            var schema = ValueSchema.Build(element);
            for (var j = 0; j < 10; j++, pairs++)
            {
                var made = instances.For(node);
                var value = JsonElement.Parse((j % 2 == 0 ? made : instances.Spoilt(made))?.ToJsonString() ?? "null");
                // Beyond the library's numbers, values are refused whatever their schema says.
                if (value.GetRawText().Contains("123456789012345678901234567890", StringComparison.Ordinal)) continue;
                var verdict = ShapeCheck.Of(element, ArgumentShape.Of(value));
                counts[verdict] = counts.GetValueOrDefault(verdict) + 1;
                if (verdict == ShapeVerdict.Unknown) continue;
                Assert.True((verdict == ShapeVerdict.Valid) == (schema.Check(value).Count == 0), $"seed {seed}, pair {pairs}: {verdict} for {value.GetRawText()} under {element.GetRawText()}");
            }
        }

        output.WriteLine(string.Join(", ", counts.Select(c => $"{c.Key} {c.Value}")));
        Assert.True(counts[ShapeVerdict.Valid] > 1_000 && counts[ShapeVerdict.Invalid] > 1_000, "too few verdicts to test anything");
    }
}
