using System.Text.Json;
using System.Text.RegularExpressions;

namespace McpServerless.Contracts.Comparing;

/// <summary>What is known of values that keep several schemas at once: a schema, what it refers to, and the members of its <c>allOf</c>.</summary>
/// <remarks>Every answer is a bound: the values may be fewer than it says, never more. Keywords that are not read here only make the bound wider.</remarks>
internal sealed partial class Conjunction
{
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromMilliseconds(50);

    private readonly HashSet<string> _decided;

    private Conjunction(IReadOnlyList<SchemaNode> conjuncts, HashSet<string> decided, int? chosen)
    {
        (Conjuncts, _decided, Chosen) = (conjuncts, decided, chosen);
        IsNever = conjuncts.Any(c => c.IsFalse);
        Key = string.Join('&', conjuncts.Select(c => c.Key).Order(StringComparer.Ordinal)) + (decided.Count == 0 ? "" : "|" + string.Join('|', decided.Order(StringComparer.Ordinal)));
    }

    public IReadOnlyList<SchemaNode> Conjuncts { get; }

    /// <summary>No value keeps all of them.</summary>
    public bool IsNever { get; }

    public string Key { get; }

    /// <summary>Which alternative of an <c>anyOf</c> or <c>oneOf</c> this is a case of; null for none.</summary>
    public int? Chosen { get; }

    public static Conjunction Of(params IEnumerable<SchemaNode> schemas) => new(Flatten(schemas), [], null);

    public Conjunction And(params IEnumerable<SchemaNode> more) => new(Flatten([.. Conjuncts, .. more]), _decided, Chosen);

    /// <summary>The first disjunction that no case was made of yet, as the schemas of each case; null when there is none.</summary>
    public IReadOnlyList<Conjunction>? Cases(int most)
    {
        foreach (var node in Conjuncts)
        {
            foreach (var keyword in (string[])["anyOf", "oneOf"])
            {
                var id = $"{node.Key}/{keyword}";
                if (node.List(keyword) is { Count: > 0 } alternatives && alternatives.Count <= most && !_decided.Contains(id))
                    return [.. alternatives.Select((a, index) => new Conjunction(Flatten([.. Conjuncts, a]), [.. _decided, id], index))];
            }

            if (node.Rule("type") is { ValueKind: JsonValueKind.Array } types && types.GetArrayLength() > 1 && !_decided.Contains($"{node.Key}/type"))
            {
                HashSet<string> decided = [.. _decided, $"{node.Key}/type"];
                return [.. types.EnumerateArray().Select(t => new Conjunction(Flatten([.. Conjuncts, OfType(t)]), decided, Chosen))];
            }

            if (node.Schema("if") is { } condition && !_decided.Contains($"{node.Key}/if"))
            {
                HashSet<string> decided = [.. _decided, $"{node.Key}/if"];
                var then = new Conjunction(Flatten([.. Conjuncts, condition, .. Present(node.Schema("then"))]), decided, Chosen);
                return [then, new Conjunction(Flatten([.. Conjuncts, .. Present(node.Schema("else"))]), decided, Chosen)];
            }
        }

        return null;
    }

    /// <summary>The kinds that a value can have.</summary>
    public Kinds Kinds => IsNever ? Kinds.None : Conjuncts.Aggregate(Kinds.All, (kinds, node) => kinds & KindsOf(node, 4));

    /// <summary>The kinds that a schema's own <c>type</c> names.</summary>
    public static Kinds Declared(SchemaNode node) => node.Rule("type") switch
    {
        { ValueKind: JsonValueKind.String } one => Named(one.GetString()!),
        { ValueKind: JsonValueKind.Array } several => several.EnumerateArray().Aggregate(Kinds.None, (kinds, name) => kinds | Named(name.ToString())),
        _ => Kinds.All,
    };

    /// <summary>All values there can be, when they are few; null when they are not.</summary>
    public IReadOnlyList<JsonElement>? Values
    {
        get
        {
            var kinds = Kinds;
            IEnumerable<JsonElement>? values = null;
            foreach (var listed in Conjuncts.Select(Listed).OfType<IReadOnlyList<JsonElement>>())
                values = values is null ? listed : [.. values.Where(v => listed.Any(l => JsonElement.DeepEquals(l, v)))];
            if (values is null && (kinds & ~(Kinds.Null | Kinds.Boolean)) == 0) values = SmallKinds;
            return values is null ? null : [.. values.Where(v => (Numbers.KindOf(v) & kinds) != 0)];
        }
    }

