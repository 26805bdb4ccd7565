using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace McpServerless.Sealing;

/// <summary>How long what the gateway sealed for a client is taken back.</summary>
public sealed class SessionOptions
{
    public const string Section = "Sessions";

    /// <summary>How long a session of the older protocol era lasts, in minutes.</summary>
    /// <value>5 to 10,080; default 1,440 (a day). After it the session is answered with <c>session_unknown</c> (HTTP 404), and the client opens a new one.</value>
    /// <remarks>MCP 2025-11-25, Transports, Session Management.</remarks>
    [Range(5, 10080)]
    public int LifetimeMinutes { get; set; } = 1440;

    /// <summary>How long a client may take to come back with what a call of several rounds asked for, in minutes.</summary>
    /// <value>1 to 1,440; default 60. After it the retry is refused with <c>request_state_invalid</c>.</value>
    /// <remarks>MCP 2026-07-28, Multi Round-Trip Requests.</remarks>
    [Range(1, 1440)]
    public int RequestStateMinutes { get; set; } = 60;

    /// <summary>The most rounds of one call.</summary>
    /// <value>1 to 100; default 10. A further one is refused with <c>request_state_invalid</c>.</value>
    [Range(1, 100)]
    public int MaxRounds { get; set; } = 10;

    /// <summary>How long a stream from the gateway to a client is held before it is ended in good order, in seconds.</summary>
    /// <value>5 to 3,600; default 200. The platform's load balancer cuts a request after 230 seconds (Azure Functions, "Function app timeout duration"); clients open a new stream.</value>
    [Range(5, 3600)]
    public int StreamSeconds { get; set; } = 200;

    /// <summary>The most items of one page of a list.</summary>
    /// <value>10 to 1,000; default 250. The rest is on the pages after it.</value>
    /// <remarks>MCP 2026-07-28, Pagination.</remarks>
    [Range(10, 1000)]
    public int PageSize { get; set; } = 250;
}

[OptionsValidator]
internal sealed partial class SessionOptionsValidator : IValidateOptions<SessionOptions>;
