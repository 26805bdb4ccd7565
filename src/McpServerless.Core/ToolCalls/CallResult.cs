using System.Text.Json;
using McpServerless.Budgets;
using McpServerless.Upstreams;

namespace McpServerless.ToolCalls;

/// <summary>What the agent gets: a result, or the error with which the upstream answered.</summary>
/// <remarks>Borrows the upstream's bytes; dispose it when it is written.</remarks>
public sealed class CallResult : IDisposable
{
    private readonly UpstreamAnswer? _answer;

    internal CallResult(UpstreamAnswer answer)
    {
        _answer = answer;
        (Result, Error, IsFromModern) = (answer.Result, answer.Error, answer.IsModern);
    }

    /// <summary>A result that the gateway wrote in place of the upstream's answer.</summary>
    internal CallResult(JsonElement authored) => Result = authored;

    /// <summary>The result object; undefined when there is an error instead.</summary>
    public JsonElement Result { get; }

    /// <summary>The upstream's JSON-RPC error object; undefined when there is a result.</summary>
    public JsonElement Error { get; }

    /// <summary>Whether the upstream answered in the era without a handshake, whose errors have other codes.</summary>
    public bool IsFromModern { get; }

    /// <summary>What kind of result it is.</summary>
    public ResultKind Kind { get; internal init; }

    /// <summary>Stands in place of the upstream's member <c>requestState</c>.</summary>
    public string? RequestState { get; internal init; }

    /// <summary>Stands in place of the upstream's member <c>taskId</c>.</summary>
    public string? TaskId { get; internal init; }

    /// <summary>How the limits of the call stand, for the headers <c>RateLimit</c> and <c>RateLimit-Policy</c>.</summary>
    public IReadOnlyList<LimitStanding> Standings { get; internal set; } = [];

    /// <summary>Whether the answer's memory is this result's.</summary>
    internal bool Borrows(UpstreamAnswer answer) => ReferenceEquals(_answer, answer);

    public void Dispose() => _answer?.Dispose();
}

/// <summary>The values of <c>resultType</c> that the gateway lets pass (MCP 2026-07-28, Base Protocol).</summary>
public enum ResultKind
{
    Complete,

    /// <summary>The upstream wants more before it answers.</summary>
    InputRequired,

    /// <summary>The upstream goes on as a task (SEP-2663).</summary>
    Task,
}
