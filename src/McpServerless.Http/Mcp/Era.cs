using System.Text.Json;
using McpServerless.Contracts;
using McpServerless.Protocol;
using McpServerless.Sealing;
using McpServerless.ToolCalls;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol.Protocol;

namespace McpServerless.Http.Mcp;

/// <summary>Which era a request belongs to, and whether it keeps that era's rules.</summary>
internal static class Era
{
    /// <summary>Whether a body is a batch of the one revision that has them. Every other reader takes an array for no message at all.</summary>
    public static bool TakesBatch(HttpRequest request, JsonElement body) =>
        body.ValueKind == JsonValueKind.Array && Header(request, "MCP-Protocol-Version") is null or ProtocolRevision.Legacy20250326;

    /// <summary>Decides by the one key of <c>_meta</c> and the version header (MCP 2026-07-28, Versioning).</summary>
    /// <returns>The revision, or the error that ends the request.</returns>
    /// <param name="request">Its headers.</param>
    /// <param name="message">The message.</param>
    /// <param name="session">The session that the request names; it knows what was negotiated.</param>
    public static (string? Revision, ProtocolError? Error) Of(HttpRequest request, McpMessage message, SealedSession? session)
    {
        var header = Header(request, "MCP-Protocol-Version");
        if (IsModern(request, message)) return Modern(header, message);

        // A handshake negotiates by its parameters, never by a header.
        if (message.Method == RequestMethods.Initialize) return (Negotiate(message), null);
        if (session is not null)
        {
            return header is null || header == session.Revision
                ? (ProtocolRevision.Known(session.Revision), null)
                : (null, new ProtocolError(400, RefusalCode.InvalidRequest, "MCP-Protocol-Version differs from what the session negotiated"));
        }

        return header switch
        {
            ProtocolRevision.Legacy20251125 => (ProtocolRevision.Legacy20251125, null),
            ProtocolRevision.Legacy20250618 => (ProtocolRevision.Legacy20250618, null),
            // Nothing in the header: the only safe guess. The first revision of all is read like the one after it.
            null or ProtocolRevision.Legacy20250326 or "2024-11-05" => (ProtocolRevision.Legacy20250326, null),
            _ => (null, ProtocolError.BadVersion(header)),
        };
    }

    /// <summary>Whether a message belongs to the era without a handshake; it then has no session, whatever its headers say.</summary>
    public static bool IsModern(HttpRequest request, McpMessage message) =>
        (message.Meta.ValueKind == JsonValueKind.Object && message.Meta.TryGetProperty(MetaKeys.ProtocolVersion, out _)) || HasModernHeader(request);

    /// <summary>Whether the version header alone says so, for requests without a message.</summary>
    public static bool HasModernHeader(HttpRequest request) =>
        Header(request, "MCP-Protocol-Version") is { } header && string.CompareOrdinal(header, ProtocolRevision.Modern) >= 0;

    /// <summary>The revision asked for where it is served, otherwise the newest one with a handshake.</summary>
    private static string Negotiate(McpMessage message) =>
        McpMessage.Text(message.Params, "protocolVersion") is { } asked && ProtocolRevision.LegacyServed.Contains(asked)
            ? ProtocolRevision.Known(asked)!
            : ProtocolRevision.LegacyServed[0];

    private static (string? Revision, ProtocolError? Error) Modern(string? header, McpMessage message)
    {
        if (message.Method is null) return (null, new ProtocolError(400, RefusalCode.InvalidRequest, "A client sends requests, not responses"));
        if (message.IsNotification) return (ProtocolRevision.Modern, CheckNotification(header, message));
        if (message.MetaText(MetaKeys.ProtocolVersion) is not { } version) return (null, ProtocolError.BadParams($"_meta needs {MetaKeys.ProtocolVersion}", 400));
        if (!message.Meta.TryGetProperty(MetaKeys.ClientCapabilities, out var capabilities) || capabilities.ValueKind != JsonValueKind.Object)
        {
            return (null, ProtocolError.BadParams($"_meta needs {MetaKeys.ClientCapabilities}", 400));
        }

        if (header is null) return (null, ProtocolError.BadHeader("MCP-Protocol-Version is missing"));
        if (header != version) return (null, ProtocolError.BadHeader("MCP-Protocol-Version differs from _meta"));
        return version == ProtocolRevision.Modern ? (ProtocolRevision.Modern, null) : (null, ProtocolError.BadVersion(version));
    }

    /// <summary>A notification need not mirror anything, but what it mirrors must be true.</summary>
    private static ProtocolError? CheckNotification(string? header, McpMessage message) =>
        header is not null && message.MetaText(MetaKeys.ProtocolVersion) is { } version && version != header
            ? ProtocolError.BadHeader("MCP-Protocol-Version differs from _meta")
            : null;

    /// <summary>The headers that repeat the body's method and subject must agree with it (MCP 2026-07-28, Streamable HTTP, Headers).</summary>
    public static ProtocolError? CheckMirroredHeaders(HttpRequest request, McpMessage message)
    {
        var method = Header(request, "Mcp-Method");
        if (method is null && !message.IsNotification) return ProtocolError.BadHeader("Mcp-Method is missing");
        if (method is not null && method != message.Method) return ProtocolError.BadHeader("Mcp-Method differs from the body");

        var subject = message.Method switch
        {
            RequestMethods.ToolsCall or RequestMethods.PromptsGet => McpMessage.Text(message.Params, "name"),
            RequestMethods.ResourcesRead => McpMessage.Text(message.Params, "uri"),
            CallTarget.TasksGet or CallTarget.TasksUpdate or CallTarget.TasksCancel => McpMessage.Text(message.Params, "taskId"),
            _ => null,
        };
        if (subject is null) return null;
        if (Header(request, "Mcp-Name") is not { } encoded) return ProtocolError.BadHeader("Mcp-Name is missing");
        return MirroredParameters.Decode(encoded) switch
        {
            null => ProtocolError.BadHeader("Mcp-Name cannot be decoded"),
            { } name when name != subject => ProtocolError.BadHeader("Mcp-Name differs from the body"),
            _ => null,
        };
    }

    /// <summary>A header's value without the white space around it; null where it is missing.</summary>
    public static string? Header(HttpRequest request, string name) =>
        request.Headers.TryGetValue(name, out var values) && values.Count == 1 ? values[0]?.Trim() : null;
}
