using System.Globalization;
using System.Text.Json;
using ModelContextProtocol.Protocol;

namespace McpServerless.Contracts;

/// <summary>The arguments that a modern request repeats in headers, so that what is in between can route by them: <c>x-mcp-header</c> in an inputSchema.</summary>
/// <remarks>MCP 2026-07-28, Streamable HTTP and Tools. The body decides; a header that says something else ends the request.</remarks>
public sealed class MirroredParameters
{
    public const string Keyword = "x-mcp-header";
    public const string HeaderPrefix = "Mcp-Param-";

    /// <summary>What a binary64 holds exactly; larger integers may not be mirrored.</summary>
    private const double MaxInteger = 9007199254740991;

    private readonly IReadOnlyList<Parameter> _parameters;

    private MirroredParameters(IReadOnlyList<Parameter> parameters) => _parameters = parameters;

    public bool Any => _parameters.Count > 0;

    /// <summary>Reads the annotations of an inputSchema; those that break the rules are left out and named as findings.</summary>
    public static (MirroredParameters Parameters, IReadOnlyList<SchemaFinding> Findings) Read(JsonElement inputSchema)
    {
        var walk = new Walk();
        walk.Visit(inputSchema, [], "", reachable: true);
        return (new MirroredParameters(walk.Parameters), walk.Findings);
    }

    /// <summary>What is wrong with the headers of a request, or null.</summary>
    /// <param name="header">A header's value by its name; null where it is missing.</param>
    public string? FindMismatch(JsonElement arguments, Func<string, string?> header)
    {
        foreach (var parameter in _parameters)
        {
            var name = HeaderPrefix + parameter.Header;
            var value = parameter.Find(arguments);
            var sent = header(name);
            if (value is not { ValueKind: not JsonValueKind.Null } given)
            {
                if (sent is not null) return $"{name} is there although its argument is not";
                continue;
            }

            // Another kind of value breaks the schema, which has its own answer.
            if (Text(given) is not { } expected) continue;
            if (sent is null) return $"{name} is missing";
            if (Decode(sent) is not { } decoded) return $"{name} cannot be decoded";
            if (decoded != expected && !IsSameNumber(given, decoded)) return $"{name} differs from the argument";
        }

        return null;
    }

    /// <summary>The headers for a request to an upstream, encoded.</summary>
    public IEnumerable<(string Name, string Value)> HeadersFor(JsonElement arguments)
    {
        foreach (var parameter in _parameters)
        {
            if (parameter.Find(arguments) is { } value && Text(value) is { } text && McpHeaderEncoder.EncodeValue(text) is { } encoded)
            {
                yield return (HeaderPrefix + parameter.Header, encoded);
            }
        }
    }

    /// <summary>A header's decoded value, or null. The library's decoder lets white space pass inside the Base64 text; the wire format does not.</summary>
    public static string? Decode(string value) =>
        value.StartsWith("=?base64?", StringComparison.Ordinal) && value.AsSpan().ContainsAny(" \t\r\n") ? null : McpHeaderEncoder.DecodeValue(value);

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number when value.TryGetDouble(out var number) && Math.Abs(number) <= MaxInteger && Math.Floor(number) == number =>
            ((long)number).ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    private static bool IsSameNumber(JsonElement value, string text) =>
        value.ValueKind == JsonValueKind.Number
        && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
        && number == value.GetDouble();

    private sealed record Parameter(string Header, IReadOnlyList<string> Path)
    {
        public JsonElement? Find(JsonElement arguments)
        {
            var node = arguments;
            foreach (var name in Path)
            {
                if (node.ValueKind != JsonValueKind.Object || !node.TryGetProperty(name, out node)) return null;
            }

            return node;
        }
    }

    private sealed class Walk
    {
        private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

        public List<Parameter> Parameters { get; } = [];

        public List<SchemaFinding> Findings { get; } = [];

        /// <param name="reachable">Whether only <c>properties</c> lie between the root and this schema: only then does an argument have one place.</param>
        public void Visit(JsonElement schema, IReadOnlyList<string> path, string at, bool reachable)
        {
            if (schema.ValueKind == JsonValueKind.Array)
            {
                var index = 0;
                foreach (var item in schema.EnumerateArray()) Visit(item, path, $"{at}/{index++}", reachable: false);
                return;
            }

            if (schema.ValueKind != JsonValueKind.Object) return;
            if (schema.TryGetProperty(Keyword, out var header)) Take(schema, header, path, $"{at}/{Keyword}", reachable);
            foreach (var member in schema.EnumerateObject())
            {
                if (member.Name is "const" or "enum" or "default" or "examples") continue;
                if (member.Name == "properties" && member.Value.ValueKind == JsonValueKind.Object)
                {
                    foreach (var property in member.Value.EnumerateObject())
                        Visit(property.Value, [.. path, property.Name], $"{at}/properties/{JsonPointers.Escape(property.Name)}", reachable);
                }
                else
                {
                    Visit(member.Value, path, $"{at}/{JsonPointers.Escape(member.Name)}", reachable: false);
                }
            }
        }

        private void Take(JsonElement schema, JsonElement header, IReadOnlyList<string> path, string at, bool reachable)
        {
            var name = header.ValueKind == JsonValueKind.String ? header.GetString()! : "";
            var type = schema.TryGetProperty("type", out var own) && own.ValueKind == JsonValueKind.String ? own.GetString() : null;
            var fault = name.Length == 0 || name.AsSpan().ContainsAnyExcept(TokenCharacters) ? "is not a header name"
                : !reachable || path.Count == 0 ? "is not on a property that is reached through properties alone"
                : type is not ("string" or "integer" or "boolean") ? "is not on a string, an integer or a boolean"
                : !_names.Add(name) ? "is there twice"
                : null;
            if (fault is null) Parameters.Add(new Parameter(name, path));
            else Findings.Add(new SchemaFinding(at, fault));
        }

        /// <summary>RFC 9110, section 5.6.2.</summary>
        private static readonly System.Buffers.SearchValues<char> TokenCharacters =
            System.Buffers.SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    }
}
