using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using McpServerless.Access.Administration;
using McpServerless.Management;
using Microsoft.AspNetCore.Http;

namespace McpServerless.Http.Manage;

/// <summary>A request whose caller, parameters and body are known and right.</summary>
internal sealed record ManageRequest
{
    public required GovernanceCaller Caller { get; init; }

    public required HttpRequest Http { get; init; }

    /// <summary>Names the request in the log, and in problems that are told.</summary>
    public Guid RequestId { get; init; }

    /// <summary>Values of the path, by name.</summary>
    public required IReadOnlyDictionary<string, string> Path { get; init; }

    /// <summary>Values of the query that were given, by name.</summary>
    public required IReadOnlyDictionary<string, string> Query { get; init; }

    /// <summary>The body, which keeps the operation's schema; undefined where there is none.</summary>
    public JsonElement Body { get; init; }

    /// <summary>The tags of <c>If-Match</c>; null where there is none. One that is <c>*</c> stands for whatever it is.</summary>
    public IReadOnlyList<string>? IfMatch { get; init; }

    /// <summary>Whether <c>If-None-Match: *</c> says that there must be none.</summary>
    public bool OnlyNew { get; init; }

    public Actor Actor => Caller.Actor;

    public string? Ask(string name) => Query.GetValueOrDefault(name);

    public int Limit => Ask("limit") is { } limit ? int.Parse(limit, CultureInfo.InvariantCulture) : Pages.DefaultLimit;

    public DateTimeOffset? Moment(string name) => Ask(name) is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) : null;

    /// <summary>The body as a type; it keeps the schema that was made from the type.</summary>
    public T Read<T>(JsonTypeInfo<T> type) => JsonSerializer.Deserialize(Body, type) ?? throw new JsonException("The body is null.");

    /// <summary>The body without one of its members.</summary>
    public JsonElement BodyWithout(string name)
    {
        using var text = new PooledBytes();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            foreach (var member in Body.EnumerateObject())
            {
                if (!member.NameEquals(name)) member.WriteTo(json);
            }

            json.WriteEndObject();
        }

        using var document = JsonDocument.Parse(text.Memory);
        return document.RootElement.Clone();
    }

    /// <summary>The ETag of HTTP for the store's mark. It is a strong one: another representation never has the same (RFC 9110, section 8.8.1).</summary>
    public static string TagOf(string mark) => $"\"{Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(mark)).AsSpan(0, 15))}\"";

    /// <summary>Null when what exists is what the caller read; else why nothing is changed.</summary>
    /// <param name="mark">The store's mark of what exists; null for nothing.</param>
    /// <param name="precondition">What the operation asks for.</param>
    public ManageProblem? Judge(string? mark, Precondition precondition)
    {
        if (mark is null) return IfMatch is null ? null : new ManageProblem(ManageProblemCode.PreconditionFailed, "There is no such thing any more.");
        if (OnlyNew) return new ManageProblem(ManageProblemCode.PreconditionFailed, "There is one already.");
        if (IfMatch is null) return precondition is Precondition.Required or Precondition.RequiredIfExists ? Unconditional : null;
        return IfMatch.Contains("*") || IfMatch.Contains(TagOf(mark), StringComparer.Ordinal) ? null : new ManageProblem(ManageProblemCode.PreconditionFailed, "It was changed since it was read.");
    }

    public static ManageProblem Unconditional { get; } = new(ManageProblemCode.PreconditionRequired, "Say with If-Match what was read; * stands for whatever it is now.");
}

/// <summary>An answer, made and not yet sent.</summary>
internal sealed record ManageAnswer
{
    public const string Json = "application/json";
    public const string ProblemJson = "application/problem+json";

    public int Status { get; init; } = StatusCodes.Status200OK;

    public string ContentType { get; init; } = Json;

    public ReadOnlyMemory<byte> Body { get; init; }

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Null for an answer that went well.</summary>
    public ManageProblem? Problem { get; init; }

    public static implicit operator ManageAnswer(ManageProblem problem) => new() { Problem = problem, Status = problem.Code.Status };

    /// <param name="mark">The store's mark; null for what has none.</param>
    public static ManageAnswer Of<T>(T value, JsonTypeInfo<T> type, string? mark = null) => new()
    {
        Body = JsonSerializer.SerializeToUtf8Bytes(value, type),
        Headers = mark is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["ETag"] = ManageRequest.TagOf(mark) },
    };

    /// <summary>What came of a change.</summary>
    /// <param name="after">Makes the answer of what is now.</param>
    public static ManageAnswer Of<T>(ChangeOutcome<T> outcome, Func<T, ManageAnswer> after)
        where T : class => outcome.Value is { } value ? after(value) : new ManageProblem(ManageProblemCode.Of(outcome.Problem), outcome.Message) { RetryAfterSeconds = outcome.Problem == ChangeProblem.NotRecorded ? 5 : null };
}

/// <summary>Lists in pages: sorted by a key, after which the next page begins.</summary>
internal static class Pages
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;

    /// <param name="items">Sorted by their keys, ordinally.</param>
    public static ManageAnswer Of<T>(ManageRequest request, IEnumerable<T> items, Func<T, string> keyOf, Action<Utf8JsonWriter, T> write)
    {
        var after = "";
        if (request.Ask("cursor") is { } cursor && !TryRead(cursor, out after)) return BadCursor;
        var page = items.Where(i => string.CompareOrdinal(keyOf(i), after) > 0).Take(request.Limit + 1).ToList();
        var next = page.Count > request.Limit ? Base64Url.EncodeToString(Encoding.UTF8.GetBytes(keyOf(page[request.Limit - 1]))) : null;
        return Write(request, page.Take(request.Limit), next, write);
    }

    public static ManageAnswer Of<T>(ManageRequest request, IEnumerable<T> items, Func<T, string> keyOf, JsonTypeInfo<T> type) =>
        Of(request, items, keyOf, (json, item) => JsonSerializer.Serialize(json, item, type));

    public static ManageProblem BadCursor => ManageProblem.Parameter("cursor", "is none that this list gave");

    public static ManageAnswer Write<T>(ManageRequest request, IEnumerable<T> items, string? next, Action<Utf8JsonWriter, T> write)
    {
        using var body = new PooledBytes();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteStartArray("items"u8);
            foreach (var item in items) write(json, item);
            json.WriteEndArray();
            if (next is not null) json.WriteString("next"u8, next);
            json.WriteEndObject();
        }

        var headers = new Dictionary<string, string>();
        if (next is not null) headers["Link"] = $"<{request.Http.Path}{QueryString.Create(request.Query.Where(q => q.Key != "cursor").Select(q => KeyValuePair.Create(q.Key, (string?)q.Value)).Append(new("cursor", next)))}>; rel=\"next\"";
        return new ManageAnswer { Body = body.Memory.ToArray(), Headers = headers };
    }

    private static bool TryRead(string cursor, out string key)
    {
        key = "";
        if (!Base64Url.IsValid(cursor)) return false;
        try
        {
            key = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Base64Url.DecodeFromChars(cursor));
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
