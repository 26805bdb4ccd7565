using System.Diagnostics;
using System.Net;
using McpServerless.Authentication;
using McpServerless.Sealing;

namespace McpServerless.ToolCalls;

/// <summary>What a request brings beside its subject: who says it is calling, in which revision, and what it claims of itself.</summary>
public sealed record RequestContext
{
    /// <summary>Made by the gateway; names the request in the ledger, and to the caller when something goes wrong.</summary>
    public required Guid RequestId { get; init; }

    /// <summary>Name of the virtual server, from the URL.</summary>
    public required string Server { get; init; }

    /// <summary>The MCP method; null when the request could not be read that far.</summary>
    public string? Method { get; init; }

    /// <summary>The bearer token; null when there was none.</summary>
    public required AccessToken? Token { get; init; }

    /// <summary>The negotiated or declared revision; null when the request could not be read that far.</summary>
    public string? Revision { get; init; }

    /// <summary>The session that the request names; it opened, but whose it is has to be compared with the token.</summary>
    public SealedSession? Session { get; init; }

    /// <summary>From where the caller calls; null where that is not known.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>When the request began, by the gateway's <see cref="TimeProvider"/>.</summary>
    public required long StartedAt { get; init; }

    /// <summary>The trace that the request belongs to, by its own word: whoever calls can write anything here.</summary>
    public ActivityContext ClaimedTrace { get; init; }

    /// <summary><c>clientInfo.name</c>, as claimed.</summary>
    public string? ClaimedClientName { get; init; }

    /// <summary><c>clientInfo.version</c>, as claimed.</summary>
    public string? ClaimedClientVersion { get; init; }

    /// <summary>The header <c>User-Agent</c>, as claimed.</summary>
    public string? ClaimedUserAgent { get; init; }
}
