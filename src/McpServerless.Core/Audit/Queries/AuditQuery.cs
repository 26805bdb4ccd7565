using System.Text.Json;
using McpServerless.Audit.Indexing;

namespace McpServerless.Audit.Queries;

/// <summary>Which records are asked for. What is null is not asked about; several conditions are met together.</summary>
public sealed record AuditQuery
{
    /// <summary>From this moment on.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Before this moment.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>The application id, in lower case; <see cref="AuditRecord.NoClient"/> or <see cref="AuditRecord.Gateway"/>. Null for all clients, but not the gateway's own records.</summary>
    public string? ClientId { get; init; }

    public string? UserId { get; init; }

    /// <summary>As the virtual server names it.</summary>
    public string? Tool { get; init; }

    public string? Prompt { get; init; }

    public string? Resource { get; init; }

    public string? Server { get; init; }

    public string? Method { get; init; }

    /// <summary><c>allowed</c> or <c>refused</c>.</summary>
    public string? Decision { get; init; }

    public string? RefusalCode { get; init; }

    public string? GrantId { get; init; }

    public string? SessionId { get; init; }

    public string? TraceId { get; init; }

    public string? RequestId { get; init; }

    /// <summary>Whether intents are wanted too, which strict tools record before a call is forwarded.</summary>
    public bool WithIntents { get; init; }

    /// <summary>Of the indexes that fit, the one that leads to the fewest records; null when none fits, or when a client's own partition is the shorter way.</summary>
    internal (IndexKind Kind, string Key)? Indexed =>
        RequestId is not null ? (IndexKind.Request, RequestId)
        : TraceId is not null ? (IndexKind.Trace, TraceId)
        : SessionId is not null ? (IndexKind.Session, SessionId)
        : Tool is not null && ClientId is null ? (IndexKind.Tool, Tool)
        : null;

    /// <summary>Whether a record is one of those that are asked for.</summary>
    public bool Matches(JsonElement record) =>
        (WithIntents || !Is(record, "event", "intent"))
        && Fits(record, "userId", UserId) && Fits(record, "tool", Tool) && Fits(record, "prompt", Prompt) && Fits(record, "resource", Resource)
        && Fits(record, "server", Server) && Fits(record, "method", Method) && Fits(record, "decision", Decision) && Fits(record, "refusalCode", RefusalCode)
        && Fits(record, "grantId", GrantId) && Fits(record, "sessionId", SessionId) && Fits(record, "traceId", TraceId) && Fits(record, "requestId", RequestId)
        && IsInTime(record);

    private bool IsInTime(JsonElement record) =>
        !JsonMembers.Member(record, "time").TryGetTime(out var time) || (time >= From && time < Until);

    private static bool Fits(JsonElement record, string name, string? wanted) => wanted is null || Is(record, name, wanted);

    private static bool Is(JsonElement record, string name, string value) =>
        JsonMembers.Member(record, name) is { ValueKind: JsonValueKind.String } member && member.ValueEquals(value);
}

file static class Times
{
    /// <summary>A record whose time cannot be read is shown: hiding it would serve whoever changed it.</summary>
    public static bool TryGetTime(this JsonElement value, out DateTimeOffset time)
    {
        time = default;
        return value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out time);
    }
}
