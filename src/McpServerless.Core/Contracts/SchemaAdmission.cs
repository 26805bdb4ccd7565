using System.Text.Json;
using System.Text.RegularExpressions;

namespace McpServerless.Contracts;

/// <summary>Bounds that a schema must keep before any validator sees it: a hostile one can end a process.</summary>
/// <remarks>
/// JSON Schema 2020-12, section 10.1 leaves such limits to implementations; MCP asks servers to bound composition. The size is counted
/// as expanded: a reference counts as much as what it refers to, because that is what checking a value costs.
/// </remarks>
public static class SchemaAdmission
{
    /// <summary>Bytes of a schema's JSON text.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Levels of nesting.</summary>
    public const int MaxDepth = 32;

    /// <summary>References that follow each other.</summary>
    public const int MaxReferenceDepth = 16;

    /// <summary>Subschemas, with every reference counted as what it refers to.</summary>
    public const int MaxExpandedSize = 5_000;

    /// <summary>Members of one <c>enum</c>.</summary>
    public const int MaxEnum = 1_000;

    /// <summary>What <c>$schema</c> may name; without it a schema is 2020-12 (MCP 2026-07-28, Base Protocol).</summary>
    private static readonly string[] Dialects = ["https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema"];

    /// <summary>Keywords whose subschemas judge a part of the value, and not the value again.</summary>
    private static readonly HashSet<string> StepsIntoValue = new(StringComparer.Ordinal)
    {
        "properties", "patternProperties", "additionalProperties", "unevaluatedProperties", "propertyNames", "items", "prefixItems", "additionalItems", "unevaluatedItems", "contains",
    };

    /// <summary>What is wrong, each with its JSON pointer; empty when the schema is admitted.</summary>
    public static IReadOnlyList<SchemaFinding> Check(JsonElement schema)
    {
        if (schema.GetRawText().Length > MaxBytes) return [new SchemaFinding("", $"is larger than {MaxBytes} bytes")];
        var walk = new Walk(schema);
        walk.Visit(schema, "", 0);
        if (walk.Findings.Count == 0) walk.Expand(schema);
        return walk.Findings;
    }

    private sealed class Walk(JsonElement root)
    {
        private readonly Dictionary<string, JsonElement> _anchors = new(StringComparer.Ordinal);
        private int _expanded;

        public List<SchemaFinding> Findings { get; } = [];

        public void Visit(JsonElement node, string at, int depth)
        {
            if (depth > MaxDepth)
            {
                Findings.Add(new SchemaFinding(at, $"is nested more than {MaxDepth} levels deep"));
                return;
            }

            switch (node.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var member in node.EnumerateObject())
                    {
                        var here = $"{at}/{JsonPointers.Escape(member.Name)}";
                        CheckKeyword(member, node, here);
                        Visit(member.Value, here, depth + 1);
                    }

                    break;
                case JsonValueKind.Array:
                    var index = 0;
                    foreach (var item in node.EnumerateArray()) Visit(item, $"{at}/{index++}", depth + 1);
                    break;
            }
        }

        /// <summary>
        /// Counts subschemas as a validator would meet them. A reference back to an open one is recursion: it ends with the value if a step into
        /// the value lies between, and never if not.
        /// </summary>
        public void Expand(JsonElement node) => Expand(node, 0, 0, new Dictionary<string, int>(StringComparer.Ordinal) { ["#"] = 0 });

        private void Expand(JsonElement node, int references, int stepsIntoValue, Dictionary<string, int> open)
        {
            if (Findings.Count > 0) return;
            if (++_expanded > MaxExpandedSize)
            {
                Findings.Add(new SchemaFinding("", $"expands to more than {MaxExpandedSize} subschemas"));
                return;
            }

            if (references > MaxReferenceDepth)
            {
                Findings.Add(new SchemaFinding("", $"has a chain of more than {MaxReferenceDepth} references"));
                return;
            }

            if (node.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in node.EnumerateArray()) Expand(item, references, stepsIntoValue, open);
                return;
            }

