using System.Text.Json;

namespace McpServerless.Contracts.Comparing;

internal sealed partial class Conjunction
{
    private static List<SchemaNode> Flatten(IEnumerable<SchemaNode> schemas)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var flat = new List<SchemaNode>();
        var waiting = new Queue<SchemaNode>(schemas);
        while (waiting.TryDequeue(out var node))
        {
            if (node.IsTrue || !seen.Add(node.Key)) continue;
            flat.Add(node);
            if (node.Text("$ref") is { } reference && node.Document.Resolve(reference) is { } target) waiting.Enqueue(target);
            foreach (var member in node.List("allOf")) waiting.Enqueue(member);
        }

        return flat;
    }

    private static Kinds Named(string type) => type switch
    {
        "null" => Kinds.Null,
        "boolean" => Kinds.Boolean,
        "object" => Kinds.Object,
        "array" => Kinds.Array,
        "string" => Kinds.String,
        "integer" => Kinds.Integer,
        "number" => Kinds.Number,
        _ => Kinds.All,
    };

    /// <summary>Alternatives are followed a few levels down; further down everything is held to be possible.</summary>
    private static Kinds KindsOf(SchemaNode node, int depth)
    {
        if (node.IsFalse) return Kinds.None;
        var kinds = Declared(node);
        if (Listed(node) is { } listed) kinds &= listed.Aggregate(Kinds.None, (all, value) => all | Numbers.KindOf(value));
        if (depth == 0) return kinds;
        foreach (var keyword in (string[])["anyOf", "oneOf"])
        {
            if (node.List(keyword) is { Count: > 0 } alternatives)
                kinds &= alternatives.Aggregate(Kinds.None, (all, a) => all | Flatten([a]).Aggregate(Kinds.All, (k, n) => k & KindsOf(n, depth - 1)));
        }

        return kinds;
    }

    private static IReadOnlyList<JsonElement>? Listed(SchemaNode node)
    {
        var listed = node.Rule("enum") is { ValueKind: JsonValueKind.Array } members ? members.EnumerateArray().ToList() : null;
        if (node.Rule("const") is not { } only) return listed;
        return listed is null || listed.Exists(v => JsonElement.DeepEquals(v, only)) ? [only] : [];
    }

    /// <summary>The tightest bound on one side. Where all numbers are integers, it is the outermost integer itself.</summary>
    private (decimal Value, bool Excluded)? Bound(string inclusive, string exclusive, Func<decimal, decimal, bool> tighter, Func<decimal, decimal> next, Func<decimal, decimal> toInteger)
    {
        (decimal Value, bool Excluded)? bound = null;
        foreach (var node in Conjuncts)
        {
            if (node.Number(inclusive) is { } i && (bound is not { } b || tighter(i, b.Value))) bound = (i, false);
            if (node.Number(exclusive) is { } e && (bound is not { } c || tighter(e, c.Value) || e == c.Value)) bound = (e, true);
        }

        if (bound is not { } found || (Kinds & Kinds.Fraction) != 0) return bound;
        return found.Excluded ? (next(found.Value), false) : (toInteger(found.Value), false);
    }
}
