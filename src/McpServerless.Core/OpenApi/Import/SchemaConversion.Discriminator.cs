using System.Text.Json.Nodes;

namespace McpServerless.OpenApi.Import;

/// <content>JSON Schema has no discriminator: what it says is said by each alternative, which then holds alone.</content>
internal sealed partial class SchemaConversion
{
    private void Discriminate(JsonObject result, JsonObject discriminator, JsonObject schema, string pointer)
    {
        var keyword = schema["oneOf"] is JsonArray ? "oneOf" : "anyOf";
        if (Text(discriminator, "propertyName") is not { } property || schema[keyword] is not JsonArray alternatives
            || !alternatives.All(a => a is JsonObject branch && Text(branch, "$ref") is not null) || result[keyword] is not JsonArray converted)
        {
            // On a base that others extend by allOf it says which of them a value is; the base itself holds for all of them.
            Report(ImportRule.DiscriminatorNotMapped, pointer + "/discriminator", "stands where no list of named alternatives is");
            return;
        }

        var mapping = discriminator["mapping"] as JsonObject ?? [];
        for (var i = 0; i < alternatives.Count; i++)
        {
            var reference = Text((JsonObject)alternatives[i]!, "$ref")!; // every alternative is a reference, as was just seen
            var explicitNames = mapping.Where(m => Refers(m.Value?.ToString(), reference)).Select(m => m.Key).ToList();
            var names = explicitNames.Count > 0 ? explicitNames : ImplicitNames(reference, property);
            if (names.Count == 0) continue;
            var plain = converted[i]!.DeepClone();
            converted[i] = new JsonObject
            {
                ["allOf"] = new JsonArray(plain, new JsonObject
                {
                    ["properties"] = new JsonObject { [property] = new JsonObject { ["enum"] = new JsonArray([.. names.Select(n => (JsonNode)n)]) } },
                    ["required"] = new JsonArray(property),
                }),
            };
        }
    }

    /// <summary>Without a mapping the name is the schema's own (OpenAPI 3.1.1, section 4.8.25), unless the schema itself names others.</summary>
    private List<string> ImplicitNames(string reference, string property)
    {
        var target = source.Follow(new JsonObject { ["$ref"] = reference }) as JsonObject;
        var own = target?["properties"]?[property] as JsonObject;
        return own is null || own.ContainsKey("enum") || own.ContainsKey("const") || own.ContainsKey("$ref") ? [] : [reference[(reference.LastIndexOf('/') + 1)..]];
    }

    private static bool Refers(string? mapped, string reference) =>
        mapped is not null && (mapped == reference || $"#/components/schemas/{mapped}" == reference);
}