            if (node.ValueKind != JsonValueKind.Object) return;
            foreach (var member in node.EnumerateObject())
            {
                if (member.Name is "$defs" or "definitions" or "enum" or "const" or "default" or "examples") continue;
                if (member.Name is "$ref" or "$dynamicRef" && member.Value.ValueKind == JsonValueKind.String && member.Value.GetString() is { } reference)
                {
                    if (open.TryGetValue(reference, out var stepsWhenOpened))
                    {
                        if (stepsWhenOpened < stepsIntoValue) continue;
                        Findings.Add(new SchemaFinding("", $"refers to '{reference}' from within itself without a step into the value"));
                        return;
                    }

                    if (Resolve(reference) is not { } target)
                    {
                        Findings.Add(new SchemaFinding("", $"refers to '{reference}', which is not in the document"));
                        return;
                    }

                    open[reference] = stepsIntoValue;
                    Expand(target, references + 1, stepsIntoValue, open);
                    open.Remove(reference);
                }
                else if (member.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                {
                    Expand(member.Value, references, stepsIntoValue + (StepsIntoValue.Contains(member.Name) ? 1 : 0), open);
                }
            }
        }

        private void CheckKeyword(JsonProperty member, JsonElement parent, string at)
        {
            // A property may be called like a keyword; then its value is a schema and not a text.
            switch (member.Name)
            {
                case "$ref" or "$dynamicRef" when member.Value.ValueKind == JsonValueKind.String && !member.Value.GetString()!.StartsWith('#'):
                    Findings.Add(new SchemaFinding(at, "leads out of the document; only references inside it are followed"));
                    break;
                case "$schema" when member.Value.ValueKind == JsonValueKind.String && !Dialects.Contains(member.Value.GetString()!.TrimEnd('#')):
                    Findings.Add(new SchemaFinding(at, $"names another dialect than {string.Join(" or ", Dialects)}"));
                    break;
                case "$anchor" or "$dynamicAnchor" when member.Value.ValueKind == JsonValueKind.String:
                    _anchors.TryAdd("#" + member.Value.GetString(), parent);
                    break;
                case "enum" when member.Value.ValueKind == JsonValueKind.Array && member.Value.GetArrayLength() > MaxEnum:
                    Findings.Add(new SchemaFinding(at, $"has more than {MaxEnum} members"));
                    break;
                case "multipleOf" when member.Value.ValueKind == JsonValueKind.Number && ValueSchema.IsMonstrous(member.Value):
                    Findings.Add(new SchemaFinding(at, "is a number too large or too small to divide by"));
                    break;
                case "pattern" when member.Value.ValueKind == JsonValueKind.String:
                    CheckPattern(member.Value.GetString()!, at);
                    break;
                case "patternProperties" when member.Value.ValueKind == JsonValueKind.Object:
                    foreach (var pattern in member.Value.EnumerateObject()) CheckPattern(pattern.Name, $"{at}/{JsonPointers.Escape(pattern.Name)}");
                    break;
            }
        }

        /// <summary>A pattern that the linear-time engine can run cannot blow up in another one on texts of bounded length.</summary>
        private void CheckPattern(string pattern, string at)
        {
            try
            {
                _ = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            }
            catch (NotSupportedException)
            {
                Findings.Add(new SchemaFinding(at, "needs back-references or look-around, whose time cannot be bounded"));
            }
            catch (ArgumentException)
            {
                Findings.Add(new SchemaFinding(at, "is not a regular expression"));
            }
        }

        private JsonElement? Resolve(string reference)
        {
            if (reference == "#") return root;
            if (_anchors.TryGetValue(reference, out var anchored)) return anchored;
            if (!reference.StartsWith("#/", StringComparison.Ordinal)) return null;
            return JsonPointers.Follow(root, Uri.UnescapeDataString(reference[1..]));
        }
    }
}

/// <summary>What is wrong with a schema, and where.</summary>
/// <param name="Pointer">JSON pointer into the schema; empty for the whole.</param>
public sealed record SchemaFinding(string Pointer, string Message)
{
    public override string ToString() => $"{(Pointer.Length == 0 ? "the schema" : Pointer)} {Message}";
}
