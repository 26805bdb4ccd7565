using System.Text.Json;
using McpServerless.Audit;
using McpServerless.ToolCalls;

namespace McpServerless.Contracts.Sanitising;

/// <summary>Puts into an entry what the ledger may keep of arguments and results.</summary>
internal sealed class Sanitiser(HashKeys keys)
{
    /// <remarks>
    /// The digest is SHA-256 over the canonical JSON of the whole arguments. Where a rule withheld something it is keyed, or absent without a
    /// key: whoever knows the rest of the arguments could find a card number by trying.
    /// </remarks>
    public void KeepArguments(Redactions redactions, JsonElement arguments, AuditEntry entry)
    {
        var key = keys.Current;
        var kept = redactions.Apply(arguments, key);
        entry.Arguments = kept;
        entry.ArgumentFingerprint = kept is { IsWhole: true, Json: { } whole } ? CanonicalJson.Hash(whole) : CanonicalJson.Hash(arguments);
        entry.ArgumentDigest = kept.HidesValues ? key?.Hash(arguments) : entry.ArgumentFingerprint;
    }

    public void KeepResult(Redactions? redactions, JsonElement structured, AuditEntry entry) => entry.ResultJson = redactions?.Apply(structured, keys.Current).Json;
}
