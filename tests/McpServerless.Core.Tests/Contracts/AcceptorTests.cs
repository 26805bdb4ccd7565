using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using McpServerless.Contracts;

namespace McpServerless.Core.Tests.Contracts;

public class AcceptorTests
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
    [InlineData("""{"oneOf":[{"type":"string"}]}""", "\"a\"")]
    [InlineData("""{"properties":{"a":{"uniqueItems":true}}}""", """{"a":[1]}""")]
    [InlineData("""{"type":"integer"}""", "1.0")]
    [InlineData("""{"$ref":"https://example.org/x"}""", "1")]
    [InlineData("""{"properties":{"a":{"$id":"other","$ref":"#/$defs/x"}}}""", """{"a":1}""")]
    public void WhatIsNotUnderstood_IsNotAccepted_AndLeftToTheLibrary(string schema, string value) => Assert.False(Acceptor.Compile(Parse(schema)).Accepts(Parse(value)));

    [Fact]
    public void NothingThatTheLibraryRefuses_IsAccepted_AndMostOfWhatItAcceptsIs()
    {
        var random = new Random(20261121);
        var (valid, accepted) = (0, 0);
        for (var i = 0; i < 4_000; i++)
        {
            var schemaText = Schema(random, 3).ToJsonString();
            var schema = JsonSchema.FromText(schemaText, new BuildOptions { Dialect = Dialect.Draft202012, SchemaRegistry = new SchemaRegistry() });
            var acceptor = Acceptor.Compile(Parse(schemaText));
            for (var j = 0; j < 10; j++)
            {
                var value = Parse((j % 2 == 0 ? Like(random, JsonNode.Parse(schemaText)!, 4) : Value(random, 3))?.ToJsonString() ?? "null");
                var isValid = schema.Evaluate(value).IsValid;
                var isAccepted = acceptor.Accepts(value);
                Assert.False(isAccepted && !isValid, $"seed 20261121, {i}/{j}: {schemaText} accepts {value.GetRawText()}");
                if (isValid) valid++;
                if (isAccepted) accepted++;
            }
        }

        Assert.True(valid > 5_000, $"only {valid} valid pairs were made");
        Assert.True(accepted >= valid * 0.8, $"{accepted} of {valid} valid values were accepted");
    }

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;

    private static JsonObject Schema(Random random, int depth)
    {
        var schema = new JsonObject();
        if (random.Next(3) > 0) schema["type"] = random.Next(5) == 0 ? new JsonArray(Type(random), Type(random) + "") : Type(random);
        if (schema["type"] is JsonArray types && types[0]!.ToString() == types[1]!.ToString()) schema["type"] = types[0]!.ToString();
        for (var i = random.Next(3); i > 0; i--)
        {
            switch (random.Next(depth > 0 ? 18 : 11))
            {
                case 0: schema["minLength"] = random.Next(3); break;
                case 1: schema["maxLength"] = random.Next(4); break;
                case 2: schema["minimum"] = random.Next(-2, 3); break;
                case 3: schema["maximum"] = random.Next(-1, 5) + 0.5; break;
                case 4: schema["exclusiveMinimum"] = random.Next(-2, 2); break;
                case 5: schema["enum"] = new JsonArray(Value(random, 1), Value(random, 1)); break;
                case 6: schema["const"] = Value(random, 1); break;
                case 7: schema["minItems"] = random.Next(3); break;
                case 8: schema["maxProperties"] = random.Next(3); break;
                case 9: schema["required"] = new JsonArray("a"); break;
                case 10: schema["x-other"] = random.Next(); break;
                case 11 or 12: schema["properties"] = new JsonObject { ["a"] = Schema(random, depth - 1), ["b"] = Schema(random, depth - 1) }; break;
                case 13: schema["additionalProperties"] = random.Next(2) == 0 ? false : Schema(random, depth - 1); break;
                case 14: schema["items"] = Schema(random, depth - 1); break;
                case 15: schema["anyOf"] = new JsonArray(Schema(random, depth - 1), Schema(random, depth - 1)); break;
                case 16: schema["allOf"] = new JsonArray(Schema(random, depth - 1)); break;
                case 17: schema[random.Next(2) == 0 ? "not" : "oneOf"] = new JsonArray(Schema(random, depth - 1)); break;
            }
        }

        if (schema["not"] is JsonArray negated)
        {
            var inner = negated[0]!.DeepClone();
            schema["not"] = inner;
        }

        return schema;
    }

    private static string Type(Random random) => new[] { "string", "integer", "number", "object", "array", "boolean", "null" }[random.Next(7)];

    /// <summary>A value that looks like what the schema asks for.</summary>
    private static JsonNode? Like(Random random, JsonNode schema, int depth)
    {
        if (schema is not JsonObject rules || depth == 0) return Value(random, 1);
        if (rules["const"] is { } only) return only.DeepClone();
        if (rules["enum"] is JsonArray members && members.Count > 0) return members[random.Next(members.Count)]?.DeepClone();
        var type = rules["type"] is JsonArray types ? types[0]!.ToString() : rules["type"]?.ToString();
        switch (type)
        {
            case "object" or null when rules["properties"] is JsonObject properties:
                var result = new JsonObject();
                foreach (var (name, value) in properties)
                {
                    if (random.Next(4) > 0) result[name] = Like(random, value!, depth - 1);
                }

                return result;
            case "array":
                return new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => Like(random, rules["items"] ?? new JsonObject(), depth - 1))]);
            case "string": return new string('x', random.Next(4));
            case "integer": return random.Next(-2, 5);
            case "number": return random.Next(-2, 5) + 0.5;
            case "object": return random.Next(2) == 0 ? new JsonObject() : new JsonObject { ["a"] = random.Next(3) };
            case "boolean": return random.Next(2) == 0;
            case "null": return null;
            default: return Value(random, 2);
        }
    }

    private static JsonNode? Value(Random random, int depth) => random.Next(depth > 0 ? 8 : 6) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => random.Next(-3, 6),
        3 => random.Next(-3, 6) + 0.5,
        4 => new[] { "", "a", "xyz", "é😀" }[random.Next(4)],
        5 => JsonNode.Parse(new[] { "1.0", "1e2", "123456789012345678901234567890", "-0" }[random.Next(4)]),
        6 => new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => Value(random, depth - 1))]),
        _ => new JsonObject([.. new[] { "a", "b", "c" }.Where(_ => random.Next(2) == 0).Select(n => KeyValuePair.Create(n, Value(random, depth - 1)))]),
    };
}
