using System.Text.Json;
using McpServerless.Access;
using McpServerless.Catalogue;
using McpServerless.Contracts.Sanitising;
using McpServerless.ToolCalls;
using ModelContextProtocol.Protocol;

namespace McpServerless.Contracts;

/// <summary>Proof that what a call brings keeps the contract of what it is about.</summary>
internal sealed record CheckedCall(CallGrant Grant, GovernedCall Call, Continuation Continuation);

/// <summary>Holds what goes in to the pinned contract.</summary>
internal sealed class ContractChecks(Sanitiser sanitiser)
{
    /// <summary>The longest text to complete, in characters.</summary>
    private const int MaxCompletionValue = 4096;

    /// <summary>More is of no use to whoever has to repair a call.</summary>
    private const int MaxAdditional = 20;

    /// <summary>Compares the headers that mirror arguments with the body, which decides; <c>header_mismatch</c> where they differ.</summary>
    public static Refusal? FindHeaderMismatch(CallGrant grant, GovernedCall call)
    {
        if (call.Header is null || call.Method != RequestMethods.ToolsCall || grant.Feature is not ExposedTool { Compiled.Mirrored: { Any: true } mirrored }) return null;
        return mirrored.FindMismatch(call.Arguments, call.Header) is { } mismatch
            ? new Refusal(RefusalCode.HeaderMismatch, mismatch + ".") { OperatorNote = mismatch }
            : null;
    }

    /// <summary>Judges what the call brings. Refuses with <c>arguments_invalid</c> and says where, without values.</summary>
    public Outcome<CheckedCall> CheckArguments(CallGrant grant, GovernedCall call, Continuation continuation, AuditEntry entry)
    {
        var violations = (call.Method, grant.Feature) switch
        {
            (RequestMethods.ToolsCall, ExposedTool tool) => CheckTool(tool.Compiled, ref call, entry),
            (RequestMethods.PromptsGet, ExposedPrompt prompt) => CheckPrompt(prompt, call.Arguments, entry),
            (RequestMethods.CompletionComplete, _) => CheckCompletion(grant.Feature, call.Params),
            // A URI was judged when it was authorised, the id of a task when its seal was opened.
            _ => [],
        };
        entry.InputValid = violations.Count == 0;
        if (violations.Count == 0) return new CheckedCall(grant, call, continuation);
        var subject = call.Method == RequestMethods.ToolsCall ? "the tool's inputSchema" : "what is offered";
        return new Refusal(RefusalCode.ArgumentsInvalid, $"The arguments do not match {subject}. " + string.Join("; ", violations.Select(Readable)))
        {
            Violations = violations,
            OperatorNote = string.Join("; ", violations),
        };
    }

    /// <summary>The record has what was asked, whatever becomes of arguments that the schema does not name.</summary>
    private IReadOnlyList<string> CheckTool(CompiledContract compiled, ref GovernedCall call, AuditEntry entry)
    {
        sanitiser.KeepArguments(compiled.Redactions, call.Arguments, entry);
        if (compiled.Named?.FindAdditional(call.Arguments) is not { Count: > 0 } additional) return compiled.Input.Check(call.Arguments);
        switch (compiled.Contract.AdditionalArguments)
        {
            case AdditionalArguments.Reject:
                return [.. additional.Take(MaxAdditional).Select(name => $"/{JsonPointers.Escape(name)}: is not an argument of this tool")];
            case AdditionalArguments.Drop:
                call = call.Without(additional);
                entry.Note = $"{additional.Count} additional argument(s) dropped";
                return compiled.Input.Check(call.Arguments);
            default:
                return compiled.Input.Check(call.Without(additional).Arguments);
        }
    }

    /// <summary>Arguments of a prompt are texts, and those that it requires are there (MCP, Prompts).</summary>
    private List<string> CheckPrompt(ExposedPrompt prompt, JsonElement arguments, AuditEntry entry)
    {
        sanitiser.KeepArguments(Redactions.ByName, arguments, entry);
        if (arguments.ValueKind != JsonValueKind.Object) return [": has to be an object"];
        var violations = new List<string>();
        foreach (var member in arguments.EnumerateObject())
        {
            var pointer = "/" + JsonPointers.Escape(member.Name);
            if (!prompt.Arguments.ContainsKey(member.Name)) violations.Add($"{pointer}: is not an argument of this prompt");
            else if (member.Value.ValueKind != JsonValueKind.String) violations.Add($"{pointer}: has to be a text");
        }

        foreach (var (name, required) in prompt.Arguments)
        {
            if (required && !arguments.TryGetProperty(name, out _)) violations.Add($": required: {name} missing");
        }

        return violations;
    }

    private static IReadOnlyList<string> CheckCompletion(ExposedFeature feature, JsonElement parameters)
    {
        // That both are texts was seen when the request was read.
        var argument = parameters.GetProperty("argument"u8);
        var name = argument.GetProperty("name"u8).GetString()!;
        var known = feature switch
        {
            ExposedPrompt prompt => prompt.Arguments.ContainsKey(name),
            ExposedResource { Template: { } template } => template.Variables.Contains(name, StringComparer.Ordinal),
            _ => false,
        };
        if (!known) return ["/argument/name: is not an argument that can be completed"];
        return argument.GetProperty("value"u8).GetString()!.Length > MaxCompletionValue ? [$"/argument/value: is longer than {MaxCompletionValue} characters"] : [];
    }

    private static string Readable(string violation) => violation[0] == ':' ? "(arguments)" + violation : violation;
}
