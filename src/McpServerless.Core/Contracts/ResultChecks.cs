using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using McpServerless.Catalogue;
using McpServerless.Contracts.Sanitising;
using McpServerless.ToolCalls;
using McpServerless.Upstreams;
using ModelContextProtocol.Protocol;

namespace McpServerless.Contracts;

/// <summary>Holds what comes back to the protocol and to the pinned contract, and seals what a client gets to keep.</summary>
/// <remarks>Refuses with <c>upstream_protocol_error</c>, <c>result_invalid</c> or <c>capability_missing</c>; the data is withheld then.</remarks>
internal sealed class ResultChecks(Continuations continuations, Sanitiser sanitiser)
{
    private const int MaxCompletions = 100;

    public Outcome<CallResult> Check(CheckedCall checkedCall, UpstreamAnswer answer, AuditEntry entry)
    {
        entry.ResultBytes = answer.Bytes.Length;
        // Of the result or the error alone: the message around it has the id of this exchange, and the same result has one digest.
        var said = answer.Error.ValueKind == JsonValueKind.Object ? answer.Error : answer.Result;
        entry.ResultDigest = Convert.ToHexStringLower(SHA256.HashData(said.ValueKind == JsonValueKind.Undefined ? answer.Bytes : JsonMarshal.GetRawUtf8Value(said)));
        var outcome = answer.Error.ValueKind == JsonValueKind.Object
            ? ErrorResults.Check(checkedCall.Call, answer)
            : JudgeResult(checkedCall, answer, entry);
        if (!outcome.Succeeded(out var result, out _) || !result.Borrows(answer)) answer.Dispose();
        return outcome;
    }

    private Outcome<CallResult> JudgeResult(CheckedCall checkedCall, UpstreamAnswer answer, AuditEntry entry)
    {
        var (grant, call, continuation) = checkedCall;
        var result = answer.Result;
        if (result.ValueKind != JsonValueKind.Object) return UpstreamFault.Protocol("the result is not an object");
        switch (KindOf(result, answer.IsModern))
        {
            case ResultKind.InputRequired when call.TakesRounds:
                if (InputRequests.FindFault(result, call.Capabilities) is { } breach) return UpstreamFault.Protocol(breach);
                var state = result.TryGetProperty("requestState"u8, out var own) ? own.GetString() : null;
                return new CallResult(answer) { Kind = ResultKind.InputRequired, RequestState = state is null ? null : continuations.Seal(grant, call, continuation, state) };
            case ResultKind.Task when call.Method == RequestMethods.ToolsCall && call.IsModern && call.Capabilities.Tasks:
                if (TaskResults.FindFault(result) is { } badTask) return UpstreamFault.Protocol(badTask);
                return new CallResult(answer) { Kind = ResultKind.Task, TaskId = continuations.SealTask(grant, result.GetProperty("taskId"u8).GetString()!) };
            case ResultKind.Complete:
                if (JudgeComplete(checkedCall, result, entry) is { } refusal) return refusal;
                // The client knows the task by the id that it was given.
                return new CallResult(answer) { TaskId = continuation.Task is null ? null : call.Target.Name };
            default:
                // A type that the gateway does not know is not for it to forward, nor one that this request cannot be answered with.
                return UpstreamFault.Protocol("the result is of a type that this request cannot have");
        }
    }

    /// <summary>Null for a type that is not known. The older era has none.</summary>
    private static ResultKind? KindOf(JsonElement result, bool fromModern)
    {
        if (!result.TryGetProperty("resultType"u8, out var type) || !fromModern) return ResultKind.Complete;
        if (type.ValueKind != JsonValueKind.String) return null;
        return type.ValueEquals("complete"u8) ? ResultKind.Complete
            : type.ValueEquals("input_required"u8) ? ResultKind.InputRequired
            : type.ValueEquals("task"u8) ? ResultKind.Task
            : null;
    }

