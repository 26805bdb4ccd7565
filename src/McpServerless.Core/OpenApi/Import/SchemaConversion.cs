using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;
using McpServerless.Contracts;

namespace McpServerless.OpenApi.Import;

/// <summary>Which way a value goes: it decides on <c>readOnly</c> and <c>writeOnly</c>, and on which side doubt is safe.</summary>
internal enum SchemaUse
{
    Request,
    Response,
}

/// <summary>OpenAPI schemas as JSON Schema 2020-12 that stands by itself: what it refers to comes along in <c>$defs</c>.</summary>
/// <remarks>
/// Of 3.0 the forms that JSON Schema does not have are turned (OpenAPI 3.0.4, section 4.7.24; 3.1's are 2020-12 already): <c>nullable</c>,
/// the truth values of <c>exclusiveMinimum</c> and <c>exclusiveMaximum</c>, <c>example</c>. A result's schema may be wider than the document
/// says but never narrower: there <c>oneOf</c> is read as <c>anyOf</c>, and a null beside <c>nullable</c> is let in wherever it stands.
/// </remarks>
internal sealed partial class SchemaConversion(OpenApiSource source, SchemaUse use, List<ImportFinding> findings)
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly JsonObject _definitions = [];
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);

    /// <summary>Whether something was met that the schema cannot do without.</summary>
    public bool Unresolved { get; private set; }

    /// <summary>Everything that converted schemas refer to by <c>#/$defs/…</c>.</summary>
    public JsonObject Definitions => (JsonObject)_definitions.DeepClone();

    public JsonNode Convert(JsonNode? schema, string pointer)
    {
        switch (schema)
        {
            case JsonValue value when value.TryGetValue(out bool flag):
                return flag ? new JsonObject() : new JsonObject { ["not"] = new JsonObject() };
            case JsonObject members:
                return ConvertObject(members, pointer);
            default:
                if (schema is not null) Report(ImportRule.KeywordInvalid, pointer, "is not a schema");
                return new JsonObject();
        }
    }

    private JsonObject ConvertObject(JsonObject schema, string pointer)
    {
        var result = new JsonObject();
        if (Text(schema, "$ref") is { } reference)
        {
            result["$ref"] = $"#/$defs/{Define(reference, pointer)}";
            // Beside a reference, 3.0 reads nothing (section 4.7.23); what people mean by nullable there is let in, where that is safe.
            if (source.IsVersion30) return use == SchemaUse.Response && IsTrue(schema, "nullable") ? OrNull(result) : result;
        }

        var hidden = HiddenProperties(schema);
        foreach (var (name, value) in schema)
        {
            if (name.StartsWith("x-", StringComparison.Ordinal) || name is "$ref" or "nullable" or "discriminator") continue;
            Member(result, name, value, schema, $"{pointer}/{JsonPointers.Escape(name)}", hidden);
        }

        if (schema["discriminator"] is JsonObject discriminator) Discriminate(result, discriminator, schema, pointer);
        if (use == SchemaUse.Response && result["oneOf"] is { } alternatives && !result.ContainsKey("anyOf"))
        {
            result.Remove("oneOf");
            result["anyOf"] = alternatives;
        }

        return IsTrue(schema, "nullable") ? Nullable(result) : result;
    }

    private void Member(JsonObject result, string name, JsonNode? value, JsonObject schema, string at, HashSet<string> hidden)
    {
        switch (name)
        {
            case "properties" when value is JsonObject properties:
                result[name] = new JsonObject(properties.Where(p => !hidden.Contains(p.Key)).Select(p => KeyValuePair.Create(p.Key, (JsonNode?)Convert(p.Value, $"{at}/{JsonPointers.Escape(p.Key)}"))));
                break;
            case "patternProperties" when value is JsonObject patterns:
                result[name] = new JsonObject(patterns.Where(p => IsUsable(p.Key, $"{at}/{JsonPointers.Escape(p.Key)}")).Select(p => KeyValuePair.Create(p.Key, (JsonNode?)Convert(p.Value, $"{at}/{JsonPointers.Escape(p.Key)}"))));
                break;
            case "dependentSchemas" when value is JsonObject dependents:
                result[name] = new JsonObject(dependents.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)Convert(p.Value, $"{at}/{JsonPointers.Escape(p.Key)}"))));
                break;
            case "allOf" or "anyOf" or "oneOf" or "prefixItems" when value is JsonArray { Count: > 0 } items:
                result[name] = new JsonArray([.. items.Select((item, i) => Convert(item, $"{at}/{i}"))]);
                break;
            case "items" or "additionalProperties" or "unevaluatedItems" or "unevaluatedProperties" or "contains" or "propertyNames" or "not" or "if" or "then" or "else":
                result[name] = value is JsonValue flag && flag.TryGetValue(out bool truth) ? JsonValue.Create(truth) : Convert(value, at);
                break;
            case "required" when value is JsonArray names && names.All(n => n is JsonValue v && v.TryGetValue(out string? _)):
                result[name] = new JsonArray([.. names.Select(n => n!.GetValue<string>()).Where(n => !hidden.Contains(n)).Distinct(StringComparer.Ordinal).Select(n => (JsonNode)n)]);
                break;
            case "pattern" when Text(schema, name) is { } pattern:
                if (IsUsable(pattern, at)) result[name] = pattern;
                break;
            case "enum" when value is JsonArray values:
                Enumeration(result, values, schema, at);
                break;
            case "exclusiveMinimum" when value is JsonValue mark && mark.TryGetValue(out bool exclusive):
                if (exclusive && IsNumber(schema["minimum"])) Move(result, "minimum", name, schema["minimum"]!);
                break;
            case "exclusiveMaximum" when value is JsonValue mark && mark.TryGetValue(out bool exclusive):
                if (exclusive && IsNumber(schema["maximum"])) Move(result, "maximum", name, schema["maximum"]!);
                break;
            case "minimum" when result.ContainsKey("exclusiveMinimum") && IsTrue(schema, "exclusiveMinimum"):
            case "maximum" when result.ContainsKey("exclusiveMaximum") && IsTrue(schema, "exclusiveMaximum"):
                break;
            case "example" when use == SchemaUse.Request && !schema.ContainsKey("examples"):
                result["examples"] = new JsonArray(value?.DeepClone());
                break;
            case "examples" when use == SchemaUse.Response:
            case "example" or "xml" or "externalDocs" or "readOnly" or "writeOnly" or "$defs" or "definitions" or "$comment" or "$schema" or "$id" or "$anchor" or "$vocabulary":
                // Definitions come along where they are referred to.
                break;
            case "format" when Text(schema, name) is "byte":
                result["contentEncoding"] = "base64";
                break;
            default:
                if (SchemaKeywords.IsValid(name, value)) result[name] = value?.DeepClone();
                else if (SchemaKeywords.IsKnown(name)) Report(ImportRule.KeywordInvalid, at, $"is not what '{name}' can be; it is left out");
                break;
        }
    }

    /// <summary>The name in <c>$defs</c> of what a reference leads to, which is converted when it is met first.</summary>
    private string Define(string reference, string pointer)
    {
        if (_names.TryGetValue(reference, out var known)) return known;
        var local = reference.StartsWith("#/", StringComparison.Ordinal) ? Uri.UnescapeDataString(reference[1..]) : null;
        var target = local is null ? null : source.Find(local);
        var name = Unique(Letters().Replace(reference[(reference.LastIndexOf('/') + 1)..], "_"));
        _names[reference] = name;
        _definitions[name] = new JsonObject();
        if (target is null)
        {
            Unresolved = true;
            Report(use == SchemaUse.Request ? ImportRule.ReferenceUnresolved : ImportRule.OutputWidened, pointer, $"refers to '{reference}', which is not in the document");
        }
        else
        {
            _definitions[name] = Convert(target, local!);
        }

        return name;
    }

    private string Unique(string name)
    {
        var unique = name.Length == 0 ? "schema" : name;
        for (var i = 2; _definitions.ContainsKey(unique); i++) unique = $"{name}_{i}";
        return unique;
    }

    /// <summary>Properties that do not go this way: readOnly not into a request, writeOnly not out of a response (OpenAPI 3.0.4, section 4.7.24.1).</summary>
    private HashSet<string> HiddenProperties(JsonObject schema)
    {
        var mark = use == SchemaUse.Request ? "readOnly" : "writeOnly";
        var hidden = new HashSet<string>(StringComparer.Ordinal);
        Collect(schema, 0);
        return hidden;

        // What one part of an allOf marks, another may require.
        void Collect(JsonObject node, int depth)
        {
            if (node["properties"] is JsonObject properties)
            {
                foreach (var (name, value) in properties)
                {
                    if (value is JsonObject property && (IsTrue(property, mark) || (source.Follow(property) is JsonObject target && IsTrue(target, mark)))) hidden.Add(name);
                }
            }

            if (depth < 4 && node["allOf"] is JsonArray parts)
            {
                foreach (var part in parts)
                {
                    if (source.Follow(part) is JsonObject followed) Collect(followed, depth + 1);
                }
            }
        }
    }

    private void Enumeration(JsonObject result, JsonArray values, JsonObject schema, string at)
    {
        var distinct = values.Select(v => v?.DeepClone()).DistinctBy(v => v?.ToJsonString() ?? "null", StringComparer.Ordinal).ToList();
        // 3.0.3 made clear that nullable does not add null to an enumeration; documents are older than that, and results may be wider.
        if (use == SchemaUse.Response && IsTrue(schema, "nullable") && distinct.All(v => v is not null)) distinct.Add(null);
        if (distinct.Count is 0 or > SchemaAdmission.MaxEnum) Report(ImportRule.EnumNotChecked, at, $"has {distinct.Count} values");
        else result["enum"] = new JsonArray([.. distinct]);
    }

    private static void Move(JsonObject result, string from, string to, JsonNode value)
    {
        result.Remove(from);
        result[to] = value.DeepClone();
    }

    private JsonObject Nullable(JsonObject schema)
    {
        switch (schema["type"])
        {
            case JsonValue type when type.TryGetValue(out string? name):
                schema["type"] = name == "null" ? name : new JsonArray(name, "null");
                return schema;
            case JsonArray types:
                if (!types.Any(t => t?.ToString() == "null")) types.Add("null");
                return schema;
            default:
                // Without a type, nullable has no effect by the letter (OpenAPI 3.0.4, section 4.7.24); in a result null is let in.
                return use == SchemaUse.Response && schema.Count > 0 ? OrNull(schema) : schema;
        }
    }

    private static JsonObject OrNull(JsonObject schema) => new() { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };

    private bool IsUsable(string pattern, string at)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            // The validator has a dialect of its own, which knows less.
            using var schema = JsonDocument.Parse(new JsonObject { ["pattern"] = pattern }.ToJsonString());
            _ = ValueSchema.Build(schema.RootElement).Check(schema.RootElement.GetProperty("pattern"));
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or JsonSchemaException)
        {
            Report(ImportRule.PatternNotChecked, at, e is NotSupportedException ? "needs back-references or look-around" : "is not a regular expression");
            return false;
        }
    }

    private void Report(ImportRule rule, string at, string message)
    {
        if (_reported.Add($"{rule.Id} {at}")) findings.Add(new ImportFinding(rule, at, message));
    }

    private static string? Text(JsonObject node, string name) => node[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static bool IsTrue(JsonObject node, string name) => node[name] is JsonValue value && value.TryGetValue(out bool flag) && flag;

    private static bool IsNumber(JsonNode? node) => node?.GetValueKind() == JsonValueKind.Number;

    [GeneratedRegex("[^A-Za-z0-9._-]+")]
    private static partial Regex Letters();
}
