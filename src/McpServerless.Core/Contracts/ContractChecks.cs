using System.Security.Cryptography;
using System.Text.Json;
using McpServerless.Access;
using McpServerless.Audit;
using McpServerless.ToolCalls;
using McpServerless.Upstreams;
using Microsoft.Extensions.Options;

namespace McpServerless.Contracts;

/// <summary>Proof that the arguments of a call keep the contract.</summary>
internal sealed record CheckedArguments(CallGrant Grant, ToolCall Call);

/// <summary>Holds what goes in and what comes out to the pinned contract.</summary>
internal sealed class ContractChecks(IOptions<AuditOptions> audit)
{
    private readonly byte[]? _hashKey = audit.Value.HashKey is { } key ? Convert.FromBase64String(key) : null;

    /// <summary>Compares the headers that mirror arguments with the body, which decides; <c>header_mismatch</c> where they differ.</summary>
    public static Refusal? FindHeaderMismatch(CallGrant grant, ToolCall call)
    {
        var mirrored = ((McpServerless.Catalogue.ExposedTool)grant.Feature).Compiled.Mirrored;
        if (call.Header is null || !mirrored.Any || mirrored.FindMismatch(call.Arguments, call.Header) is not { } mismatch) return null;
        return new Refusal(RefusalCode.HeaderMismatch, mismatch + ".") { OperatorNote = mismatch };
    }

    /// <summary>Judges the arguments. Refuses with <c>arguments_invalid</c> and says where, without values.</summary>
    public Outcome<CheckedArguments> CheckArguments(CallGrant grant, ToolCall call, AuditEntry entry)
    {
        var compiled = ((McpServerless.Catalogue.ExposedTool)grant.Feature).Compiled;
        var arguments = call.Arguments;
        entry.Arguments = compiled.Redactions.Apply(arguments, _hashKey);
        // Where nothing was withheld, what the record keeps is the canonical JSON of the whole arguments.
        entry.ArgumentDigest = entry.Arguments is { Json: { } whole, Withheld.Count: 0 } ? CanonicalJson.Hash(whole) : CanonicalJson.Hash(arguments);

        var violations = compiled.Input.Check(arguments);
        entry.InputValid = violations.Count == 0;
        if (violations.Count == 0) return new CheckedArguments(grant, call);
        return new Refusal(RefusalCode.ArgumentsInvalid, "The arguments do not match the tool's inputSchema. " + string.Join("; ", violations.Select(Readable)))
        {
            Violations = violations,
            OperatorNote = string.Join("; ", violations),
        };
    }

    /// <summary>
    /// Judges the answer: a <c>CallToolResult</c>, and its structured content against the outputSchema unless the tool reports an error.
    /// Refuses with <c>upstream_protocol_error</c> or <c>result_invalid</c>; the data is withheld then.
    /// </summary>
    public static Outcome<ToolResult> CheckResult(CallGrant grant, UpstreamAnswer answer, AuditEntry entry)
    {
        entry.ResultBytes = answer.Bytes.Length;
        entry.ResultDigest = Convert.ToHexStringLower(SHA256.HashData(answer.Bytes));
        var refusal = answer.Error.ValueKind == JsonValueKind.Object ? null : Judge(((McpServerless.Catalogue.ExposedTool)grant.Feature).Compiled, answer.Result, entry);
        if (refusal is null) return new ToolResult(answer);
        answer.Dispose();
        return refusal;
    }

    private static Refusal? Judge(CompiledContract compiled, JsonElement result, AuditEntry entry)
    {
        if (result.ValueKind != JsonValueKind.Object || !result.TryGetProperty("content"u8, out var content) || content.ValueKind != JsonValueKind.Array)
        {
            return UpstreamFault.Protocol("the result has no content array");
        }

        // A type that the gateway does not know is not for it to forward (MCP 2026-07-28, Base Protocol).
        if (result.TryGetProperty("resultType"u8, out var type) && !(type.ValueKind == JsonValueKind.String && type.ValueEquals("complete"u8)))
        {
            return UpstreamFault.Protocol("the result's type is not 'complete'");
        }

        entry.ResultIsError = result.TryGetProperty("isError"u8, out var isError) && isError.ValueKind == JsonValueKind.True;
        if (compiled.Output is null || entry.ResultIsError == true)
        {
            entry.OutputVerdict = "unchecked";
            return null;
        }

        var violations = result.TryGetProperty("structuredContent"u8, out var structured)
            ? compiled.Output.Check(structured)
            : [": structuredContent is missing"];
        entry.OutputVerdict = violations.Count == 0 ? "valid" : "invalid";
        return violations.Count == 0
            ? null
            : new Refusal(RefusalCode.ResultInvalid, "The tool's result broke its contract and was withheld. The call took effect.") { OperatorNote = string.Join("; ", violations) };
    }

    private static string Readable(string violation) => violation[0] == ':' ? "(arguments)" + violation : violation;
}
