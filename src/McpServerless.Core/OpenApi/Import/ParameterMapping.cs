using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace McpServerless.OpenApi.Import;

/// <summary>Parameters of path, query, header and cookie as arguments.</summary>
internal sealed class ParameterMapping(OpenApiSource source, Credentials credentials, ArgumentList arguments, List<ImportFinding> findings)
{
    public JsonArray Bindings { get; } = [];

    /// <summary>False with a finding where a parameter that the operation needs cannot be mapped.</summary>
    public bool Map(string path, string at, IOpenApiPathItem item, OpenApiOperation operation)
    {
        var own = Numbered(operation.Parameters, at);
        var ofPath = Numbered(item.Parameters, $"/paths/{JsonPointers.Escape(path)}")
            .Where(p => !own.Any(o => o.Parameter.Name == p.Parameter.Name && o.Parameter.In == p.Parameter.In));
        // Those of the path come first, in the order of the URL; names are given out in this order, so it is part of the contract.
        var all = own.Concat(ofPath).OrderBy(p => Rank(p.Parameter.In)).ThenBy(p => p.Parameter.In == ParameterLocation.Path ? path.IndexOf($"{{{p.Parameter.Name}}}", StringComparison.Ordinal) : 0);
        var filled = new HashSet<string>(StringComparer.Ordinal);
        var names = HttpBindingChecks.TemplateNames(path).ToHashSet(StringComparer.Ordinal);
        var seen = new HashSet<(string, ParameterLocation?)>();
        foreach (var (parameter, pointer) in all)
        {
            if (parameter.In == ParameterLocation.Path && !names.Contains(parameter.Name ?? ""))
            {
                findings.Add(new ImportFinding(ImportRule.ParameterDropped, pointer, $"fills {{{parameter.Name}}}, which the path does not have"));
                continue;
            }

            if (!seen.Add((parameter.Name ?? "", parameter.In))) continue;
            if (parameter.In == ParameterLocation.Path) filled.Add(parameter.Name!); // it is one of the template's
            if (!Map(parameter, pointer)) return false;
        }

        if (names.FirstOrDefault(n => !filled.Contains(n)) is not { } empty) return true;
        findings.Add(new ImportFinding(ImportRule.PathNotMapped, at, $"has no parameter that fills {{{empty}}}"));
        return false;
    }

    private bool Map(IOpenApiParameter parameter, string pointer)
    {
        var required = parameter.Required || parameter.In == ParameterLocation.Path;
        var name = parameter.Name ?? "";
        if (name.Length == 0 || parameter.In is not { } location) return Drop(required, pointer, "has no name, or no place; or it refers to something that the document does not have");
        if (location == ParameterLocation.QueryString) return Drop(required, pointer, "is the whole query string");
        if (location == ParameterLocation.Header && name.ToUpperInvariant() is "ACCEPT" or "CONTENT-TYPE") return true;
        if (credentials.IsPlaceOf(name, location) || (location == ParameterLocation.Header && name.Equals("Authorization", StringComparison.OrdinalIgnoreCase)))
        {
            findings.Add(new ImportFinding(ImportRule.ParameterIsCredential, pointer, $"'{name}' carries a credential"));
            return true;
        }

        var place = Enum.Parse<ArgumentPlace>(location.ToString());
        var style = parameter.Style is { } given && Enum.TryParse<ArgumentStyle>(given == ParameterStyle.Cookie ? "Form" : given.ToString(), out var known) ? known : HttpBinding.DefaultStyle(place);
        var content = parameter.Content?.FirstOrDefault();
        if (content is { Key: { } type } && !RequestBody.IsJson(type)) return Drop(required, pointer, $"is sent as {type}");
        var binding = new ParameterBinding { Argument = "", Place = place, Name = name, Style = style, Explode = parameter.Explode };
        if (HttpBindingChecks.NameProblem(binding) is { } problem) return Drop(required, pointer, $"'{name}' {problem}");
        if (!HttpBindingChecks.Fits(place, style)) return Drop(required, pointer, $"has the style {style}, which is not for its place");

        var schemaPointer = content is { Key: { } media } ? $"{pointer}/content/{JsonPointers.Escape(media)}/schema" : $"{pointer}/schema";
        var schema = source.Find(schemaPointer);
        if (content is not { Key: not null }) NoteUndefined(schema, style, place, schemaPointer);
        var argument = arguments.Add(name, place.ToString().ToLowerInvariant(), schema, schemaPointer, parameter.Description, required);
        if (place == ArgumentPlace.Path) NeedsText((JsonObject)arguments.Properties[argument]!); // it was just added
        Bindings.Add(Binding(argument, binding, parameter, asJson: content is { Key: not null }));
        return true;
    }

