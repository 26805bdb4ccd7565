using System.Collections.Frozen;
using System.Text.Json;
using Json.Schema;

namespace McpServerless.Catalogue.Files;

/// <summary>The published JSON Schemas (folder <c>schemas/</c>), which editors complete by and the loader checks with.</summary>
internal static class FileSchemas
{
    public const string Upstream = "Upstream";
    public const string ToolContract = "ToolContract";
    public const string PromptContract = "PromptContract";
    public const string ResourceContract = "ResourceContract";
    public const string VirtualServer = "VirtualServer";
    public const string Client = "Client";
    public const string Grant = "Grant";

    private static readonly FrozenDictionary<string, FileSchema> ByKind = new Dictionary<string, string>
    {
        [Upstream] = "upstream.schema.json",
        [ToolContract] = "tool-contract.schema.json",
        [PromptContract] = "prompt-contract.schema.json",
        [ResourceContract] = "resource-contract.schema.json",
        [VirtualServer] = "virtual-server.schema.json",
        [Client] = "client.schema.json",
        [Grant] = "grant.schema.json",
    }.ToFrozenDictionary(k => k.Key, k => FileSchema.Load(k.Value), StringComparer.Ordinal);

    private static readonly string Kinds = string.Join(", ", ByKind.Keys.Order(StringComparer.Ordinal));

    /// <summary>What breaks the schema of the file's kind. Empty when nothing does.</summary>
    public static IReadOnlyList<CatalogueFinding> Check(CatalogueFile file)
    {
        if (file.Root.ValueKind != JsonValueKind.Object) return [file.Finding(FindingRule.KindUnknown, "", $"is not an object; it needs a member kind, which is one of {Kinds}")];
        if (ByKind.TryGetValue(file.Kind, out var schema)) return schema.Check(file);
        var message = file.Root.TryGetProperty("kind", out _) ? $"is none of {Kinds}" : $"the member kind is missing; it is one of {Kinds}";
        return [file.Finding(FindingRule.KindUnknown, file.Root.TryGetProperty("kind", out _) ? "/kind" : "", message)];
    }

    /// <summary>The published schema of a kind.</summary>
    public static JsonElement SourceOf(string kind) => ByKind[kind].Source;

    private sealed class FileSchema(JsonElement source, JsonSchema schema)
    {
        public JsonElement Source => source;

        private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

        public static FileSchema Load(string name)
        {
            using var stream = typeof(FileSchemas).Assembly.GetManifestResourceStream(name)
                ?? throw new InvalidOperationException($"The schema {name} is not embedded.");
            using var document = JsonDocument.Parse(stream);
            var source = document.RootElement.Clone();
            return new FileSchema(source, JsonSchema.Build(source, new BuildOptions { Dialect = Dialect.Draft202012, SchemaRegistry = new SchemaRegistry() }));
        }

        public IReadOnlyList<CatalogueFinding> Check(CatalogueFile file)
        {
            var results = schema.Evaluate(file.Root, Options);
            if (results.IsValid) return [];
            var findings = new List<CatalogueFinding>();
            foreach (var detail in Flatten(results))
            {
                // What the branches of a oneOf or anyOf miss is said by that itself, and an if demands nothing.
                var path = detail.EvaluationPath.ToString();
                if (path.Contains("/oneOf/", StringComparison.Ordinal) || path.Contains("/anyOf/", StringComparison.Ordinal) || path.EndsWith("/if", StringComparison.Ordinal) || path.Contains("/if/properties", StringComparison.Ordinal)) continue;
                foreach (var keyword in detail.Errors?.Keys ?? Enumerable.Empty<string>()) findings.AddRange(Describe(file, detail, keyword));
            }

            // A file that breaks its schema is never taken for a sound one, whatever can be told of why.
            return findings.Count > 0 ? [.. findings.Distinct()] : [file.Finding(FindingRule.InvalidValue, "", "does not keep the schema of its kind")];
        }

        private static IEnumerable<EvaluationResults> Flatten(EvaluationResults results) =>
            (results.Details ?? []).SelectMany(Flatten).Prepend(results);

