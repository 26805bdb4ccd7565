using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace McpServerless.OpenApi;

/// <summary>What an API's error says, as a text from which a model can repair its call.</summary>
/// <remarks>Members of problem details (RFC 9457, section 3.1) first, with the <c>errors</c> that frameworks add; else those that other APIs use.</remarks>
internal static class ProblemText
{
    /// <summary>Characters. More is a stack trace or a page for people.</summary>
    private const int MaxLength = 4_000;

    private const int MaxErrors = 20;

    public static string Describe(int status, JsonElement? json, string? text)
    {
        var lines = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"HTTP {status} {Phrase(status)}").TrimEnd());
        switch (json)
        {
            case { ValueKind: JsonValueKind.Object } problem when Members(problem) is { Length: > 0 } members:
                lines.Append(": ").Append(members);
                break;
            case { ValueKind: not JsonValueKind.Undefined } other:
                lines.Append(": ").Append(other.GetRawText());
                break;
            default:
                // A page is for people; its markup says nothing to a model.
                if (text is not null && !text.TrimStart().StartsWith('<')) lines.Append(": ").Append(text.Trim());
                break;
        }

        return lines.Length <= MaxLength ? lines.ToString() : string.Concat(lines.ToString().AsSpan(0, Cut(lines)), " …");
    }

    private static string Members(JsonElement problem)
    {
        var parts = new List<string>();
        foreach (var name in (ReadOnlySpan<string>)["title", "detail", "message", "error", "error_description", "errorMessage", "reason", "code"])
        {
            if (!problem.TryGetProperty(name, out var member)) continue;
            var part = member.ValueKind switch
            {
                JsonValueKind.String => member.GetString()!,
                JsonValueKind.Number => $"{name} {member.GetRawText()}",
                JsonValueKind.Object when Members(member) is { Length: > 0 } inner => inner,
                _ => "",
            };
            if (part.Length > 0 && !parts.Contains(part)) parts.Add(part);
        }

        if (problem.TryGetProperty("errors", out var errors)) parts.AddRange(Errors(errors).Take(MaxErrors));
        return string.Join("; ", parts);
    }

    /// <summary>ASP.NET Core: an object of lists by field. RFC 9457's own example, and many others: a list of objects or texts.</summary>
    private static IEnumerable<string> Errors(JsonElement errors) => errors.ValueKind switch
    {
        JsonValueKind.Object => errors.EnumerateObject().Select(field => $"{field.Name}: {Flat(field.Value)}"),
        JsonValueKind.Array => errors.EnumerateArray().Select(Flat),
        _ => [],
    };

    private static string Flat(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Array => string.Join(" ", value.EnumerateArray().Select(Flat)),
        _ => value.GetRawText(),
    };

    private static int Cut(StringBuilder text) => char.IsHighSurrogate(text[MaxLength - 1]) ? MaxLength - 1 : MaxLength;

    private static string Phrase(int status) => Enum.IsDefined((HttpStatusCode)status)
        ? string.Concat(((HttpStatusCode)status).ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : c.ToString()))
        : "";
}
