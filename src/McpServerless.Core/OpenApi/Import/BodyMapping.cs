using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace McpServerless.OpenApi.Import;

/// <summary>The request body as one argument, <c>body</c>.</summary>
internal sealed class BodyMapping(OpenApiSource source, SchemaConversion conversion, ArgumentList arguments, List<ImportFinding> findings)
{
    /// <summary>Member <c>body</c> of the binding; null where there is no body.</summary>
    public JsonObject? Binding { get; private set; }

    /// <summary>False with a finding where the operation needs a body that cannot be mapped.</summary>
    public bool Map(OpenApiOperation operation, string at)
    {
        if (operation.RequestBody is not { } body) return true;
        var content = body.Content ?? new Dictionary<string, IOpenApiMediaType>();
        if (content.Count == 0) return !body.Required || Refuse(body, at, "has no media type, or refers to something that the document does not have");
        var chosen = content.Keys.Select(type => (type, Rank: Rank(type))).Where(c => c.Rank is not null).OrderBy(c => c.Rank).Select(c => c.type).FirstOrDefault();
        if (chosen is null) return Refuse(body, at + "/content", $"is sent as {string.Join(", ", content.Keys)}");
        if (content.Count > 1) findings.Add(new ImportFinding(ImportRule.MediaTypesNotMapped, at + "/content", $"is sent as {chosen}, not as {string.Join(", ", content.Keys.Where(k => k != chosen))}"));

        var pointer = $"{at}/content/{JsonPointers.Escape(chosen)}";
        var schemaPointer = pointer + "/schema";
        var schema = source.Find(schemaPointer);
        var type = chosen.Contains('*', StringComparison.Ordinal) ? (IsText(schema) ? "application/octet-stream" : "application/json") : chosen;
        var binary = IsBytes(type);
        var argument = binary
            ? arguments.Add("body", "content", new JsonObject { ["type"] = "string", ["contentEncoding"] = "base64" }, schemaPointer, "The bytes of the body, as base64.", body.Required)
            : arguments.Add("body", "content", schema, schemaPointer, body.Description, body.Required);
        Binding = new JsonObject { ["argument"] = argument, ["mediaType"] = type };
        if (binary) Binding["binary"] = true;
        var converted = (JsonObject)arguments.Properties[argument]!; // it was just added
        if (!binary && !RequestBody.IsJson(type) && !RequestBody.IsForm(type) && !RequestBody.IsMultipart(type) && converted.Count <= 1) converted["type"] = "string";
        if (RequestBody.IsMultipart(type) || RequestBody.IsForm(type)) MapFields(content[chosen], schema, schemaPointer, pointer, converted, RequestBody.IsMultipart(type));
        return true;
    }

    private void MapFields(IOpenApiMediaType media, JsonNode? schema, string schemaPointer, string pointer, JsonObject converted, bool multipart)
    {
        var fields = new JsonObject();
        if (source.Follow(schema) is JsonObject { } form && form["properties"] is JsonObject properties)
        {
            // Files have to be told apart before the schema is shared with others, so a form's own members stand in the contract itself.
            if (multipart && converted.Remove("$ref"))
            {
                foreach (var (name, value) in (JsonObject)conversion.Convert(form, schemaPointer)) converted.TryAdd(name, value?.DeepClone());
            }

            foreach (var (name, raw) in properties)
            {
                var field = Field(media.Encoding?.TryGetValue(name, out var encoding) == true ? encoding : null, source.Follow(raw) as JsonObject, multipart);
                if (field.Count == 0) continue;
                fields[name] = field;
                if (field.ContainsKey("binary") && converted["properties"] is JsonObject own && own.ContainsKey(name)) own[name] = AsBase64(own[name]);
            }
        }

        foreach (var (name, encoding) in media.Encoding ?? new Dictionary<string, OpenApiEncoding>())
        {
            if (encoding.Headers is { Count: > 0 })
                findings.Add(new ImportFinding(ImportRule.StyleUndefined, $"{pointer}/encoding/{JsonPointers.Escape(name)}/headers", "are headers of a part, which are not sent"));
        }

        if (fields.Count > 0) Binding!["fields"] = fields; // it was made before its fields
    }

    private JsonObject Field(OpenApiEncoding? encoding, JsonObject? schema, bool multipart)
    {
        var field = new JsonObject();
        var types = encoding?.ContentType?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var type = types?.FirstOrDefault(t => !t.Contains('*', StringComparison.Ordinal));
        if (multipart)
        {
            var item = schema?["items"] is { } items ? source.Follow(items) as JsonObject : schema;
            // 3.0 says format: binary (section 4.8.14.4); 3.1 a contentMediaType without an encoding, or no type at all (section 4.8.15.4).
            var isFile = item?["format"]?.ToString() == "binary" || (item?.ContainsKey("contentMediaType") == true && !item.ContainsKey("contentEncoding"))
                || (type is not null && IsBytes(type) && item?["type"]?.ToString() is null or "string");
            type ??= item?["contentMediaType"]?.ToString();
            if (isFile) field["binary"] = true;
            if (type is not null) field["mediaType"] = type;
            return field;
        }

        if (type is not null && RequestBody.IsJson(type)) field["mediaType"] = type;
        if (encoding?.Style is { } style && style != ParameterStyle.Form && Enum.TryParse<ArgumentStyle>(style.ToString(), out _)) field["style"] = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(style.ToString());
        if (encoding?.Explode is { } explode && explode != (encoding.Style is null or ParameterStyle.Form)) field["explode"] = explode;
        return field;
    }

    private static JsonObject AsBase64(JsonNode? schema)
    {
        if (schema is JsonObject list && list.ContainsKey("items"))
        {
            var copy = (JsonObject)list.DeepClone();
            copy["items"] = AsBase64(list["items"]);
            return copy;
        }

        var text = new JsonObject { ["type"] = "string", ["contentEncoding"] = "base64" };
        text["description"] = schema?["description"] is { } own ? $"{own} (a file, as base64)" : "A file, as base64.";
        return text;
    }

    /// <summary>The media types that an argument can become, the best first; null for others.</summary>
    private static int? Rank(string type) => type switch
    {
        _ when RequestBody.Name(type).Equals("application/json", StringComparison.OrdinalIgnoreCase) => 0,
        _ when RequestBody.IsJson(type) => 1,
        "*/*" or "application/*" => 2,
        _ when RequestBody.IsForm(type) => 3,
        _ when RequestBody.IsMultipart(type) => 4,
        _ when RequestBody.Name(type).Equals("text/plain", StringComparison.OrdinalIgnoreCase) => 5,
        // A model would have to write XML without a schema that could be checked.
        _ when type.Contains("xml", StringComparison.OrdinalIgnoreCase) || RequestBody.Name(type).StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) => null,
        _ when RequestBody.IsText(type) => 6,
        _ when type.Contains('/', StringComparison.Ordinal) && !RequestBody.Name(type).Contains('*', StringComparison.Ordinal) => 7,
        _ => null,
    };

    private static bool IsBytes(string type) =>
        !RequestBody.IsJson(type) && !RequestBody.IsForm(type) && !RequestBody.IsMultipart(type) && !RequestBody.IsText(type);

    private bool IsText(JsonNode? schema) => source.Follow(schema) is JsonObject members && members["type"]?.ToString() == "string";

    private bool Refuse(IOpenApiRequestBody body, string at, string message)
    {
        findings.Add(new ImportFinding(body.Required ? ImportRule.BodyNotMapped : ImportRule.BodyDropped, at, message));
        return !body.Required;
    }
}
