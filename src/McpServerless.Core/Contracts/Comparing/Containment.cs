namespace McpServerless.Contracts.Comparing;

/// <summary>Whether all values of some schemas are values of another one: proven, or not.</summary>
/// <remarks>
/// "Not proven" comes with the constraints that stand in the way. It may be wrong about them (that a value breaks one is not always shown), but a
/// "proven" is never wrong: what is known of the left side is a bound from above, and each constraint of the right side is shown to hold within it.
/// Recursion is cut by assuming what is being proven; that is sound because every reference back to an open one takes a step into the value, and values are finite.
/// </remarks>
internal sealed partial class Containment
{
    /// <summary>Pairs that are looked at before it is given up.</summary>
    public const int MaxPairs = 20_000;

    private const int MaxCases = 32;
    private const int MaxSplits = 3;
    private const int MaxDepth = 64;

    private readonly Dictionary<string, bool> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Acceptor> _acceptors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Conjunction> _names = new(StringComparer.Ordinal);
    private int _pairs;
    private int _lowestAssumed = int.MaxValue;

    /// <summary>The constraints of the right side that its left side is not shown to keep; empty when it keeps all of them.</summary>
    public static IReadOnlyList<Violation> Check(SchemaDocument left, SchemaDocument right)
    {
        var found = new List<Violation>();
        if (left.IsDraft07 != right.IsDraft07 && (left.DependsOnDialect || right.DependsOnDialect)) found.Add(new Violation(SchemaConstraint.Dialect, right.Root, "/$schema", "one is draft-07 and the other 2020-12", true));
        if (left.HasEmbeddedIdentifiers || right.HasEmbeddedIdentifiers) found.Add(new Violation(SchemaConstraint.Reference, right.Root, "", "a schema inside has an $id of its own", true));
        if (found.Count > 0 || new Containment().Holds(Conjunction.Of(left.Root), right.Root, found)) return found;
        if (found.Count == 0) found.Add(new Violation(SchemaConstraint.Size, right.Root, "", "not decided", true));
        return found;
    }

    /// <param name="found">Where to put what stands in the way; null when only the answer counts.</param>
    private bool Holds(Conjunction left, SchemaNode right, List<Violation>? found, int splits = 0)
    {
        if (left.IsNever || right.IsTrue) return true;
        var key = $"{left.Key}<{right.Key}<{splits}";
        if (_open.TryGetValue(key, out var opened))
        {
            _lowestAssumed = Math.Min(_lowestAssumed, opened);
            return true;
        }

        if (_known.TryGetValue(key, out var known) && (known || found is null)) return known;
        if (++_pairs > MaxPairs || _open.Count > MaxDepth)
        {
            found?.Add(new Violation(SchemaConstraint.Size, right, "", $"more than {MaxPairs} comparisons, or deeper than {MaxDepth}", true));
            return false;
        }

        var (outer, mine) = (_lowestAssumed, _open.Count);
        _lowestAssumed = int.MaxValue;
        _open.Add(key, mine);
        var holds = Decide(left, right, found, splits);
        _open.Remove(key);
        // A proof that leaned on something still unproven is not kept.
        var free = _lowestAssumed >= mine;
        if (!holds || free) _known[key] = holds;
        _lowestAssumed = Math.Min(outer, free ? int.MaxValue : _lowestAssumed);
        return holds;
    }

    private bool Decide(Conjunction left, SchemaNode right, List<Violation>? found, int splits)
    {
        if (left.Conjuncts.Any(c => SchemaIdentity.Same(c, right))) return true;
        if (left.Values is { Count: <= 64 } values && values.All(v => AcceptorOf(right).Accepts(v))) return true;
        if (Each(left, right, null)) return true;

        var cases = splits < MaxSplits ? left.Cases(MaxCases) : null;
        if (cases is not null && cases.All(c => Holds(c, right, null, splits + 1))) return true;
        if (found is null) return false;

        var before = found.Count;
        // The case that fails says more than the whole.
        foreach (var failing in (cases ?? []).Where(c => !Holds(c, right, null, splits + 1))) Holds(failing, right, found, splits + 1);
        if (found.Count == before) Each(left, right, found);
        return false;
    }

    /// <summary>Every constraint of the right side by itself.</summary>
    private bool Each(Conjunction left, SchemaNode right, List<Violation>? found) => new Step(this, left, right, found).Run();

    private Acceptor AcceptorOf(SchemaNode node)
    {
        if (!_acceptors.TryGetValue(node.Key, out var acceptor)) _acceptors[node.Key] = acceptor = Acceptor.Compile(node.Json, node.Document.Root.Json);
        return acceptor;
    }

    private bool Same(SchemaNode a, SchemaNode b) => Holds(Conjunction.Of(a), b, null) && Holds(Conjunction.Of(b), a, null);
}