        private IEnumerable<CatalogueFinding> Describe(CatalogueFile file, EvaluationResults detail, string keyword)
        {
            var pointer = detail.InstanceLocation.ToString();
            if (keyword.Length == 0)
            {
                yield return file.Finding(FindingRule.UnknownMember, pointer, $"is not a member that is known here{Suggestion(detail, pointer)}");
                yield break;
            }

            var rule = Rule(detail, keyword);
            switch (keyword)
            {
                // A closed object reports its unknown members one by one, above; kind was read before.
                case "additionalProperties" or "properties" or "items" or "$ref" or "allOf" or "then":
                    break;
                case "oneOf":
                    var choices = Choices(rule);
                    var missing = choices.Contains("expiresAt", StringComparer.Ordinal) ? FindingRule.ExpiryMissing : FindingRule.UriMissing;
                    yield return file.Finding(missing, pointer, $"needs one of {string.Join(" and ", choices)}, and not both");
                    break;
                case "anyOf":
                    yield return file.Finding(FindingRule.MissingMember, pointer, $"needs at least one of {string.Join(", ", Choices(rule))}");
                    break;
                case "required":
                    var instance = JsonPointers.Follow(file.Root, pointer);
                    foreach (var name in rule?.EnumerateArray().Select(n => n.GetString()!) ?? [])
                    {
                        if (instance is { ValueKind: JsonValueKind.Object } there && there.TryGetProperty(name, out _)) continue;
                        yield return file.Finding(FindingRule.MissingMember, pointer, $"the member {name} is missing");
                    }

                    break;
                default:
                    yield return file.Finding(FindingRule.InvalidValue, pointer, Expected(keyword, rule));
                    break;
            }
        }

        /// <summary>The members of which the branches of a oneOf or anyOf want one each.</summary>
        private static string[] Choices(JsonElement? branches) =>
            [.. branches?.EnumerateArray().SelectMany(branch => branch.GetProperty("required").EnumerateArray()).Select(name => name.GetString()!) ?? []];

        private JsonElement? Rule(EvaluationResults detail, string keyword)
        {
            var place = Place(detail);
            return place is { ValueKind: JsonValueKind.Object } there && there.TryGetProperty(keyword, out var rule) ? rule : null;
        }

        /// <summary>Where in the schema a detail comes from, or with <paramref name="above"/> steps less.</summary>
        /// <remarks>Behind <c>items</c> the library names the array once more, the keyword of a list twice, and behind <c>then</c> a place in the list around it; such a step leads nowhere and is passed over.</remarks>
        private JsonElement? Place(EvaluationResults detail, int above = 0)
        {
            var fragment = Uri.UnescapeDataString(detail.SchemaLocation.Fragment.TrimStart('#'));
            var steps = fragment.Split('/').Skip(1).SkipLast(above).ToList();
            JsonElement? node = source;
            for (var i = 0; i < steps.Count && node is { } here; i++)
            {
                var next = JsonPointers.Follow(here, "/" + steps[i]);
                node = next is null && i > 0 && (steps[i - 1] is "items" or "then" || steps[i - 1] == steps[i]) ? here : next;
            }

            return node;
        }

        private static string Expected(string keyword, JsonElement? rule)
        {
            var text = rule is { ValueKind: JsonValueKind.String } one ? one.GetString() : rule?.GetRawText();
            return keyword switch
            {
                "type" => $"has to be of type {text}",
                "enum" => $"has to be one of {string.Join(", ", rule?.EnumerateArray().Select(v => v.ToString()) ?? [])}",
                "const" => $"has to be {text}",
                "pattern" => $"does not match {text}",
                "format" => $"is not a {text}",
                "minimum" => $"is less than {text}",
                "maximum" => $"is more than {text}",
                "minLength" => $"has less than {text} characters",
                "maxLength" => $"has more than {text} characters",
                "minItems" => $"has less than {text} items",
                "maxItems" => $"has more than {text} items",
                _ => $"breaks {keyword} {text}",
            };
        }

        /// <summary>The known name that is meant, where one differs in case or by two characters.</summary>
        private string Suggestion(EvaluationResults detail, string pointer)
        {
            if (Place(detail, above: 1) is not { ValueKind: JsonValueKind.Object } around) return "";
            if (!around.TryGetProperty("properties", out var known) || known.ValueKind != JsonValueKind.Object) return "";
            var written = pointer[(pointer.LastIndexOf('/') + 1)..];
            var nearest = known.EnumerateObject().Select(p => p.Name).MinBy(name => Distance(name.ToUpperInvariant(), written.ToUpperInvariant()));
            return nearest is not null && Distance(nearest.ToUpperInvariant(), written.ToUpperInvariant()) <= 2 ? $"; is {nearest} meant?" : "";
        }

        /// <summary>Levenshtein's distance, for names of moderate length.</summary>
        private static int Distance(string a, string b)
        {
            if (Math.Abs(a.Length - b.Length) > 2) return int.MaxValue;
            var row = Enumerable.Range(0, b.Length + 1).ToArray();
            for (var i = 1; i <= a.Length; i++)
            {
                var diagonal = row[0]++;
                for (var j = 1; j <= b.Length; j++)
                {
                    var cost = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                    (diagonal, row[j]) = (row[j], cost);
                }
            }

            return row[b.Length];
        }
    }
}
