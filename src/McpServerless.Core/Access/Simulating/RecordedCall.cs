using System.Globalization;
using System.Text.Json;
using McpServerless.Audit.Shapes;
using McpServerless.Catalogue;

namespace McpServerless.Access.Simulating;

/// <summary>What the ledger says of one request, as far as it can be decided on again.</summary>
internal sealed record RecordedCall(
    string RecordId, DateTimeOffset Time, string TenantId, string ClientId, bool IsDelegated, string Server, SubjectKind Kind, string Name, string? GrantId, string? ContractHash, string? RefusalCode, ArgumentShape? Shape)
{
    public bool WasAllowed => RefusalCode is null;

    /// <summary>Null for records of something else, such as lists.</summary>
    public static RecordedCall? Read(JsonElement record)
    {
        if (JsonMembers.Text(record, "event") != "outcome" || JsonMembers.Text(record, "clientId") is not { } client || JsonMembers.Text(record, "server") is not { } server) return null;
        if (!DateTimeOffset.TryParse(JsonMembers.Text(record, "time"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return null;
        var (kind, name) = JsonMembers.Text(record, "method") switch
        {
            "tools/call" => (SubjectKind.Tool, JsonMembers.Text(record, "tool")),
            "prompts/get" => (SubjectKind.Prompt, JsonMembers.Text(record, "prompt")),
            "resources/read" => (SubjectKind.Resource, JsonMembers.Text(record, "resource")),
            _ => (default, null),
        };
        if (name is null) return null;
        var refusal = JsonMembers.Text(record, "refusalCode") ?? (JsonMembers.Text(record, "decision") == "allowed" ? null : "refused");
        return new RecordedCall(
            JsonMembers.Text(record, "recordId") ?? "",
            time,
            JsonMembers.Text(record, "tenantId") ?? "",
            client,
            JsonMembers.Text(record, "userId") is not null,
            server,
            kind,
            name,
            JsonMembers.Text(record, "grantId"),
            JsonMembers.Text(record, "contractHash"),
            refusal,
            ArgumentShape.Read(JsonMembers.Member(record, "argumentShape")));
    }
}
