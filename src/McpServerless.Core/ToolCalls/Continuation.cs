using System.Security.Cryptography;
using System.Text.Json;
using McpServerless.Access;
using McpServerless.Audit;
using McpServerless.Catalogue;
using McpServerless.Protocol;
using McpServerless.Sealing;
using Microsoft.Extensions.Options;

namespace McpServerless.ToolCalls;

/// <summary>What a request is about, once the seals that it brings back are open.</summary>
/// <param name="Kind">As asked for.</param>
/// <param name="Name">Name or URI; for a task the tool that began it.</param>
/// <param name="RequestState">The upstream's own state of a call that goes on; null for a first round.</param>
/// <param name="Task">The task that is asked for; null for a call.</param>
internal sealed record Continuation(SubjectKind Kind, string Name, SealedRequestState? RequestState, SealedTask? Task);

/// <summary>Opens what clients bring back of an earlier answer: the state of a call of several rounds, the id of a task.</summary>
/// <remarks>
/// What a client brings is in an attacker's hands (MCP 2026-07-28, Multi Round-Trip Requests, Security), so it is sealed for one principal, one server, one
/// upstream, and for one request with the same arguments. Refuses with <c>request_state_invalid</c> or <c>task_unknown</c>. That a state is used once only
/// would need storage and is left to the upstream.
/// </remarks>
internal sealed class Continuations(Seals seals, IOptions<SessionOptions> options, TimeProvider time)
{
    public Outcome<Continuation> Open(Admission admission, GovernedCall call)
    {
        var target = call.Target;
        if (target.IsTask) return OpenTask(admission, call);
        if (!call.TakesRounds) return new Continuation(target.Kind, target.Name, null, null);
        if (call.Params.TryGetProperty("inputResponses"u8, out var responses) && !AreResponses(responses)) return Invalid("params.inputResponses must be an object of objects", "inputResponses");
        if (!call.Params.TryGetProperty("requestState"u8, out var given)) return new Continuation(target.Kind, target.Name, null, null);
        if (given.ValueKind != JsonValueKind.String || seals.OpenRequestState(given.GetString()!) is not { } state) return Invalid("params.requestState was not given out here, or was changed", "does not open");
        if (state.Server != admission.Server.Name || state.Principal != admission.Caller.Principal) return Invalid("params.requestState was not given out here, or was changed", "sealed for another caller or server");
        if (state.ExpiresAt <= time.GetUtcNow()) return Invalid("params.requestState is too old; begin again", "expired");
        if (state.Method != target.Method || state.Digest != DigestOf(call)) return Invalid("params.requestState belongs to another request", "another method, name or arguments");
        if (state.Round >= options.Value.MaxRounds) return Invalid("This call has had too many rounds; begin again", $"round {state.Round}");
        return new Continuation(target.Kind, target.Name, state, null);
    }

    /// <summary>Whether what was opened belongs to the upstream that is about to get it.</summary>
    public static Refusal? FindMismatch(Continuation continuation, CallGrant grant)
    {
        var upstream = continuation.RequestState?.Upstream ?? continuation.Task?.Upstream;
        return upstream is null || upstream == grant.Feature.Upstream.Name ? null
            : continuation.Task is not null ? UnknownTask("the tool is another upstream's now")
            : Invalid("params.requestState belongs to another request", "the subject is another upstream's now");
    }

    /// <summary>The state as the client gets it; null where the upstream gave none.</summary>
    public string Seal(CallGrant grant, GovernedCall call, Continuation continuation, string state) => seals.Seal(new SealedRequestState
    {
        Server = grant.Admission.Server.Name,
        Principal = grant.Admission.Caller.Principal,
        Upstream = grant.Feature.Upstream.Name,
        Method = call.Method,
        Digest = DigestOf(call),
        State = state,
        Round = (continuation.RequestState?.Round ?? 0) + 1,
        ExpiresAt = time.GetUtcNow().AddMinutes(options.Value.RequestStateMinutes),
    });

    public string SealTask(CallGrant grant, string taskId) => seals.Seal(new SealedTask(
        grant.Admission.Server.Name, grant.Admission.Caller.Principal, grant.Feature.Upstream.Name, grant.Feature.Name, taskId));

    /// <summary>The task behind an id that this caller was given on this server; null otherwise.</summary>
    public SealedTask? TaskOf(Admission admission, string taskId) =>
        seals.OpenTask(taskId) is { } task && task.Server == admission.Server.Name && task.Principal == admission.Caller.Principal ? task : null;

    private Outcome<Continuation> OpenTask(Admission admission, GovernedCall call)
    {
        if (!call.Capabilities.Tasks)
        {
            return new Refusal(RefusalCode.CapabilityMissing, "This method is for clients that declare the tasks extension.") { RequiredCapabilityPath = ["extensions", AgentCapabilities.TasksExtension] };
        }

        if (call.Method == CallTarget.TasksUpdate && !(call.Params.TryGetProperty("inputResponses"u8, out var responses) && AreResponses(responses)))
        {
            return Invalid("params.inputResponses must be an object of objects", "inputResponses");
        }

        return TaskOf(admission, call.Target.Name) is { } task ? new Continuation(SubjectKind.Tool, task.Tool, null, task) : UnknownTask("the id does not open for this caller");
    }

    private static bool AreResponses(JsonElement responses) =>
        responses.ValueKind == JsonValueKind.Object && responses.EnumerateObject().All(r => r.Value.ValueKind == JsonValueKind.Object);

    private static string DigestOf(GovernedCall call)
    {
        using var text = new PooledBytes();
        CanonicalJson.WriteString(text, call.Target.Name);
        CanonicalJson.Write(text, call.Arguments);
        return Convert.ToHexStringLower(SHA256.HashData(text.Memory.Span));
    }

    private static Refusal Invalid(string detail, string note) => new(RefusalCode.RequestStateInvalid, detail) { OperatorNote = note };

    private static Refusal UnknownTask(string note) => new(RefusalCode.TaskUnknown, "Unknown task") { OperatorNote = note };
}
