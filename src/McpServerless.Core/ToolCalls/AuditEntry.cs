using McpServerless.Access;
using McpServerless.Audit;
using McpServerless.Authentication;
using McpServerless.Catalogue;
using McpServerless.Contracts;
using McpServerless.Telemetry;

namespace McpServerless.ToolCalls;

/// <summary>What is known of one request so far; every ending makes a record of it.</summary>
internal sealed class AuditEntry(RequestContext context, TimeProvider time)
{
    /// <summary>What operators see of it.</summary>
    public CallTrace Trace { get; } = CallTrace.Begin(context, time);

    public Caller? Caller { get; set; }

    public Admission? Admission { get; set; }

    /// <summary>What was asked for, whether or not there is such a thing.</summary>
    public SubjectKind? Kind { get; set; }

    /// <summary>Its name or URI as asked for.</summary>
    public string? Subject { get; set; }

    public CallGrant? Grant { get; set; }

    public SanitisedValue? Arguments { get; set; }

    /// <summary>What the record keeps.</summary>
    public string? ArgumentDigest { get; set; }

    /// <summary>SHA-256 over the canonical JSON of the whole arguments. Tells calls apart while they run, and never leaves the process.</summary>
    public string? ArgumentFingerprint { get; set; }

    public bool? InputValid { get; set; }

    /// <summary>Whether anything was sent to the upstream.</summary>
    public bool Forwarded { get; set; }

    public int? UpstreamStatus { get; set; }

    public string? ResultDigest { get; set; }

    public long? ResultBytes { get; set; }

    public bool? ResultIsError { get; set; }

    /// <summary>What a rule keeps of the result.</summary>
    public byte[]? ResultJson { get; set; }

    public string? OutputVerdict { get; set; }

    /// <summary>What the operator should know of a request that was served.</summary>
    public string? Note { get; set; }

    /// <summary>What the call cost, in the tool's units; null for what was set aside.</summary>
    public long? Cost { get; set; }

    /// <summary>What the contract asks for; a request that reaches none is kept like a read.</summary>
    public AuditMode Mode => Grant?.Feature.Audit ?? AuditMode.Outcome;

    public void Ask(CallTarget target) => (Kind, Subject) = (target.Kind, target.Name);

    public AuditRecord Intent() => Record(AuditEvent.Intent, null, null);

    public AuditRecord Outcome(Refusal? refusal) => Record(AuditEvent.Outcome, refusal, (long)time.GetElapsedTime(context.StartedAt).TotalMicroseconds);

    private AuditRecord Record(AuditEvent kind, Refusal? refusal, long? durationMicroseconds) => new()
    {
        RecordId = Guid.CreateVersion7(time.GetUtcNow()),
        Time = time.GetUtcNow(),
        Event = kind,
        RequestId = context.RequestId,
        TenantId = Caller?.TenantId,
        ClientId = Caller?.ClientId,
        UserId = Caller?.UserId,
        TokenId = Caller?.TokenId,
        ModelId = Admission?.Access.Client.ModelId,
        Server = Cap(context.Server)!,
        Method = Cap(context.Method),
        Tool = Cap(NameOf(SubjectKind.Tool)),
        Prompt = Cap(NameOf(SubjectKind.Prompt)),
        Resource = Cap(NameOf(SubjectKind.Resource), ResourceUri.MaxLength),
        Upstream = Grant?.Feature.Upstream.Name,
        ContractVersion = Grant?.Feature.Contract.Version,
        ContractHash = Grant?.Feature.Contract.Hash,
        CatalogueVersion = Admission?.Server.CatalogueNumber,
        GrantId = Grant?.Grant.GrantId,
        Decision = refusal is null ? "allowed" : "refused",
        RefusalCode = refusal?.Code.Name,
        Note = Cap(Note is null || refusal?.OperatorNote is null ? refusal?.OperatorNote ?? Note : $"{refusal.OperatorNote}; {Note}", 500),
        ArgumentsJson = Arguments?.Json,
        ArgumentDigest = ArgumentDigest,
        ArgumentShapeJson = Arguments?.Shape,
        Redactions = Arguments?.Withheld ?? [],
        InputVerdict = InputValid switch { true => "valid", false => "invalid", null => null },
        OutputVerdict = OutputVerdict,
        UpstreamStatus = UpstreamStatus,
        ResultDigest = ResultDigest,
        ResultBytes = ResultBytes,
        ResultJson = ResultJson,
        ResultIsError = ResultIsError,
        DurationMicroseconds = durationMicroseconds,
        ProtocolVersion = context.Revision,
        SessionId = context.Session?.Id,
        TraceId = context.ClaimedTrace == default ? null : context.ClaimedTrace.TraceId.ToHexString(),
        ClaimedClientName = Cap(context.ClaimedClientName),
        ClaimedClientVersion = Cap(context.ClaimedClientVersion),
        ClaimedUserAgent = Cap(context.ClaimedUserAgent),
    };

    private string? NameOf(SubjectKind kind) => Kind == kind ? Subject : null;

    /// <summary>Texts from outside are bounded and hold no control characters, so that nobody can forge lines in a viewer.</summary>
    private static string? Cap(string? text, int length = 200)
    {
        if (text is null) return null;
        if (text.Length > length) text = text[..length];
        return text.AsSpan().IndexOfAnyInRange('\0', '\u001f') < 0 && !text.Contains('\u007f', StringComparison.Ordinal)
            ? text
            : string.Create(text.Length, text, (span, source) =>
            {
                for (var i = 0; i < span.Length; i++) span[i] = char.IsControl(source[i]) ? '\ufffd' : source[i];
            });
    }
}
