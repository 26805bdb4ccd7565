using System.Text;
using System.Text.Json;
using McpServerless.OpenApi.Import;

namespace McpServerless.Core.Tests.OpenApi;

public sealed class SchemaConversionTests
{
    /// <summary>What stands in a 3.0 document, and what becomes of it for an argument and for a result.</summary>
    [Theory]
    [InlineData("{type: string, nullable: true}", """{"type":["string","null"]}""", """{"type":["string","null"]}""")]
    [InlineData("{type: string, nullable: true, enum: [a]}", """{"type":["string","null"],"enum":["a"]}""", """{"type":["string","null"],"enum":["a",null]}""")]
    [InlineData("{nullable: true, allOf: [{type: string}]}", """{"allOf":[{"type":"string"}]}""", """{"anyOf":[{"allOf":[{"type":"string"}]},{"type":"null"}]}""")]
    [InlineData("{type: integer, minimum: 0, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false}", """{"type":"integer","exclusiveMinimum":0,"maximum":9}""", """{"type":"integer","exclusiveMinimum":0,"maximum":9}""")]
    [InlineData("{type: string, example: x, xml: {name: y}, x-note: z}", """{"type":"string","examples":["x"]}""", """{"type":"string"}""")]
    [InlineData("{type: string, format: byte}", """{"type":"string","contentEncoding":"base64"}""", """{"type":"string","contentEncoding":"base64"}""")]
    [InlineData("{oneOf: [{type: string}, {type: integer}]}", """{"oneOf":[{"type":"string"},{"type":"integer"}]}""", """{"anyOf":[{"type":"string"},{"type":"integer"}]}""")]
    [InlineData("{type: object, required: [a, b], properties: {a: {type: string, readOnly: true}, b: {type: string, writeOnly: true}}}", """{"type":"object","required":["b"],"properties":{"b":{"type":"string"}}}""", """{"type":"object","required":["a"],"properties":{"a":{"type":"string"}}}""")]
    [InlineData("{type: object, additionalProperties: false}", """{"type":"object","additionalProperties":false}""", """{"type":"object","additionalProperties":false}""")]
    public void FormsOfOpenApi30_BecomeJsonSchema(string schema, string argument, string result)
    {
        var (input, output) = Convert("3.0.3", schema, "");
        Assert.Equal(argument, input.GetProperty("properties").GetProperty("body").GetRawText());
        Assert.Equal(result, output.GetRawText());
    }

    [Theory]
    [InlineData("{const: 5}", """{"const":5}""")]
    [InlineData("{type: array, prefixItems: [{type: string}, true], items: false}", """{"type":"array","prefixItems":[{"type":"string"},{}],"items":false}""")]
    [InlineData("{type: object, properties: {a: true, b: false}}", """{"type":"object","properties":{"a":{},"b":{"not":{}}}}""")]
    [InlineData("{type: [string, 'null'], examples: [a]}", """{"type":["string","null"],"examples":["a"]}""")]
    [InlineData("{if: {properties: {a: {const: 1}}}, then: {required: [b]}}", """{"if":{"properties":{"a":{"const":1}}},"then":{"required":["b"]}}""")]
    public void FormsOfOpenApi31_AreKept(string schema, string argument) =>
        Assert.Equal(argument, Convert("3.1.0", schema, "").Input.GetProperty("properties").GetProperty("body").GetRawText());

    [Fact]
    public void RecursiveSchemas_ComeAlong()
    {
        var (input, output) = Convert("3.0.3", "{$ref: '#/components/schemas/Node'}", "Node: {type: object, properties: {next: {$ref: '#/components/schemas/Node'}}}");
        Assert.Equal("""{"$ref":"#/$defs/Node"}""", input.GetProperty("properties").GetProperty("body").GetRawText());
        Assert.Equal("""{"Node":{"type":"object","properties":{"next":{"$ref":"#/$defs/Node"}}}}""", input.GetProperty("$defs").GetRawText());
        Assert.Equal("object", output.GetProperty("type").GetString());
    }

    [Fact]
    public void ADiscriminator_IsSaidByEachAlternative()
    {
        const string Schemas = "Cat: {type: object, properties: {kind: {type: string}}}, Dog: {type: object, properties: {kind: {type: string}}}";
        var (input, _) = Convert("3.0.3", "{oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}], discriminator: {propertyName: kind, mapping: {meow: '#/components/schemas/Cat', purr: Cat}}}", Schemas);
        var schema = McpServerless.Contracts.ValueSchema.Build(input);
        Assert.Empty(schema.Check(Parse("""{"body":{"kind":"meow"}}""")));
        Assert.Empty(schema.Check(Parse("""{"body":{"kind":"purr"}}""")));
        Assert.Empty(schema.Check(Parse("""{"body":{"kind":"Dog"}}""")));
        Assert.NotEmpty(schema.Check(Parse("""{"body":{"kind":"Cat"}}""")));
        Assert.NotEmpty(schema.Check(Parse("""{"body":{}}""")));
    }

    [Fact]
    public void ParametersOfOneName_AreToldApartByTheirPlace()
    {
        var document = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {'/a/{id}': {get: {parameters: [{name: id, in: query, schema: {type: string}}, {name: id, in: path, required: true, schema: {type: string}}, {name: 'filter[x]', in: query, schema: {type: string}}, {name: $top, in: query, schema: {type: integer}}], responses: {'200': {description: d}}}}}";
        var tool = Assert.Single(OpenApiImport.Read(Encoding.UTF8.GetBytes(document), new ImportSelection()).Tools);
        Assert.Equal("get_a_id", tool.Name);
        Assert.Equal(["id", "id_query", "filter_x", "top"], tool.Http.GetProperty("parameters").EnumerateArray().Select(p => p.GetProperty("argument").GetString()));
        Assert.Equal(["id", "id", "filter[x]", "$top"], tool.Http.GetProperty("parameters").EnumerateArray().Select(p => p.GetProperty("name").GetString()));
    }

    private static (JsonElement Input, JsonElement Output) Convert(string version, string schema, string schemas)
    {
        var document = $$$"""
            openapi: {{{version}}}
            info: {title: t, version: '1'}
            paths:
              /a:
                post:
                  requestBody: {content: {application/json: {schema: {{{schema}}} } } }
                  responses: {'200': {description: d, content: {application/json: {schema: {{{schema}}} } } } }
            components:
              schemas: { {{{schemas}}} }
            """;
        var api = OpenApiImport.Read(Encoding.UTF8.GetBytes(document), new ImportSelection());
        var tool = Assert.Single(api.Tools);
        return (tool.Definition.GetProperty("inputSchema"), tool.Definition.GetProperty("outputSchema"));
    }

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
