using System.Text.Json;
using McpServerless.Audit;
using McpServerless.ToolCalls;
using Microsoft.Extensions.Options;

namespace McpServerless.Contracts.Sanitising;

/// <summary>Puts into an entry what the ledger may keep of arguments and results.</summary>
internal sealed class Sanitiser(IOptions<AuditOptions> options)
{
    private readonly HashKey? _key = HashKey.Of(options.Value);

    /// <remarks>
    /// The digest is SHA-256 over the canonical JSON of the whole arguments. Where a rule withheld something it is keyed, or absent without a
    /// key: whoever knows the rest of the arguments could find a card number by trying.
    /// </remarks>
    public void KeepArguments(Redactions redactions, JsonElement arguments, AuditEntry entry)
    {
        var kept = redactions.Apply(arguments, _key);
        entry.Arguments = kept;
        entry.ArgumentFingerprint = kept is { IsWhole: true, Json: { } whole } ? CanonicalJson.Hash(whole) : CanonicalJson.Hash(arguments);
        entry.ArgumentDigest = kept.HidesValues ? _key?.Hash(arguments) : entry.ArgumentFingerprint;
    }

    public void KeepResult(Redactions? redactions, JsonElement structured, AuditEntry entry) => entry.ResultJson = redactions?.Apply(structured, _key).Json;
}
