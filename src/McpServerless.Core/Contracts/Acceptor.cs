using System.Text;
using System.Text.Json;

namespace McpServerless.Contracts;

/// <summary>Says of most valid values, quickly, that they are valid. It never says that one is not: that is the library's to decide and to explain.</summary>
/// <remarks>
/// Compiled once for the keywords that tools' schemas mostly have. A keyword that asserts something and is not among them makes its
/// subschema one that accepts nothing, so the acceptor can be incomplete but not unsound. Tests hold it to that against JsonSchema.Net.
/// </remarks>
internal abstract partial class Acceptor
{
    /// <summary>Keywords of any draft that can make a value invalid and are not understood here.</summary>
    private static readonly HashSet<string> NotUnderstood = new(StringComparer.Ordinal)
    {
        "pattern", "format", "multipleOf", "uniqueItems", "prefixItems", "additionalItems", "contains", "minContains", "maxContains", "oneOf", "not", "if", "then", "else",
        "patternProperties", "propertyNames", "dependencies", "dependentRequired", "dependentSchemas", "unevaluatedItems", "unevaluatedProperties", "contentSchema",
        "$dynamicRef", "$recursiveRef", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary", "disallow", "extends", "divisibleBy",
    };

    /// <summary>True when the value is certainly valid; false means "do not know".</summary>
    public abstract bool Accepts(JsonElement value);

    /// <summary>An acceptor for a whole schema.</summary>
    public static Acceptor Compile(JsonElement schema) => new Compilation(schema).Of(schema, isRoot: true);

    /// <summary>An acceptor for a part of a schema, whose references are those of the whole.</summary>
    public static Acceptor Compile(JsonElement part, JsonElement whole) => new Compilation(whole).Of(part, isRoot: true);

    private sealed class Constant(bool accepts) : Acceptor
    {
        public static readonly Constant Everything = new(true);
        public static readonly Constant Nothing = new(false);

        public override bool Accepts(JsonElement value) => accepts;
    }

    /// <summary>Stands for a reference while what it refers to is being compiled; recursion ends with the value.</summary>
    private sealed class Reference : Acceptor
    {
        public Acceptor Target { get; set; } = Constant.Nothing;

        public override bool Accepts(JsonElement value) => Target.Accepts(value);
    }

    private sealed class Compilation(JsonElement root)
    {
        private readonly Dictionary<string, Reference> _references = new(StringComparer.Ordinal);

        public Acceptor Of(JsonElement schema, bool isRoot = false)
        {
            if (schema.ValueKind == JsonValueKind.True) return Constant.Everything;
            if (schema.ValueKind != JsonValueKind.Object) return Constant.Nothing;
            var rules = new Rules();
            foreach (var member in schema.EnumerateObject())
            {
                // An identifier in the middle of a schema changes what its references mean.
                if (NotUnderstood.Contains(member.Name) || (member.Name is "$id" or "id" && !isRoot && member.Value.ValueKind == JsonValueKind.String)) return Constant.Nothing;
                if (!Take(rules, member.Name, member.Value)) return Constant.Nothing;
            }

            return rules;
        }

        /// <summary>False when the keyword has a form that is not understood.</summary>
        private bool Take(Rules rules, string keyword, JsonElement rule)
        {
            switch (keyword)
            {
                case "type":
                    return rules.TakeType(rule);
                case "enum":
                    rules.Enum = rule.ValueKind == JsonValueKind.Array ? [.. rule.EnumerateArray()] : null;
                    return rules.Enum is not null;
                case "const":
                    rules.Const = rule;
                    return true;
                case "minimum":
                    return (rules.Minimum = Decimal(rule)) is not null;
                case "maximum":
                    return (rules.Maximum = Decimal(rule)) is not null;
                case "exclusiveMinimum":
                    return (rules.Above = Decimal(rule)) is not null;
                case "exclusiveMaximum":
                    return (rules.Below = Decimal(rule)) is not null;
                case "minLength":
                    return (rules.MinLength = Count(rule)) >= 0;
                case "maxLength":
                    return (rules.MaxLength = Count(rule)) >= 0;
                case "minItems":
                    return (rules.MinItems = Count(rule)) >= 0;
                case "maxItems":
                    return (rules.MaxItems = Count(rule)) >= 0;
                case "minProperties":
                    return (rules.MinProperties = Count(rule)) >= 0;
                case "maxProperties":
                    return (rules.MaxProperties = Count(rule)) >= 0;
                case "required":
                    return rules.TakeRequired(rule);
                case "properties":
                    if (rule.ValueKind != JsonValueKind.Object) return false;
                    rules.Properties = [.. rule.EnumerateObject().Select(p => new Property(Encoding.UTF8.GetBytes(p.Name), Of(p.Value)))];
                    return true;
                case "additionalProperties":
                    rules.Additional = Of(rule);
                    return true;
                case "items":
                    // The list form of older drafts is another keyword under the same name.
                    if (rule.ValueKind == JsonValueKind.Array) return false;
                    rules.Items = Of(rule);
                    return true;
                case "allOf":
                    if (rule.ValueKind != JsonValueKind.Array) return false;
                    rules.All.AddRange(rule.EnumerateArray().Select(s => Of(s)));
                    return true;
                case "anyOf":
                    if (rule.ValueKind != JsonValueKind.Array) return false;
                    rules.Any = [.. rule.EnumerateArray().Select(s => Of(s))];
                    return true;
                case "$ref":
                    if (Refer(rule) is not { } target) return false;
                    rules.All.Add(target);
                    return true;
                default:
                    return true;
            }
        }

        private Reference? Refer(JsonElement rule)
        {
            if (rule.ValueKind != JsonValueKind.String || rule.GetString() is not { } text) return null;
            if (_references.TryGetValue(text, out var known)) return known;
            if ((text != "#" && !text.StartsWith("#/", StringComparison.Ordinal)) || JsonPointers.Follow(root, Uri.UnescapeDataString(text[1..])) is not { } target) return null;
            var reference = _references[text] = new Reference();
            reference.Target = Of(target, isRoot: text == "#");
            return reference;
        }

        private static decimal? Decimal(JsonElement rule) => rule.ValueKind == JsonValueKind.Number && rule.TryGetDecimal(out var number) && IsExact(rule) ? number : null;

        private static int Count(JsonElement rule) => rule.ValueKind == JsonValueKind.Number && rule.TryGetInt32(out var count) ? count : -1;
    }

    /// <summary>A decimal is read from up to 28 digits; a longer text would be rounded.</summary>
    private static bool IsExact(JsonElement number) => number.GetRawText().Length <= 28;

    private sealed record Property(byte[] Name, Acceptor Value);
}