    private static readonly JsonElement[] SmallKinds = [.. JsonDocument.Parse("[null,true,false]").RootElement.Clone().EnumerateArray()];

    /// <summary>The lower bound, and whether it is itself excluded.</summary>
    public (decimal Value, bool Excluded)? Lower => Bound("minimum", "exclusiveMinimum", (a, b) => a > b, v => decimal.Floor(v) + 1, decimal.Ceiling);

    /// <summary>The upper bound, and whether it is itself excluded.</summary>
    public (decimal Value, bool Excluded)? Upper => Bound("maximum", "exclusiveMaximum", (a, b) => a < b, v => decimal.Ceiling(v) - 1, decimal.Floor);

    /// <summary>The greatest of a keyword's numbers; 0 without one.</summary>
    public decimal Most(string keyword) => Conjuncts.Select(c => c.Number(keyword)).Max() ?? 0;

    /// <summary>The least of a keyword's numbers; null without one.</summary>
    public decimal? Least(string keyword) => Conjuncts.Select(c => c.Number(keyword)).Min();

    /// <summary>Whether one of the schemas has the keyword with this very text.</summary>
    public bool Says(string keyword, string text) => Conjuncts.Any(c => c.Text(keyword) == text);

    public bool Has(string keyword) => Conjuncts.Any(c => c.Rule(keyword) is not null);

    public HashSet<string> Required => [.. Conjuncts.SelectMany(c => c.Names("required"))];

    /// <summary>Names that some schema speaks of.</summary>
    public HashSet<string> Names => [.. Conjuncts.SelectMany(c => c.Members("properties")).Select(p => p.Name), .. Required];

    /// <summary>True when no property can have a name that no <c>properties</c> names.</summary>
    public bool IsClosed => Conjuncts.Any(c => c.Schema("additionalProperties") is { IsFalse: true } && !c.Members("patternProperties").Any());

    /// <summary>What is known of the value under a name.</summary>
    public Conjunction Property(string name) => Of(Conjuncts.SelectMany(c => PropertyOf(c, name)));

    /// <summary>What is known of values under names that are not listed and match none of these patterns.</summary>
    public Conjunction OtherProperty(IReadOnlySet<string> unmatched) =>
        Of(Conjuncts.Where(c => c.Members("patternProperties").All(p => unmatched.Contains(p.Name))).SelectMany(c => Present(c.Schema("additionalProperties"))));

    /// <summary>What is known of values under names that are not listed and match a pattern.</summary>
    public Conjunction PatternProperty(string pattern) => Of(Conjuncts.SelectMany(c =>
        c.Member("patternProperties", pattern) is { } same ? [same] : c.Members("patternProperties").Any() ? [] : Present(c.Schema("additionalProperties"))));

    public int LongestPrefix => Conjuncts.Count == 0 ? 0 : Conjuncts.Max(c => c.PrefixItems.Count);

    public Conjunction Item(int index) => Of(Conjuncts.SelectMany(c => index < c.PrefixItems.Count ? [c.PrefixItems[index]] : Present(c.Items)));

    /// <summary>What is known of items past every prefix.</summary>
    public Conjunction OtherItem => Of(Conjuncts.SelectMany(c => Present(c.Items)));

    /// <summary>Whether a pattern matches a name; null where that cannot be said.</summary>
    public static bool? Matches(string pattern, string name)
    {
        try
        {
            return Regex.IsMatch(name, pattern, RegexOptions.ECMAScript, MatchTimeout);
        }
        catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException)
        {
            return null;
        }
    }

    private static SchemaNode OfType(JsonElement name) => new SchemaDocument($"type {name}", JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement> { ["type"] = name }, TextJson.Default.DictionaryStringJsonElement)).Root;

    public static IEnumerable<SchemaNode> Present(SchemaNode? node) => node is null ? [] : [node];

    private static IEnumerable<SchemaNode> PropertyOf(SchemaNode node, string name)
    {
        var own = node.Member("properties", name);
        if (own is not null) yield return own;
        var mayMatch = false;
        foreach (var (pattern, schema) in node.Members("patternProperties"))
        {
            var matches = Matches(pattern, name);
            if (matches == true) yield return schema;
            mayMatch |= matches != false;
        }

        if (own is null && !mayMatch && node.Schema("additionalProperties") is { } additional) yield return additional;
    }
}
