using System.Globalization;
using System.Text;

namespace McpServerless.Audit;

public enum AuditEvent
{
    /// <summary>A call is about to be forwarded (mode strict).</summary>
    Intent,

    /// <summary>How a request ended.</summary>
    Outcome,
}

/// <summary>What happened, as it is kept. Written as canonical JSON; its published schema is <c>schemas/audit-record.schema.json</c>.</summary>
public sealed record AuditRecord
{
    /// <summary>Version of the record's shape.</summary>
    public const string Schema = "1";

    /// <summary>Stands for the client id where no token proved one.</summary>
    public const string NoClient = "anonymous";

    /// <summary>UUIDv7.</summary>
    public required Guid RecordId { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required AuditEvent Event { get; init; }

    /// <summary>Shared by the records of one request, and told to the caller where something went wrong.</summary>
    public required Guid RequestId { get; init; }

    public string? TenantId { get; init; }

    public string? ClientId { get; init; }

    /// <summary>The user of a delegated token.</summary>
    public string? UserId { get; init; }

    public string? TokenId { get; init; }

    /// <summary>The model that was registered for the client.</summary>
    public string? ModelId { get; init; }

    public required string Server { get; init; }

    /// <summary>The MCP method.</summary>
    public string? Method { get; init; }

    public string? Tool { get; init; }

    public string? Upstream { get; init; }

    public string? ContractVersion { get; init; }

    public string? ContractHash { get; init; }

    public long? CatalogueVersion { get; init; }

    public string? GrantId { get; init; }

    /// <summary><c>allowed</c> or <c>refused</c>.</summary>
    public required string Decision { get; init; }

    public string? RefusalCode { get; init; }

    /// <summary>What the operator should know and the client was not told.</summary>
    public string? Note { get; init; }

    /// <summary>Canonical JSON of the arguments after the contract's field rules; null when there were none to keep.</summary>
    public string? ArgumentsJson { get; init; }

    /// <summary>SHA-256 over the canonical JSON of the whole arguments.</summary>
    public string? ArgumentDigest { get; init; }

    /// <summary><c>valid</c> or <c>invalid</c>; null when the arguments were not judged.</summary>
    public string? InputVerdict { get; init; }

    /// <summary><c>valid</c>, <c>invalid</c> or <c>unchecked</c>; null when there was no result.</summary>
    public string? OutputVerdict { get; init; }

    public int? UpstreamStatus { get; init; }

    /// <summary>SHA-256 over the bytes of the result as the upstream sent it.</summary>
    public string? ResultDigest { get; init; }

    public long? ResultBytes { get; init; }

    /// <summary>Whether the tool itself reported an error.</summary>
    public bool? ResultIsError { get; init; }

    /// <summary>JSON pointers of arguments that the record keeps masked, hashed or not at all.</summary>
    public IReadOnlyList<string> Redactions { get; init; } = [];

    public long? DurationMicroseconds { get; init; }

    public string? ProtocolVersion { get; init; }

    public string? TraceId { get; init; }

    /// <summary>What the client said of itself: not proven (MCP, <c>clientInfo</c>).</summary>
    public string? ClaimedClientName { get; init; }

    public string? ClaimedClientVersion { get; init; }

    public string? ClaimedUserAgent { get; init; }

    /// <summary>The record as canonical JSON (RFC 8785) with its place in the chain. Members stand in the order that the standard wants.</summary>
    public string ToJson(string writer, long sequence, string previousHash)
    {
        var json = JsonText.Begin();
        json.Add("argumentDigest", ArgumentDigest);
        json.AddRaw("arguments", ArgumentsJson);
        json.Add("catalogueVersion", CatalogueVersion);
        AddClaimed(json);
        json.Add("clientId", ClientId);
        json.Add("contractHash", ContractHash);
        json.Add("contractVersion", ContractVersion);
        json.Add("decision", Decision);
        json.Add("durationMicroseconds", DurationMicroseconds);
        json.Add("event", Event == AuditEvent.Intent ? "intent" : "outcome");
        json.Add("grantId", GrantId);
        json.Add("inputVerdict", InputVerdict);
        json.Add("method", Method);
        json.Add("modelId", ModelId);
        json.Add("note", Note);
        json.Add("outputVerdict", OutputVerdict);
        json.Add("previousHash", previousHash);
        json.Add("protocolVersion", ProtocolVersion);
        json.Add("recordId", RecordId.ToString("D"));
        json.Add("redactions", Redactions);
        json.Add("refusalCode", RefusalCode);
        json.Add("requestId", RequestId.ToString("D"));
        json.Add("resultBytes", ResultBytes);
        json.Add("resultDigest", ResultDigest);
        json.AddRaw("resultIsError", ResultIsError switch { true => "true", false => "false", null => null });
        json.Add("schemaVersion", Schema);
        json.Add("sequence", sequence);
        json.Add("server", Server);
        json.Add("tenantId", TenantId);
        json.Add("time", Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        json.Add("tokenId", TokenId);
        json.Add("tool", Tool);
        json.Add("traceId", TraceId);
        json.Add("upstream", Upstream);
        json.Add("upstreamStatus", UpstreamStatus);
        json.Add("userId", UserId);
        json.Add("writer", writer);
        return json.End();
    }

    /// <summary>For a record that would be too long: the digest of the arguments stays.</summary>
    public AuditRecord WithoutArguments() => this with { ArgumentsJson = null, Redactions = [""] };

    private void AddClaimed(JsonText json)
    {
        if (ClaimedClientName is null && ClaimedClientVersion is null && ClaimedUserAgent is null) return;
        json.BeginObject("claimed");
        json.Add("clientName", ClaimedClientName);
        json.Add("clientVersion", ClaimedClientVersion);
        json.Add("userAgent", ClaimedUserAgent);
        json.EndObject();
    }

    /// <summary>Members in the order in which they are added; absent ones are left out.</summary>
    private readonly struct JsonText
    {
        /// <summary>Fits nearly every record; a longer one's buffer is not kept.</summary>
        private const int KeptCapacity = 4096;

        // Every request writes a record, so the buffer is kept for the thread's next one.
        [ThreadStatic]
        private static StringBuilder? _kept;

        private readonly StringBuilder _text;

        private JsonText(StringBuilder text) => _text = text;

        public static JsonText Begin()
        {
            var text = _kept ?? new StringBuilder(KeptCapacity);
            _kept = null;
            return new JsonText(text.Append('{'));
        }

        public void Add(string name, string? value)
        {
            if (value is null) return;
            Name(name);
            CanonicalJson.AppendString(_text, value);
        }

        public void Add(string name, long? value)
        {
            if (value is null) return;
            Name(name);
            _text.Append(value.Value);
        }

        public void Add(string name, IReadOnlyList<string> values)
        {
            if (values.Count == 0) return;
            Name(name);
            for (var i = 0; i < values.Count; i++)
            {
                _text.Append(i == 0 ? '[' : ',');
                CanonicalJson.AppendString(_text, values[i]);
            }

            _text.Append(']');
        }

        public void AddRaw(string name, string? json)
        {
            if (json is null) return;
            Name(name);
            _text.Append(json);
        }

        public void BeginObject(string name)
        {
            Name(name);
            _text.Append('{');
        }

        public void EndObject() => _text.Append('}');

        public string End()
        {
            var json = _text.Append('}').ToString();
            if (_text.Capacity == KeptCapacity) _kept = _text.Clear();
            return json;
        }

        private void Name(string name)
        {
            if (_text[^1] != '{') _text.Append(',');
            _text.Append('"').Append(name).Append("\":");
        }
    }
}