    private Refusal? JudgeComplete(CheckedCall checkedCall, JsonElement result, AuditEntry entry)
    {
        switch (checkedCall.Call.Method)
        {
            case RequestMethods.ToolsCall:
                return JudgeTool(((ExposedTool)checkedCall.Grant.Feature).Compiled, result, entry);
            case CallTarget.TasksGet:
                return TaskResults.FindFault(result) is { } fault ? UpstreamFault.Protocol(fault)
                    : result.GetProperty("taskId"u8).GetString() != checkedCall.Continuation.Task!.TaskId ? UpstreamFault.Protocol("the answer is about another task")
                    : TaskResults.FindBreach(result, checkedCall.Call.Capabilities) is { } breach ? UpstreamFault.Protocol(breach)
                    : TaskResults.Outcome(result) is { } outcome ? JudgeTool(((ExposedTool)checkedCall.Grant.Feature).Compiled, outcome, entry)
                    : null;
            case RequestMethods.ResourcesRead:
                return IsArray(result, "contents"u8, IsResourceContents, min: 1) ? null : UpstreamFault.Protocol("the result has no contents with a uri and a text or blob");
            case RequestMethods.PromptsGet:
                return IsArray(result, "messages"u8, IsPromptMessage) ? null : UpstreamFault.Protocol("the result has no messages with a role and a content");
            case RequestMethods.CompletionComplete:
                return result.TryGetProperty("completion"u8, out var completion) && IsArray(completion, "values"u8, v => v.ValueKind == JsonValueKind.String, max: MaxCompletions)
                    ? null
                    : UpstreamFault.Protocol($"the result has no completion of up to {MaxCompletions} texts");
            default:
                return null;
        }
    }

    private Refusal? JudgeTool(CompiledContract compiled, JsonElement result, AuditEntry entry)
    {
        if (!IsArray(result, "content"u8, _ => true)) return UpstreamFault.Protocol("the result has no content array");
        entry.ResultIsError = result.TryGetProperty("isError"u8, out var isError) && isError.ValueKind == JsonValueKind.True;
        if (compiled.Output is null || entry.ResultIsError == true || compiled.Contract.Output == OutputMode.Off)
        {
            entry.OutputVerdict = "unchecked";
            return null;
        }

        var violations = result.TryGetProperty("structuredContent"u8, out var structured)
            ? compiled.Output.Check(structured)
            : [": structuredContent is missing"];
        entry.OutputVerdict = violations.Count == 0 ? "valid" : "invalid";
        if (violations.Count > 0 && compiled.Contract.Output == OutputMode.Report)
        {
            entry.Note = "the result breaks its contract and passed: " + string.Join("; ", violations);
            return null;
        }

        if (violations.Count == 0) sanitiser.KeepResult(compiled.ResultRedactions, structured, entry);
        return violations.Count == 0
            ? null
            : new Refusal(RefusalCode.ResultInvalid, "The tool's result broke its contract and was withheld. The call took effect.") { OperatorNote = string.Join("; ", violations) };
    }

    private static bool IsArray(JsonElement owner, ReadOnlySpan<byte> name, Func<JsonElement, bool> each, int min = 0, int max = int.MaxValue) =>
        owner.ValueKind == JsonValueKind.Object
        && owner.TryGetProperty(name, out var array) && array.ValueKind == JsonValueKind.Array
        && array.GetArrayLength() >= min && array.GetArrayLength() <= max
        && array.EnumerateArray().All(each);

    private static bool IsResourceContents(JsonElement contents) =>
        contents.ValueKind == JsonValueKind.Object
        && contents.TryGetProperty("uri"u8, out var uri) && uri.ValueKind == JsonValueKind.String
        && ((contents.TryGetProperty("text"u8, out var text) && text.ValueKind == JsonValueKind.String)
            || (contents.TryGetProperty("blob"u8, out var blob) && blob.ValueKind == JsonValueKind.String));

    private static bool IsPromptMessage(JsonElement message) =>
        message.ValueKind == JsonValueKind.Object
        && message.TryGetProperty("role"u8, out var role) && role.ValueKind == JsonValueKind.String
        && message.TryGetProperty("content"u8, out var content) && content.ValueKind == JsonValueKind.Object;
}