    private static JsonObject Binding(string argument, ParameterBinding binding, IOpenApiParameter parameter, bool asJson)
    {
        var written = new JsonObject { ["argument"] = argument, ["in"] = binding.Place.ToString().ToLowerInvariant(), ["name"] = binding.Name };
        if (asJson)
        {
            written["mediaType"] = "application/json";
            return written;
        }

        written["style"] = JsonNamingPolicy.CamelCase.ConvertName(binding.Style.ToString());
        written["explode"] = binding.Explode;
        if (parameter.AllowReserved && binding.Place == ArgumentPlace.Query) written["allowReserved"] = true;
        return written;
    }

    /// <summary>An empty text would make another path of the template.</summary>
    private static void NeedsText(JsonObject schema)
    {
        if (schema["type"]?.ToJsonString() == "\"string\"" && !schema.ContainsKey("minLength") && !schema.ContainsKey("enum") && !schema.ContainsKey("const")) schema["minLength"] = 1;
    }

    private void NoteUndefined(JsonNode? raw, ArgumentStyle style, ArgumentPlace place, string at)
    {
        if (source.Follow(raw) is not JsonObject schema) return;
        var isList = schema.ContainsKey("items") || schema["type"]?.ToString() == "array";
        var properties = (schema["properties"] as JsonObject)?.Select(p => p.Value) ?? [];
        var inner = isList ? [schema["items"]] : properties;
        var isNested = inner.Any(i => source.Follow(i) is JsonObject child && (child.ContainsKey("properties") || child.ContainsKey("items") || child["type"]?.ToString() is "object" or "array"));
        if (style == ArgumentStyle.DeepObject && (isList || isNested))
            findings.Add(new ImportFinding(ImportRule.StyleUndefined, at, "is a list or has objects or lists inside, in the style deepObject; sent as name[key][]=value and name[key][inner]=value"));
        else if (style != ArgumentStyle.DeepObject && isNested)
            findings.Add(new ImportFinding(ImportRule.StyleUndefined, at, $"has objects or lists inside, in the {place.ToString().ToLowerInvariant()}; each is sent as its JSON text"));
    }

    private bool Drop(bool required, string pointer, string message)
    {
        findings.Add(new ImportFinding(required ? ImportRule.ParameterNotMapped : ImportRule.ParameterDropped, pointer, message));
        return !required;
    }

    private List<(IOpenApiParameter Parameter, string Pointer)> Numbered(IList<IOpenApiParameter>? parameters, string owner) =>
        [.. (parameters ?? []).Select((parameter, i) => (parameter, Place(parameter, i, $"{owner}/parameters")))];

    /// <summary>The model may have left out what it could not read, so the place is where the name is.</summary>
    private string Place(IOpenApiParameter parameter, int index, string list)
    {
        if (source.Find($"{list}/{index}/name")?.ToString() == parameter.Name) return $"{list}/{index}";
        var count = (source.Find(list) as JsonArray)?.Count ?? 0;
        for (var i = 0; i < count; i++)
        {
            if (source.Find($"{list}/{i}/name")?.ToString() == parameter.Name) return $"{list}/{i}";
        }

        return $"{list}/{index}";
    }

    private static int Rank(ParameterLocation? location) => location switch
    {
        ParameterLocation.Path => 0,
        ParameterLocation.Query => 1,
        ParameterLocation.Header => 2,
        _ => 3,
    };
}
