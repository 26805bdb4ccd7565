using System.Text.Json;
using McpServerless.Budgets;
using McpServerless.Upstreams;

namespace McpServerless.ToolCalls;

/// <summary>What the agent gets: the tool's result, or the error with which the upstream answered the call.</summary>
/// <remarks>Borrows the upstream's bytes; dispose it when it is written.</remarks>
public sealed class ToolResult : IDisposable
{
    private readonly UpstreamAnswer _answer;

    internal ToolResult(UpstreamAnswer answer) => _answer = answer;

    /// <summary>The <c>CallToolResult</c> object; undefined when there is an error instead.</summary>
    public JsonElement Result => _answer.Result;

    /// <summary>The upstream's JSON-RPC error object; undefined when there is a result.</summary>
    public JsonElement Error => _answer.Error;

    /// <summary>How the limits of the call stand, for the headers <c>RateLimit</c> and <c>RateLimit-Policy</c>.</summary>
    public IReadOnlyList<LimitStanding> Standings { get; internal set; } = [];

    public void Dispose() => _answer.Dispose();
}
