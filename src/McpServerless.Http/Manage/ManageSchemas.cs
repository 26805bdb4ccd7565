using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace McpServerless.Http.Manage;

/// <summary>JSON Schemas (2020-12) of what the management API reads and answers, made from the types by which it does so.</summary>
internal static class ManageSchemas
{
    private static readonly JsonSchemaExporterOptions Options = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Refine };

    /// <summary>The schema of a type as its generated code writes it.</summary>
    public static JsonObject Of(JsonTypeInfo type) => Inlined(type.GetJsonSchemaAsNode(Options).AsObject());

    /// <summary>A page of a list.</summary>
    public static JsonObject PageOf(JsonNode item) => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["required"] = new JsonArray("items"),
        ["properties"] = new JsonObject
        {
            ["items"] = new JsonObject { ["type"] = "array", ["items"] = item },
            ["next"] = new JsonObject { ["type"] = "string", ["description"] = "The parameter cursor of the next page; left out on the last." },
        },
    };

    /// <summary>The schema of a catalogue file without members that a path or the caller's token says, and with the reason for the ledger.</summary>
    public static JsonObject OfFile(JsonElement source, bool withReason, params ReadOnlySpan<string> without)
    {
        var schema = JsonNode.Parse(source.GetRawText())!.AsObject(); // a schema is an object
        var properties = schema["properties"]!.AsObject(); // both kinds of files have members
        var required = schema["required"]!.AsArray();
        foreach (var name in without)
        {
            properties.Remove(name);
            if (required.FirstOrDefault(r => r!.GetValue<string>() == name) is { } listed) required.Remove(listed);
        }

        if (withReason)
        {
            properties["reason"] = new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = 500, ["pattern"] = "\\S", ["description"] = "Why; kept in the ledger." };
            required.Add("reason");
        }

        schema.Remove("$schema");
        return Inlined(schema);
    }

    /// <summary>Without references within the schema: in an OpenAPI document they would lead elsewhere. And in the words that the document's model has.</summary>
    public static JsonObject Inlined(JsonObject schema)
    {
        var made = Inline(schema, schema).AsObject();
        made.Remove("$defs");
        return made;
    }

    private static JsonNode Inline(JsonNode node, JsonObject root)
    {
        if (node is JsonArray list) return new JsonArray([.. list.Select(item => item is null ? null : Inline(item, root))]);
        if (node is not JsonObject members) return node.DeepClone();
        var made = new JsonObject();
        foreach (var (name, value) in members)
        {
            // The model knows schemas that are objects, and constants that are texts.
            if (name == "properties" && value is JsonObject properties)
            {
                made[name] = new JsonObject(properties.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Key, p.Value is JsonObject own ? Inline(own, root) : new JsonObject())));
                continue;
            }

            if (name == "const" && value is JsonValue constant && constant.GetValueKind() != JsonValueKind.String)
            {
                made["enum"] = new JsonArray(constant.DeepClone());
                continue;
            }

            if (name != "$ref" || value?.GetValue<string>() is not { } reference || !reference.StartsWith("#/", StringComparison.Ordinal))
            {
                made[name] = value is null ? null : Inline(value, root);
                continue;
            }

            // What stands beside the reference counts too, and before it.
            foreach (var (inner, content) in Inline(Follow(root, reference), root).AsObject()) made[inner] ??= content?.DeepClone();
        }

        return made;
    }

    /// <summary>What a reference within the schema leads to; the schema defines what it refers to.</summary>
    private static JsonNode Follow(JsonObject root, string reference) =>
        reference.Split('/').Skip(1).Aggregate((JsonNode)root, (node, step) => node[step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)]!);

    private static JsonNode Refine(JsonSchemaExporterContext context, JsonNode schema)
    {
        // Any JSON at all; the attributes say that it has to be an object.
        if (schema is not JsonObject members)
        {
            if (context.PropertyInfo?.AttributeProvider?.GetCustomAttributes(typeof(ObjectAttribute), false) is not [ObjectAttribute]) return schema;
            members = new JsonObject { ["type"] = "object" };
        }

        // What is null is left out, also where a constructor asks for it.
        if (members["required"] is JsonArray required)
        {
            foreach (var name in context.TypeInfo.Properties.Where(p => p.IsGetNullable).Select(p => p.Name)) required.Remove(required.FirstOrDefault(r => r!.GetValue<string>() == name));
        }

        // A time of the day without an offset is none of the format "time" (RFC 3339, section 5.6).
        if (context.TypeInfo.Type == typeof(TimeOnly)) members.Remove("format");
        foreach (var attribute in context.PropertyInfo?.AttributeProvider?.GetCustomAttributes(inherit: false) ?? []) Add(members, attribute);
        return members;
    }

    private static void Add(JsonObject schema, object attribute)
    {
        switch (attribute)
        {
            case DescriptionAttribute description:
                schema["description"] = description.Description;
                break;
            case StringLengthAttribute length:
                schema["maxLength"] = length.MaximumLength;
                if (length.MinimumLength > 0) schema["minLength"] = length.MinimumLength;
                break;
            case RegularExpressionAttribute pattern:
                schema["pattern"] = pattern.Pattern;
                break;
            case RangeAttribute range:
                schema["minimum"] = JsonValue.Create(Convert.ToInt64(range.Minimum, null));
                schema["maximum"] = JsonValue.Create(Convert.ToInt64(range.Maximum, null));
                break;
            case LengthAttribute length:
                schema["minItems"] = length.MinimumLength;
                schema["maxItems"] = length.MaximumLength;
                break;
            case MaxLengthAttribute most:
                schema["maxItems"] = most.Length;
                break;
            case EachAttribute each when schema["items"] is JsonObject items:
                items["maxLength"] = each.MaxLength;
                items["minLength"] = 1;
                if (each.Pattern is { } own) items["pattern"] = own;
                break;
        }
    }
}
