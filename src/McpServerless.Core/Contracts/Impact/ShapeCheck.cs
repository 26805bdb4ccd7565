using System.Text.Json;
using McpServerless.Audit.Shapes;
using McpServerless.Contracts.Comparing;

namespace McpServerless.Contracts.Impact;

/// <summary>What a schema says of arguments of which only the shape is known.</summary>
public enum ShapeVerdict
{
    /// <summary>Whatever had this shape is valid.</summary>
    Valid,

    /// <summary>The shape does not tell.</summary>
    Unknown,

    /// <summary>Whatever had this shape is not valid.</summary>
    Invalid,
}

/// <summary>Judges recorded shapes by a schema. It never says more than the shape does: values, patterns and formats it leaves open.</summary>
public sealed class ShapeCheck
{
    /// <summary>References and compositions lead no deeper.</summary>
    private const int MaxDepth = 64;

    private readonly JsonElement _root;
    private readonly ArgumentShape _shape;
    private readonly ILookup<string, string> _below;

    private ShapeCheck(JsonElement schema, ArgumentShape shape)
    {
        (_root, _shape) = (schema, shape);
        _below = shape.Places.Keys.Where(p => p.Length > 0).ToLookup(p => p[..p.LastIndexOf('/')], p => p[(p.LastIndexOf('/') + 1)..], StringComparer.Ordinal);
    }

    public static ShapeVerdict Of(JsonElement schema, ArgumentShape shape) => new ShapeCheck(schema, shape).Judge(schema, "", 0);

    private ShapeVerdict Judge(JsonElement schema, string at, int depth)
    {
        if (schema.ValueKind == JsonValueKind.True) return ShapeVerdict.Valid;
        if (schema.ValueKind == JsonValueKind.False) return ShapeVerdict.Invalid;
        if (schema.ValueKind != JsonValueKind.Object || depth > MaxDepth || !_shape.Places.TryGetValue(at, out var place)) return ShapeVerdict.Unknown;
        var worst = ShapeVerdict.Valid;
        foreach (var member in schema.EnumerateObject())
        {
            var verdict = JudgeKeyword(schema, member.Name, member.Value, place, at, depth);
            if (verdict == ShapeVerdict.Invalid) return ShapeVerdict.Invalid;
            if (verdict > worst) worst = verdict;
        }

        if (place.Types.Contains("object"))
        {
            var members = JudgeMembers(schema, place, at, depth);
            if (members > worst) worst = members;
        }

        return worst;
    }

    private ShapeVerdict JudgeKeyword(JsonElement schema, string keyword, JsonElement rule, ShapePlace place, string at, int depth)
    {
        switch (keyword)
        {
            case "type":
                return JudgeType(rule, place);
            case "minLength" or "maxLength":
                return Only(place, "string", () => Within(place.Length, rule, keyword[1] == 'a'));
            case "minItems" or "maxItems":
                return Only(place, "array", () => Within(place.Items, rule, keyword[1] == 'a'));
            case "minProperties" or "maxProperties":
                return Only(place, "object", () => Within(place.Members, rule, keyword[1] == 'a'));
            case "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum":
                return place.Types.Contains("number") || place.Types.Contains("integer") ? JudgeRange(keyword, rule, place) : ShapeVerdict.Valid;
            case "pattern" or "format":
                return Only(place, "string", () => ShapeVerdict.Unknown);
            case "multipleOf":
                return place.Types.Contains("number") || place.Types.Contains("integer") ? ShapeVerdict.Unknown : ShapeVerdict.Valid;
            case "uniqueItems":
                return rule.ValueKind == JsonValueKind.False ? ShapeVerdict.Valid : Only(place, "array", () => place.Items is { Max: <= 1 } ? ShapeVerdict.Valid : ShapeVerdict.Unknown);
            case "items":
                return Only(place, "array", () => JudgeItems(schema, rule, place, at, depth));
            case "required":
                return Only(place, "object", () => JudgeRequired(rule, place, at));
            case "allOf":
                return rule.EnumerateArray().Select(part => Judge(part, at, depth + 1)).Append(ShapeVerdict.Valid).Max();
            case "anyOf" or "oneOf":
                return JudgeChoice(keyword, rule, place, at, depth);
            case "$ref":
                return JsonPointers.Follow(_root, Uri.UnescapeDataString((rule.GetString() ?? "").TrimStart('#'))) is { } target ? Judge(target, at, depth + 1) : ShapeVerdict.Unknown;
            case "properties" or "additionalProperties":
                return ShapeVerdict.Valid; // with the members
            case "title" or "description" or "default" or "examples" or "deprecated" or "readOnly" or "writeOnly" or "$comment" or "$defs" or "definitions" or "$schema" or "$id" or "$anchor":
                return ShapeVerdict.Valid;
            default:
                return keyword.StartsWith("x-", StringComparison.Ordinal) ? ShapeVerdict.Valid : ShapeVerdict.Unknown;
        }
    }

    private static ShapeVerdict JudgeType(JsonElement rule, ShapePlace place)
    {
        string[] allowed = rule.ValueKind == JsonValueKind.String ? [rule.GetString()!] : [.. rule.EnumerateArray().Select(t => t.GetString()!)];
        var (fitting, strange) = (0, 0);
        foreach (var type in place.Types)
        {
            if (allowed.Contains(type) || (type == "integer" && allowed.Contains("number"))) fitting++;
            else strange++;
        }

        if (strange == 0) return ShapeVerdict.Valid;
        // A number of too many digits has both names of a number, and one of them is not its own.
        return fitting > 0 && place.Types.Contains("integer") && place.Types.Contains("number") && strange == 1 ? ShapeVerdict.Unknown : ShapeVerdict.Invalid;
    }

