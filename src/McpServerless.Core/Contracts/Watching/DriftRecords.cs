using McpServerless.Audit;
using McpServerless.Catalogue;
using McpServerless.Notifying;

namespace McpServerless.Contracts.Watching;

/// <summary>What the ledger says of drifts. Alerts and workbooks read <c>details.happening</c>.</summary>
internal static class DriftRecords
{
    public const string Quarantined = "contractQuarantined";
    public const string Reported = "contractDrift";
    public const string Released = "contractReleased";
    public const string Accepted = "contractAccepted";
    public const string Rejected = "contractRejected";

    /// <summary>What the watch did by itself.</summary>
    public static AuditRecord OfWatch(string happening, ContractDrift drift, ToolContract? contract, DateTimeOffset now) =>
        Of(AuditEvent.Timer, happening, drift, contract, now, null, null, drift.LiveHash);

    /// <summary>What a person decided.</summary>
    /// <param name="after">Hash of the contract that holds from now on.</param>
    public static AuditRecord OfDecision(string happening, ContractDrift drift, ToolContract? contract, string reason, string by, string? after, DateTimeOffset now) =>
        Of(AuditEvent.Administration, happening, drift, contract, now, reason, by, after);

    /// <summary>What the tool's team is told when it is out of service.</summary>
    public static Notice NoticeOf(ContractDrift drift, ToolContract contract, DateTimeOffset now) => new()
    {
        NoticeId = Notice.IdOf(NoticeTypes.ContractQuarantined, drift.Upstream, drift.Tool, drift.PinnedHash, drift.LiveHash ?? "", AccessNotices.Moment(drift.Since)),
        Type = NoticeTypes.ContractQuarantined,
        Subject = $"contracts/{drift.Upstream}/{drift.Tool}",
        Time = now,
        Summary = $"Tool {drift.Tool} of {drift.Upstream} is out of service: what the upstream says of it is {(drift.Verdict == DriftVerdict.Suspicious ? "suspicious" : "a change that breaks its contract")} ({string.Join(", ", drift.Rules)}).",
        ToDo = "Look at the change. Accept it, or reject it and have the upstream take it back.",
        Command = $"mcpgov contract show {drift.Upstream}/{drift.Tool}",
        Concerns = [contract.Team],
    };

    private static AuditRecord Of(AuditEvent kind, string happening, ContractDrift drift, ToolContract? contract, DateTimeOffset now, string? reason, string? by, string? after) =>
        AuditRecords.OfGateway(kind, now) with
        {
            Upstream = drift.Upstream,
            Tool = drift.Tool,
            ContractVersion = contract?.Version,
            ContractHash = drift.PinnedHash,
            RuleIds = drift.Rules,
            DetailsJson = AuditDetails.Write(json =>
            {
                if (after is not null) json.WriteString("after"u8, after);
                json.WriteString("before"u8, drift.PinnedHash);
                if (by is not null) json.WriteString("by"u8, by);
                json.WriteString("happening"u8, happening);
                if (drift.LiveHash is not null) json.WriteString("live"u8, drift.LiveHash);
                if (reason is not null) json.WriteString("reason"u8, reason);
                json.WriteString("since"u8, drift.Since.UtcDateTime);
                json.WriteString("tool"u8, drift.Tool);
                json.WriteString("upstream"u8, drift.Upstream);
                json.WriteString("verdict"u8, NameOf(drift.Verdict));
            }),
        };

    public static string NameOf(DriftVerdict verdict) => verdict switch
    {
        DriftVerdict.Returned => "returned",
        DriftVerdict.TextOnly => "textOnly",
        DriftVerdict.Compatible => "compatible",
        DriftVerdict.Breaking => "breaking",
        _ => "suspicious",
    };
}
