namespace McpServerless.Catalogue;

/// <summary>What an upstream speaks.</summary>
public enum UpstreamProtocol
{
    /// <summary>MCP over Streamable HTTP.</summary>
    Mcp,

    /// <summary>An HTTP API, whose operations are called by the member <c>http</c> of their contracts.</summary>
    Rest,

    /// <summary>The gateway itself; no file can say so.</summary>
    Gateway,
}

/// <summary>An MCP server or an HTTP API that the gateway fronts.</summary>
public sealed record Upstream
{
    public required string Name { get; init; }

    public UpstreamProtocol Protocol { get; init; } = UpstreamProtocol.Mcp;

    /// <summary>Its MCP endpoint (Streamable HTTP), or the URL before the paths of an API.</summary>
    public required Uri Url { get; init; }

    /// <summary>By what the gateway proves itself there; null for nothing.</summary>
    public UpstreamCredential? Credential { get; init; }

    /// <summary>Whether its address may be private, loopback or link-local. Otherwise such an address is refused when connecting.</summary>
    public bool AllowPrivateNetwork { get; init; }

    /// <summary>Time for one call, in seconds.</summary>
    /// <value>1 to 220; default 60. Past it the call is refused with <c>upstream_timeout</c>.</value>
    /// <remarks>Azure's load balancer ends a request after 230 seconds (Azure Functions, "Function app timeout duration").</remarks>
    public int TimeoutSeconds { get; init; } = 60;

    /// <summary>The most bytes of one message from this upstream.</summary>
    /// <value>1 KiB to 32 MiB; default 4 MiB. Past it the call is refused with <c>result_too_large</c>.</value>
    public int MaxResultBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>The most calls under way at once.</summary>
    /// <value>1 to 10,000; default 500. As many more wait for a place; past that a call is refused with <c>upstream_unavailable</c>.</value>
    public int MaxConcurrentCalls { get; init; } = 500;
}