    private static ShapeVerdict JudgeRange(string keyword, JsonElement rule, ShapePlace place)
    {
        if (place.Range is not { } range || Numbers.Read(rule) is not { } exact) return ShapeVerdict.Unknown;
        var bound = (double)exact;
        var isLower = keyword.EndsWith("inimum", StringComparison.Ordinal);
        var isOpen = keyword.StartsWith("exclusive", StringComparison.Ordinal);
        // The ends belong to the range, and every number lay between them.
        var (nearest, farthest) = isLower ? (range.Min, range.Max) : (-range.Max, -range.Min);
        if (!isLower) bound = -bound;
        if (nearest is { } near && (isOpen ? near > bound : near >= bound)) return ShapeVerdict.Valid;
        return farthest is { } far && (isOpen ? far <= bound : far < bound) ? ShapeVerdict.Invalid : ShapeVerdict.Unknown;
    }

    private ShapeVerdict JudgeItems(JsonElement schema, JsonElement rule, ShapePlace place, string at, int depth)
    {
        if (place.Items is { Max: 0 }) return ShapeVerdict.Valid;
        if (schema.TryGetProperty("prefixItems", out _) || !_below[at].Contains(ArgumentShape.Any)) return ShapeVerdict.Unknown;
        var verdict = Judge(rule, $"{at}/{ArgumentShape.Any}", depth + 1);
        return verdict == ShapeVerdict.Valid && place.IsCut ? ShapeVerdict.Unknown : verdict;
    }

    private ShapeVerdict JudgeRequired(JsonElement rule, ShapePlace place, string at)
    {
        var worst = ShapeVerdict.Valid;
        foreach (var name in rule.EnumerateArray().Select(n => JsonPointers.Escape(n.GetString()!)))
        {
            if (_shape.Places.TryGetValue($"{at}/{name}", out var member) && (member.Count >= place.Count || place.Count == 1)) continue;
            if (place.IsCut || place.Types.Count > 1 || _below[at].Contains(ArgumentShape.Any)) worst = ShapeVerdict.Unknown;
            else return ShapeVerdict.Invalid;
        }

        return worst;
    }

    /// <summary>Where several values stood at one place, each of them may have chosen another one.</summary>
    private ShapeVerdict JudgeChoice(string keyword, JsonElement rule, ShapePlace place, string at, int depth)
    {
        ShapeVerdict[] verdicts = [.. rule.EnumerateArray().Select(part => Judge(part, at, depth + 1))];
        if (keyword == "anyOf" && verdicts.Contains(ShapeVerdict.Valid)) return ShapeVerdict.Valid;
        if (place.Count > 1) return ShapeVerdict.Unknown;
        if (Array.TrueForAll(verdicts, v => v == ShapeVerdict.Invalid)) return ShapeVerdict.Invalid;
        return keyword == "oneOf" && verdicts.Count(v => v == ShapeVerdict.Valid) == 1 && !verdicts.Contains(ShapeVerdict.Unknown) ? ShapeVerdict.Valid : ShapeVerdict.Unknown;
    }

    private ShapeVerdict JudgeMembers(JsonElement schema, ShapePlace place, string at, int depth)
    {
        var properties = JsonMembers.Member(schema, "properties");
        var hasPatterns = schema.TryGetProperty("patternProperties", out _);
        var additional = JsonMembers.Member(schema, "additionalProperties");
        var worst = place.IsCut && (properties.ValueKind == JsonValueKind.Object || additional.ValueKind != JsonValueKind.Undefined) ? ShapeVerdict.Unknown : ShapeVerdict.Valid;
        foreach (var token in _below[at])
        {
            // Items have the same sign as members without a name; that a place had both is not told apart.
            var verdict = token == ArgumentShape.Any ? ShapeVerdict.Unknown
                : JsonMembers.Member(properties, Unescape(token)) is { ValueKind: not JsonValueKind.Undefined } own ? Judge(own, $"{at}/{token}", depth + 1)
                : additional.ValueKind == JsonValueKind.Undefined ? ShapeVerdict.Valid
                : hasPatterns ? ShapeVerdict.Unknown
                : Judge(additional, $"{at}/{token}", depth + 1);
            if (verdict == ShapeVerdict.Invalid) return ShapeVerdict.Invalid;
            if (verdict > worst) worst = verdict;
        }

        return worst;
    }

    private static string Unescape(string token) => token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    private static ShapeVerdict Only(ShapePlace place, string type, Func<ShapeVerdict> judge) => place.Types.Contains(type) ? judge() : ShapeVerdict.Valid;

    /// <summary>Both ends of an extent were seen.</summary>
    private static ShapeVerdict Within(Extent? extent, JsonElement rule, bool isUpper)
    {
        if (extent is not { } seen || Numbers.Read(rule) is not { } bound) return ShapeVerdict.Unknown;
        return (isUpper ? seen.Max <= bound : seen.Min >= bound) ? ShapeVerdict.Valid : ShapeVerdict.Invalid;
    }
}
