using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace McpServerless.OpenApi.Import;

/// <summary>One operation as a tool: its parameters and body as one object of arguments, its successes as the result's schema.</summary>
internal sealed class OperationMapping(OpenApiSource source, Credentials credentials, List<ImportFinding> findings)
{
    private const int MaxTitle = 256;
    private const int MaxDescription = 16_384;

    /// <summary>The tool, or null with a finding that says why there is none.</summary>
    public ImportedTool? Map(string name, string path, HttpMethod method, IOpenApiPathItem item, OpenApiOperation operation)
    {
        var at = $"/paths/{JsonPointers.Escape(path)}/{method.Method.ToLowerInvariant()}";
        if (method.Method is not ("GET" or "POST" or "PUT" or "PATCH" or "DELETE" or "QUERY")) return Refuse(ImportRule.MethodNotMapped, at, $"is {method.Method}");
        if (HttpBindingChecks.PathProblem(path) is { } problem) return Refuse(ImportRule.PathNotMapped, $"/paths/{JsonPointers.Escape(path)}", problem);
        if ((OtherServers(at) ?? OtherServers($"/paths/{JsonPointers.Escape(path)}")) is { } servers) return Refuse(ImportRule.ServerDiffers, servers, "names servers of its own");

        var input = new SchemaConversion(source, SchemaUse.Request, findings);
        var arguments = new ArgumentList(input);
        var parameters = new ParameterMapping(source, credentials, arguments, findings);
        if (!parameters.Map(path, at, item, operation)) return null;
        var body = new BodyMapping(source, input, arguments, findings);
        if (!body.Map(operation, at + "/requestBody")) return null;
        if (input.Unresolved) return null;
        if (InputSchema(arguments, input, at) is not { } inputSchema) return null;

        var responses = new ResponseMapping(source, findings);
        responses.Map(operation, at + "/responses");
        NoteWhatHasNoForm(operation, at);
        return new ImportedTool(name, at, ToElement(Definition(name, method, operation, inputSchema, responses.OutputSchema, at)), ToElement(Http(method, path, parameters, body, responses)));
    }

    private JsonObject? InputSchema(ArgumentList arguments, SchemaConversion input, string at)
    {
        var schema = new JsonObject { ["type"] = "object" };
        if (arguments.Required.Count > 0) schema["required"] = new JsonArray([.. arguments.Required.Select(r => (JsonNode)r)]);
        schema["properties"] = arguments.Properties;
        // What is no argument goes nowhere.
        schema["additionalProperties"] = false;
        if (input.Definitions is { Count: > 0 } definitions) schema["$defs"] = definitions;
        var (fitted, fit, problem) = SchemaBounds.Fit(schema);
        if (fitted is null)
        {
            findings.Add(new ImportFinding(ImportRule.InputNotMapped, at, problem ?? "cannot be held"));
            return null;
        }

        if (fit == SchemaFit.Widened) findings.Add(new ImportFinding(ImportRule.InputWidened, at, problem!));
        return fitted;
    }

    private JsonObject Definition(string name, HttpMethod method, OpenApiOperation operation, JsonObject inputSchema, JsonObject? outputSchema, string at)
    {
        var definition = new JsonObject { ["name"] = name };
        if (!string.IsNullOrWhiteSpace(operation.Summary)) definition["title"] = Cut(operation.Summary.Trim(), MaxTitle, at + "/summary");
        var description = string.IsNullOrWhiteSpace(operation.Description) ? operation.Summary : operation.Description;
        if (!string.IsNullOrWhiteSpace(description)) definition["description"] = Cut(description.Trim(), MaxDescription, at + "/description");
        definition["inputSchema"] = inputSchema;
        if (outputSchema is not null) definition["outputSchema"] = outputSchema;
        definition["annotations"] = Annotations(method.Method);
        return definition;
    }

    /// <summary>What RFC 9110, section 9.2 promises of methods. A person has to say where an API keeps other promises.</summary>
    private static JsonObject Annotations(string method)
    {
        var hints = new JsonObject { ["readOnlyHint"] = method is "GET" or "QUERY" };
        if (method is not ("GET" or "QUERY"))
        {
            hints["destructiveHint"] = true;
            hints["idempotentHint"] = method is "PUT" or "DELETE";
        }

        return hints;
    }

    private static JsonObject Http(HttpMethod method, string path, ParameterMapping parameters, BodyMapping body, ResponseMapping responses)
    {
        var http = new JsonObject { ["method"] = method.Method, ["path"] = path };
        if (parameters.Bindings.Count > 0) http["parameters"] = parameters.Bindings;
        if (body.Binding is not null) http["body"] = body.Binding;
        http["success"] = new JsonArray([.. responses.Success.Select(code => (JsonNode)code)]);
        if (responses.Accept is not null) http["accept"] = responses.Accept;
        return http;
    }

    private void NoteWhatHasNoForm(OpenApiOperation operation, string at)
    {
        if (operation.Callbacks is { Count: > 0 } callbacks)
            findings.Add(new ImportFinding(ImportRule.CallbacksNotMapped, at + "/callbacks", $"has {string.Join(", ", callbacks.Keys.Order(StringComparer.Ordinal))}"));
    }

    /// <summary>Where servers of an operation or a path stand, if they are others than the document's own.</summary>
    private string? OtherServers(string owner)
    {
        var own = Urls(source.Find($"{owner}/servers"));
        return own.Count > 0 && !own.Overlaps(Urls(source.Root["servers"])) ? $"{owner}/servers" : null;
    }

    private static HashSet<string> Urls(JsonNode? servers) =>
        [.. (servers as JsonArray ?? []).OfType<JsonObject>().Select(s => (s["url"]?.ToString() ?? "").TrimEnd('/')).Select(url => url.StartsWith("//", StringComparison.Ordinal) ? "https:" + url : url)];

    private string Cut(string text, int length, string at)
    {
        if (text.Length <= length) return text;
        // Titles are cut as a matter of course; a description may lose what matters.
        if (length == MaxDescription) findings.Add(new ImportFinding(ImportRule.TextCut, at, string.Create(CultureInfo.InvariantCulture, $"has {text.Length} characters; {length} are kept")));
        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }

    private ImportedTool? Refuse(ImportRule rule, string at, string message)
    {
        findings.Add(new ImportFinding(rule, at, message));
        return null;
    }

    private static JsonElement ToElement(JsonNode node)
    {
        using var document = JsonDocument.Parse(node.ToJsonString(), new JsonDocumentOptions { MaxDepth = 512 });
        return document.RootElement.Clone();
    }
}

/// <summary>The arguments of one tool as they are found.</summary>
internal sealed class ArgumentList(SchemaConversion conversion)
{
    public JsonObject Properties { get; } = [];

    public List<string> Required { get; } = [];

    /// <summary>Adds an argument under a name that models take, and returns it.</summary>
    public string Add(string name, string place, JsonNode? schema, string pointer, string? description, bool required)
    {
        var argument = ToolNames.Argument(name, Properties.ContainsKey, place);
        var converted = conversion.Convert(schema, pointer) as JsonObject ?? [];
        if (description?.Trim() is { Length: > 0 } text) converted["description"] = text;
        Properties[argument] = converted;
        if (required) Required.Add(argument);
        return argument;
    }
}
