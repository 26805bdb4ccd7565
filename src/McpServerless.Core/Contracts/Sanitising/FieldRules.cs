using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using McpServerless.Contracts.Comparing;

namespace McpServerless.Contracts.Sanitising;

/// <summary>The field rules that a schema has, by place: <c>x-governance: keep | hash | mask | drop</c>, and what <c>writeOnly</c> and <c>format</c> imply.</summary>
/// <remarks>
/// A place is described by every part of the schema that may judge it, through references and compositions, whether or not its branch
/// turns out to hold; the strictest rule counts. Places are read when a value first has them, and known by the parts that describe them, so
/// that a schema that refers to itself has few.
/// </remarks>
internal sealed class FieldRules
{
    private static readonly string[] Compositions = ["allOf", "anyOf", "oneOf"];

    private static readonly string[] Branches = ["if", "then", "else", "not"];

    private readonly SchemaDocument _document;
    private readonly ConcurrentDictionary<string, Field> _fields = new(StringComparer.Ordinal);

    private FieldRules(JsonElement schema)
    {
        _document = new SchemaDocument("", schema);
        Root = FieldOf([new Part(schema, "")]);
    }

    public Field Root { get; }

    /// <param name="schema">Undefined for values that no schema describes.</param>
    public static FieldRules Read(JsonElement schema) => new(schema.ValueKind == JsonValueKind.Undefined ? schema : schema.Clone());

    private Field FieldOf(IEnumerable<Part> parts)
    {
        var all = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var part in parts) Expand(part, all);
        return all.Count == 0 ? Field.Unknown : _fields.GetOrAdd(string.Join('\n', all.Keys), _ => new Field(this, [.. all.Select(p => new Part(p.Value, p.Key))]));
    }

    /// <summary>A part with all that judges the same value.</summary>
    private void Expand(Part part, SortedDictionary<string, JsonElement> into)
    {
        if (part.Schema.ValueKind != JsonValueKind.Object || !into.TryAdd(part.At, part.Schema)) return;
        foreach (var name in (ReadOnlySpan<string>)["$ref", "$dynamicRef"])
        {
            if (JsonMembers.Text(part.Schema, name) is { } reference && _document.Resolve(reference) is { } target) Expand(new Part(target.Json, target.Pointer), into);
        }

        foreach (var name in Compositions)
        {
            if (JsonMembers.Member(part.Schema, name) is not { ValueKind: JsonValueKind.Array } branches) continue;
            var index = 0;
            foreach (var branch in branches.EnumerateArray()) Expand(new Part(branch, $"{part.At}/{name}/{index++}"), into);
        }

        foreach (var name in Branches) Expand(part.Below(name), into);
        // The older draft's name, too.
        foreach (var name in (ReadOnlySpan<string>)["dependentSchemas", "dependencies"])
        {
            if (JsonMembers.Member(part.Schema, name) is not { ValueKind: JsonValueKind.Object } dependents) continue;
            foreach (var dependent in dependents.EnumerateObject()) Expand(new Part(dependent.Value, $"{part.At}/{name}/{JsonPointers.Escape(dependent.Name)}"), into);
        }
    }

    /// <summary>A part of a schema and where it stands.</summary>
    internal readonly record struct Part(JsonElement Schema, string At)
    {
        public Part Below(string keyword) => new(JsonMembers.Member(Schema, keyword), $"{At}/{keyword}");
    }

    /// <summary>What the schema says of one place of a value.</summary>
    internal sealed class Field
    {
        /// <summary>A place that no schema describes.</summary>
        public static readonly Field Unknown = new(null, []);

        private readonly FieldRules? _rules;
        private readonly Part[] _parts;
        private readonly ConcurrentDictionary<string, Field> _members = new(StringComparer.Ordinal);
        private readonly Lazy<Field> _items;

        public Field(FieldRules? rules, Part[] parts)
        {
            (_rules, _parts) = (rules, parts);
            Rule = Strictest(parts.Select(p => Explicit(p.Schema)));
            Implied = Strictest(parts.Select(p => ImpliedBy(p.Schema)));
            _items = new Lazy<Field>(() => Over(ItemsOf));
        }

        /// <summary>What <c>x-governance</c> says; null where it says nothing.</summary>
        public FieldRule? Rule { get; }

        /// <summary>What other keywords imply: <c>writeOnly</c> and the formats of passwords and addresses.</summary>
        public FieldRule? Implied { get; }

        public Field Items => _items.Value;

        public Field Member(string name)
        {
            if (_parts.Length == 0) return Unknown;
            if (_members.TryGetValue(name, out var known)) return known;
            var field = Over(part => MembersOf(part, name));
            // Names that no schema lists are anybody's choice, and would fill the memory.
            return _parts.Any(p => JsonMembers.Member(JsonMembers.Member(p.Schema, "properties"), name).ValueKind != JsonValueKind.Undefined) ? _members.GetOrAdd(name, field) : field;
        }

        private Field Over(Func<Part, IEnumerable<Part>> below) => _rules is null ? Unknown : _rules.FieldOf(_parts.SelectMany(below));

        private static IEnumerable<Part> MembersOf(Part part, string name)
        {
            var named = false;
            var properties = part.Below("properties");
            if (JsonMembers.Member(properties.Schema, name) is { ValueKind: JsonValueKind.Object } property)
            {
                named = true;
                yield return new Part(property, $"{properties.At}/{JsonPointers.Escape(name)}");
            }

            var patterns = part.Below("patternProperties");
            if (patterns.Schema.ValueKind == JsonValueKind.Object)
            {
                foreach (var pattern in patterns.Schema.EnumerateObject())
                {
                    if (!MayMatch(pattern.Name, name)) continue;
                    named = true;
                    yield return new Part(pattern.Value, $"{patterns.At}/{JsonPointers.Escape(pattern.Name)}");
                }
            }

            if (!named) yield return part.Below("additionalProperties");
            yield return part.Below("unevaluatedProperties");
        }

        private static IEnumerable<Part> ItemsOf(Part part)
        {
            // All items are one place: which of several descriptions holds for one is not asked.
            foreach (var keyword in (string[])["items", "additionalItems", "contains", "unevaluatedItems", "prefixItems"])
            {
                var below = part.Below(keyword);
                if (below.Schema.ValueKind != JsonValueKind.Array)
                {
                    yield return below;
                    continue;
                }

                for (var i = 0; i < below.Schema.GetArrayLength(); i++) yield return new Part(below.Schema[i], $"{below.At}/{i}");
            }
        }

        /// <summary>A pattern that does not run counts as one that matches: rules may hide too much, not too little.</summary>
        private static bool MayMatch(string pattern, string name)
        {
            try
            {
                return Regex.IsMatch(name, pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                return true;
            }
        }

        private static FieldRule? Strictest(IEnumerable<FieldRule?> rules) => rules.Max();

        private static FieldRule? Explicit(JsonElement schema) => JsonMembers.Text(schema, "x-governance") switch
        {
            "keep" => FieldRule.Keep,
            "hash" => FieldRule.Hash,
            "mask" => FieldRule.Mask,
            "drop" => FieldRule.Drop,
            null => null,
            // A word that nobody knows was meant to hide something.
            _ => FieldRule.Mask,
        };

        private static FieldRule? ImpliedBy(JsonElement schema) =>
            JsonMembers.Member(schema, "writeOnly").ValueKind == JsonValueKind.True ? FieldRule.Mask
            : JsonMembers.Text(schema, "format") switch
            {
                "password" => FieldRule.Mask,
                "email" or "idn-email" => FieldRule.Hash,
                _ => null,
            };
    }
}
