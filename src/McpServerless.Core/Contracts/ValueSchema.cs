using System.Text.Json;
using System.Text.RegularExpressions;
using Json.Schema;

namespace McpServerless.Contracts;

/// <summary>A compiled JSON Schema (draft 2020-12; <c>format</c> is asserted) that says where a value breaks it.</summary>
public sealed class ValueSchema
{
    /// <summary>More is of no use to whoever has to repair a call.</summary>
    private const int MaxViolations = 20;

    private static readonly EvaluationOptions Quick = new() { OutputFormat = OutputFormat.Flag, RequireFormatValidation = true };
    private static readonly EvaluationOptions Explain = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    // They only say that something below them is wrong, and that has a line of its own.
    private static readonly HashSet<string> Applicators = new(StringComparer.Ordinal)
    {
        "properties", "patternProperties", "additionalProperties", "items", "prefixItems", "unevaluatedItems", "unevaluatedProperties",
        "allOf", "if", "then", "else", "dependentSchemas", "propertyNames", "$ref", "$dynamicRef",
    };

    private readonly JsonElement _source;
    private readonly Lazy<JsonSchema> _schema;
    private readonly Lazy<Acceptor> _acceptor;
    private readonly Lazy<bool> _dividesNumbers;

    private ValueSchema(JsonElement schema)
    {
        _source = schema.Clone();
        _schema = new Lazy<JsonSchema>(() => BuildLibrary(_source));
        _acceptor = new Lazy<Acceptor>(() => Acceptor.Compile(_source));
        _dividesNumbers = new Lazy<bool>(() => _source.GetRawText().Contains("multipleOf", StringComparison.Ordinal));
    }

    /// <summary>Compiles a schema that <see cref="SchemaAdmission"/> admitted.</summary>
    /// <exception cref="JsonSchemaException">The schema is not valid under its dialect.</exception>
    public static ValueSchema Build(JsonElement schema)
    {
        var built = new ValueSchema(schema);
        _ = built._schema.Value;
        return built;
    }

    /// <summary>A schema that was built before, when it was applied. It is compiled when a value first needs it: of thousands of tools few are called, and the library keeps some 100 KB for each.</summary>
    public static ValueSchema OfKnown(JsonElement schema) => new(schema);

    private static JsonSchema BuildLibrary(JsonElement source)
    {
        // The option counts where $schema is missing; in the older draft it would let some of the newer one's meaning in.
        var dialect = SchemaDialect.IsDraft07(source) ? Dialect.Draft07 : Dialect.Draft202012;
        // A registry of its own: the global one keeps every schema for ever, and two tools may use the same $id.
        return JsonSchema.Build(source, new BuildOptions { Dialect = dialect, SchemaRegistry = new SchemaRegistry() });
    }

    /// <summary>Where the value breaks the schema: pointer, keyword and what was expected, never the value. Empty when it is valid.</summary>
    public IReadOnlyList<string> Check(JsonElement value)
    {
        if (_acceptor.Value.Accepts(value)) return [];
        if (_dividesNumbers.Value && HasMonstrousNumber(value)) return [": a number is too large or too small to be checked"];
        try
        {
            var schema = _schema.Value;
            if (schema.Evaluate(value, Quick).IsValid) return [];
            var results = schema.Evaluate(value, Explain);
            var violations = new List<string>();
            Collect(results, value, violations);
            return violations.Count > 0 ? violations : [": does not match the schema"];
        }
        catch (RegexMatchTimeoutException)
        {
            return [": a pattern took too long to decide"];
        }
        catch (Exception e) when (e is RefResolutionException or JsonSchemaException or FormatException or OverflowException or InvalidOperationException)
        {
            // What the library cannot decide (numbers beyond decimal among them) is not valid.
            return [": the schema could not be applied to this value"];
        }
    }

    private void Collect(EvaluationResults results, JsonElement value, List<string> violations)
    {
        foreach (var detail in results.Details ?? [])
        {
            if (violations.Count >= MaxViolations) return;
            foreach (var keyword in detail.Errors?.Keys ?? Enumerable.Empty<string>())
            {
                if (Applicators.Contains(keyword)) continue;
                var violation = $"{detail.InstanceLocation}: {Expected(detail, keyword, value)}";
                if (violations.Count < MaxViolations && !violations.Contains(violation)) violations.Add(violation);
            }

            Collect(detail, value, violations);
        }
    }

    private string Expected(EvaluationResults detail, string keyword, JsonElement root)
    {
        if (keyword.Length == 0) return "is not allowed here";
        if (SchemaAt(detail.EvaluationPath.ToString()) is not { ValueKind: JsonValueKind.Object } schema || !schema.TryGetProperty(keyword, out var rule)) return keyword;
        if (keyword == "required" && JsonPointers.Follow(root, detail.InstanceLocation.ToString()) is { ValueKind: JsonValueKind.Object } instance)
        {
            var missing = rule.EnumerateArray().Select(n => n.GetString()!).Where(n => !instance.TryGetProperty(n, out _));
            return $"required: {string.Join(", ", missing)} missing";
        }

        var text = rule.ValueKind is JsonValueKind.Object ? "" : rule.GetRawText();
        return text.Length is > 0 and <= 200 ? $"{keyword} {text}" : keyword;
    }

    /// <summary>The subschema at which an evaluation arrived, references followed. The library repeats the name of a list's keyword in the path.</summary>
    private JsonElement? SchemaAt(string evaluationPath)
    {
        var node = _source;
        var last = "";
        foreach (var name in evaluationPath.Split('/').Skip(1))
        {
            if (name == "$ref" && node.ValueKind == JsonValueKind.Object && node.TryGetProperty("$ref", out var reference)
                && JsonPointers.Follow(_source, Uri.UnescapeDataString(reference.GetString()!.TrimStart('#'))) is { } target)
            {
                node = target;
            }
            else if (JsonPointers.Follow(node, "/" + name) is { } next)
            {
                node = next;
            }
            else if (name != last)
            {
                return null;
            }

            last = name;
        }

        return node;
    }

    /// <summary>
    /// JsonSchema.Net divides for <c>multipleOf</c> by recursion on the exponent: <c>1e10000000</c> overflows the stack, which ends the
    /// process and cannot be caught. No number that a tool could mean is lost by this bound.
    /// </summary>
    internal static bool IsMonstrous(JsonElement number)
    {
        var text = number.GetRawText().AsSpan();
        if (text.Length > 400) return true;
        var e = text.IndexOfAny('e', 'E');
        return e >= 0 && (!int.TryParse(text[(e + 1)..], System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var exponent) || Math.Abs((long)exponent) > 400);
    }

    private static bool HasMonstrousNumber(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => IsMonstrous(value),
        JsonValueKind.Array => value.EnumerateArray().Any(HasMonstrousNumber),
        JsonValueKind.Object => value.EnumerateObject().Any(m => HasMonstrousNumber(m.Value)),
        _ => false,
    };
}
