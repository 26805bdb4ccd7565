using System.Text.Json;

namespace McpServerless.Audit.Retention;

/// <summary>What a record is kept as.</summary>
internal static class RecordClass
{
    public const string Read = "read";
    public const string Call = "call";
    public const string Refusal = "refusal";

    /// <summary>By class, how many days it is kept; those that are kept for good are left out.</summary>
    public static IReadOnlyDictionary<string, int> DaysOf(RetentionOptions options)
    {
        var days = new SortedDictionary<string, int>(StringComparer.Ordinal);
        if (options.ReadDays is { } read) days[Read] = read;
        if (options.CallDays is { } call) days[Call] = call;
        if (options.RefusalDays is { } refusal) days[Refusal] = refusal;
        return days;
    }

    /// <summary>Null for what is never purged: what the gateway says of itself, and what cannot be read.</summary>
    public static string? Of(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (JsonMembers.Text(root, "event") is not ("intent" or "outcome")) return null;
            if (JsonMembers.Text(root, "decision") == "refused") return Refusal;
            return JsonMembers.Text(root, "tool") is null || JsonMembers.Member(root, "readOnly").ValueKind == JsonValueKind.True ? Read : Call;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
