using System.Text.Json;
using Json.Schema;
using McpServerless.Contracts;
using Xunit.Abstractions;

namespace McpServerless.Core.Tests.Contracts;

public class AcceptorTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("{}", "1")]
    [InlineData("true", "[]")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","maxLength":3},"b":{"type":"integer","minimum":1}},"required":["a"],"additionalProperties":false}""", """{"a":"xyz","b":1}""")]
    [InlineData("""{"type":["string","null"]}""", "null")]
    [InlineData("""{"type":["number","integer"]}""", "1.5")]
    [InlineData("""{"enum":["a",1,{"x":[1]}]}""", """{"x":[1.0]}""")]
    [InlineData("""{"const":7}""", "7")]
    [InlineData("""{"items":{"type":"integer"},"minItems":1,"maxItems":3}""", "[1,2,3]")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"integer"}]}""", "5")]
    [InlineData("""{"allOf":[{"minimum":1},{"exclusiveMaximum":3}]}""", "2.5")]
    [InlineData("""{"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node"}},"additionalProperties":false}}}""", """{"next":{"next":{}}}""")]
    [InlineData("""{"maxLength":2}""", "\"\\ud83d\\ude00\\ud83d\\ude00\"")]
    [InlineData("""{"description":"d","title":"t","default":1,"examples":[1],"x-anything":{"not":true}}""", "1")]
    public void ValidValueOfAnOrdinarySchema_IsAccepted(string schema, string value) => Assert.True(Acceptor.Compile(Parse(schema)).Accepts(Parse(value)));

    [Theory]
    [InlineData("""{"pattern":"^a"}""", "\"a\"")]
    [InlineData("""{"format":"email"}""", "\"a@example.org\"")]
    [InlineData("""{"not":{"type":"string"}}""", "1")]
    [InlineData("""{"oneOf":[{"type":"string"},{"type":"integer"}]}""", "\"a\"")]
    [InlineData("""{"properties":{"a":{"uniqueItems":true}}}""", """{"a":[1,"1"]}""")]
    [InlineData("""{"type":"integer"}""", "1.0")]
    [InlineData("""{"multipleOf":0.5}""", "2.5")]
    [InlineData("""{"prefixItems":[{"type":"string"}],"items":{"type":"integer"}}""", """["a",1,2]""")]
    [InlineData("""{"contains":{"const":1},"minContains":2,"maxContains":2}""", "[1,2,1]")]
    [InlineData("""{"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}}""", """{"a":1,"b":1}""")]
    [InlineData("""{"patternProperties":{"^x":{"type":"integer"}},"additionalProperties":false}""", """{"x1":1}""")]
    [InlineData("""{"propertyNames":{"maxLength":2},"dependentRequired":{"a":["b"]},"dependentSchemas":{"a":{"minProperties":2}}}""", """{"a":1,"b":2}""")]
    [InlineData("""{"allOf":[{"properties":{"a":{}}}],"properties":{"b":{}},"unevaluatedProperties":false}""", """{"a":1,"b":2}""")]
    [InlineData("""{"prefixItems":[{}],"unevaluatedItems":false}""", "[1]")]
    public void ValidValueOfEveryKeyword_IsAccepted(string schema, string value) => Assert.True(Acceptor.Compile(Parse(schema)).Accepts(Parse(value)));

    [Theory]
    [InlineData("""{"$ref":"https://example.org/x"}""", "1")]
    [InlineData("""{"properties":{"a":{"$id":"other","$ref":"#/$defs/x"}}}""", """{"a":1}""")]
    [InlineData("""{"$dynamicRef":"#a"}""", "1")]
    [InlineData("""{"format":"something-of-ours"}""", "\"a\"")]
    [InlineData("""{"pattern":"^.$"}""", "\"é\"")]
    [InlineData("""{"minimum":1}""", "123456789012345678901234567890")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","items":[{"type":"string"}]}""", "[\"a\"]")]
    public void WhatIsNotUnderstood_IsNotAccepted_AndLeftToTheLibrary(string schema, string value) => Assert.False(Acceptor.Compile(Parse(schema)).Accepts(Parse(value)));

    /// <summary>Draft-07 does not look at what stands beside a reference, nor at keywords that it does not have.</summary>
    [Theory]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","not":{"$ref":"#/definitions/s","minLength":9},"definitions":{"s":{"type":"string"}}}""", "\"a\"")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#","not":{"dependentRequired":{"a":["b"]}}}""", """{"a":1}""")]
    public void OlderDialect_IsNotReadAsTheNewerOne(string schema, string value)
    {
        Assert.False(Acceptor.Compile(Parse(schema)).Accepts(Parse(value)));
        Assert.NotEmpty(ValueSchema.Build(Parse(schema)).Check(Parse(value)));
    }

    [Fact]
    public void OfAHundredThousandPairs_NothingThatTheLibraryRefusesIsAccepted_AndOfTheValidOnesNineteenInTwenty()
    {
        const int seed = 20261121;
        var random = new Random(seed);
        var (schemas, instances) = (new SchemaGenerator(random), new InstanceGenerator(random));
        var (pairs, valid, accepted, invalid, beyond) = (0, 0, 0, 0, 0);
        var options = new EvaluationOptions { RequireFormatValidation = true };
        while (pairs < 100_000)
        {
            var node = schemas.Root(3);
            var element = Parse(node.ToJsonString());
            if (SchemaAdmission.Check(element).Count > 0) continue;
            var schema = JsonSchema.Build(element, new BuildOptions { Dialect = Dialect.Draft202012, SchemaRegistry = new SchemaRegistry() });
            var acceptor = Acceptor.Compile(element);
            for (var j = 0; j < 20; j++, pairs++)
            {
                var made = j % 5 == 4 ? schemas.Value(2) : instances.For(node);
                var value = Parse((j % 5 == 3 ? instances.Spoilt(made) : made)?.ToJsonString() ?? "null");
                var isAccepted = acceptor.Accepts(value);
                bool isValid;
                try
                {
                    isValid = schema.Evaluate(value, options).IsValid;
                }
                catch (Exception e) when (e is FormatException or OverflowException or InvalidOperationException)
                {
                    isValid = false;
                    beyond++;
                }

                Assert.False(isAccepted && !isValid, $"seed {seed}, pair {pairs}: {element.GetRawText()} accepts {value.GetRawText()}");
                Assert.False(isValid && acceptor.Judge(value) == Acceptor.Verdict.Invalid, $"seed {seed}, pair {pairs}: {element.GetRawText()} refuses {value.GetRawText()}");
                if (isValid) valid++;
                else invalid++;
                if (isAccepted) accepted++;
            }
        }

        output.WriteLine($"{pairs} pairs, {valid} valid, {invalid} invalid ({beyond} beyond the library's numbers); {accepted} accepted without the library, {100.0 * accepted / valid:0.00} % of the valid ones");
        Assert.True(valid > 30_000 && invalid > 30_000, $"{valid} valid and {invalid} invalid pairs do not test much");
        Assert.True(accepted >= valid * 0.95, $"{accepted} of {valid} valid values were accepted");
    }

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
