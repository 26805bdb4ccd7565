using System.Text.Json;

namespace McpServerless.Contracts;

/// <summary>The two dialects of JSON Schema that contracts are written in: 2020-12, and draft-07 where <c>$schema</c> says so.</summary>
internal static class SchemaDialect
{
    /// <summary>Keywords that draft-07 does not have.</summary>
    public static readonly IReadOnlySet<string> OfTheNewer = new HashSet<string>(StringComparer.Ordinal)
    {
        "prefixItems", "minContains", "maxContains", "unevaluatedItems", "unevaluatedProperties", "dependentRequired", "dependentSchemas",
    };

    public static bool IsDraft07(JsonElement root) => JsonMembers.Text(root, "$schema")?.Contains("draft-07", StringComparison.Ordinal) == true;
}
