using System.Buffers;
using System.Globalization;

namespace McpServerless.Audit;

/// <summary>What happened, as it is kept. Written as canonical JSON; its published schema is <c>schemas/audit-record.schema.json</c>.</summary>
public sealed record AuditRecord
{
    /// <summary>Version of the record's shape.</summary>
    public const string Schema = "1";

    /// <summary>Stands for the client id where no token proved one.</summary>
    public const string NoClient = "anonymous";

    /// <summary>Stands for the client id of records about the gateway itself: its instances, its timers, what operators changed.</summary>
    public const string Gateway = "gateway";

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

    /// <summary>Whether the tool says that it changes nothing (<c>readOnlyHint</c>); null where no contract was reached.</summary>
    public bool? ReadOnly { get; init; }

    public string? Prompt { get; init; }

    /// <summary>The URI of a resource, or the text of a template.</summary>
    public string? Resource { get; init; }

    /// <summary>The session of the older protocol era that the request belongs to.</summary>
    public Guid? SessionId { get; init; }

    public string? Upstream { get; init; }

    public string? ContractVersion { get; init; }

    public string? ContractHash { get; init; }

    public long? CatalogueVersion { get; init; }

    public string? GrantId { get; init; }

    /// <summary><c>allowed</c> or <c>refused</c>.</summary>
    public required string Decision { get; init; }

    public string? RefusalCode { get; init; }

    /// <summary>Names of the rules that decided.</summary>
    public IReadOnlyList<string> RuleIds { get; init; } = [];

    /// <summary>What the operator should know and the client was not told.</summary>
    public string? Note { get; init; }

    /// <summary>Canonical JSON of the arguments after the contract's field rules; empty when there were none to keep.</summary>
    public ReadOnlyMemory<byte> ArgumentsJson { get; init; }

    /// <summary>SHA-256 over the canonical JSON of the whole arguments; keyed where a rule withheld something, and null then without a key.</summary>
    public string? ArgumentDigest { get; init; }

    /// <summary>Canonical JSON of the arguments' shape (pointers, types, lengths and ranges, no values); empty when there were none.</summary>
    public ReadOnlyMemory<byte> ArgumentShapeJson { get; init; }

    /// <summary><c>valid</c> or <c>invalid</c>; null when the arguments were not judged.</summary>
    public string? InputVerdict { get; init; }

    /// <summary><c>valid</c>, <c>invalid</c> or <c>unchecked</c>; null when there was no result.</summary>
    public string? OutputVerdict { get; init; }

    public int? UpstreamStatus { get; init; }

    /// <summary>SHA-256 over the bytes of the result as the upstream sent it.</summary>
    public string? ResultDigest { get; init; }

    public long? ResultBytes { get; init; }

    /// <summary>Canonical JSON of the result after the contract's field rules; empty where no rule keeps it.</summary>
    public ReadOnlyMemory<byte> ResultJson { get; init; }

    /// <summary>Whether the tool itself reported an error.</summary>
    public bool? ResultIsError { get; init; }

    /// <summary>JSON pointers of arguments that the record keeps masked, hashed, cut or not at all.</summary>
    public IReadOnlyList<string> Redactions { get; init; } = [];

    public long? DurationMicroseconds { get; init; }

    public string? ProtocolVersion { get; init; }

    public string? TraceId { get; init; }

    /// <summary>What the client said of itself: not proven (MCP, <c>clientInfo</c>).</summary>
    public string? ClaimedClientName { get; init; }

    public string? ClaimedClientVersion { get; init; }

    public string? ClaimedUserAgent { get; init; }

    /// <summary>Canonical JSON of what the gateway says of itself; empty for requests.</summary>
    public ReadOnlyMemory<byte> DetailsJson { get; init; }

    /// <summary>In whose partition of the ledger the record stands.</summary>
    public string Partition => Event is AuditEvent.Intent or AuditEvent.Outcome ? ClientId ?? NoClient : Gateway;

    /// <summary>The record as canonical JSON (RFC 8785), in UTF-8, with its place in the chain. Members stand in the order that the standard wants.</summary>
    public byte[] ToJson(string writer, long sequence, string previousHash)
    {
        var json = JsonText.Begin();
        json.Add("argumentDigest"u8, ArgumentDigest);
        json.AddRaw("argumentShape"u8, ArgumentShapeJson.Span);
        json.AddRaw("arguments"u8, ArgumentsJson.Span);
        json.Add("catalogueVersion"u8, CatalogueVersion);
        AddClaimed(json);
        json.Add("clientId"u8, ClientId);
        json.Add("contractHash"u8, ContractHash);
        json.Add("contractVersion"u8, ContractVersion);
        json.Add("decision"u8, Decision);
        json.AddRaw("details"u8, DetailsJson.Span);
        json.Add("durationMicroseconds"u8, DurationMicroseconds);
        json.Add("event"u8, AuditEvents.NameOf(Event));
        json.Add("grantId"u8, GrantId);
        json.Add("inputVerdict"u8, InputVerdict);
        json.Add("method"u8, Method);
        json.Add("modelId"u8, ModelId);
        json.Add("note"u8, Note);
        json.Add("outputVerdict"u8, OutputVerdict);
        json.Add("previousHash"u8, previousHash);
        json.Add("prompt"u8, Prompt);
        json.Add("protocolVersion"u8, ProtocolVersion);
        json.AddRaw("readOnly"u8, ReadOnly switch { true => "true"u8, false => "false"u8, null => default });
        json.Add("recordId"u8, RecordId);
        json.Add("redactions"u8, Redactions);
        json.Add("refusalCode"u8, RefusalCode);
        json.Add("requestId"u8, RequestId);
        json.Add("resource"u8, Resource);
        json.AddRaw("result"u8, ResultJson.Span);
        json.Add("resultBytes"u8, ResultBytes);
        json.Add("resultDigest"u8, ResultDigest);
        json.AddRaw("resultIsError"u8, ResultIsError switch { true => "true"u8, false => "false"u8, null => default });
        json.Add("ruleIds"u8, RuleIds);
        json.Add("schemaVersion"u8, Schema);
        json.Add("sequence"u8, sequence);
        json.Add("server"u8, Server);
        json.Add("sessionId"u8, SessionId);
        json.Add("tenantId"u8, TenantId);
        json.Add("time"u8, Time);
        json.Add("tokenId"u8, TokenId);
        json.Add("tool"u8, Tool);
        json.Add("traceId"u8, TraceId);
        json.Add("upstream"u8, Upstream);
        json.Add("upstreamStatus"u8, UpstreamStatus);
        json.Add("userId"u8, UserId);
        json.Add("writer"u8, writer);
        return json.End();
    }

    /// <summary>For a record that would be too long: the digest of the arguments stays.</summary>
    public AuditRecord WithoutArguments() => this with { ArgumentsJson = default, ArgumentShapeJson = default, ResultJson = default, Redactions = [""] };

    private void AddClaimed(JsonText json)
    {
        if (ClaimedClientName is null && ClaimedClientVersion is null && ClaimedUserAgent is null) return;
        json.BeginObject("claimed"u8);
        json.Add("clientName"u8, ClaimedClientName);
        json.Add("clientVersion"u8, ClaimedClientVersion);
        json.Add("userAgent"u8, ClaimedUserAgent);
        json.EndObject();
    }

    /// <summary>Members in the order in which they are added; absent ones are left out.</summary>
    private readonly struct JsonText
    {
        /// <summary>Fits nearly every record; a longer one's buffer is not kept.</summary>
        private const int KeptCapacity = 4096;

        // Every request writes a record, so the buffer is kept for the thread's next one.
        [ThreadStatic]
        private static PooledBytes? _kept;

        private readonly PooledBytes _text;

        private JsonText(PooledBytes text) => _text = text;

        public static JsonText Begin()
        {
            var text = _kept ?? new PooledBytes(KeptCapacity);
            _kept = null;
            text.Write("{"u8);
            return new JsonText(text);
        }

        public void Add(ReadOnlySpan<byte> name, string? value)
        {
            if (value is null) return;
            Name(name);
            CanonicalJson.WriteString(_text, value);
        }

        public void Add(ReadOnlySpan<byte> name, long? value)
        {
            if (value is null) return;
            Name(name);
            Format(value.Value, default);
        }

        public void Add(ReadOnlySpan<byte> name, Guid? value)
        {
            if (value is null) return;
            Name(name);
            _text.Write("\""u8);
            Format(value.Value, "D");
            _text.Write("\""u8);
        }

        public void Add(ReadOnlySpan<byte> name, DateTimeOffset value)
        {
            Name(name);
            _text.Write("\""u8);
            Format(value.UtcDateTime, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'");
            _text.Write("\""u8);
        }

        public void Add(ReadOnlySpan<byte> name, IReadOnlyList<string> values)
        {
            if (values.Count == 0) return;
            Name(name);
            for (var i = 0; i < values.Count; i++)
            {
                _text.Write(i == 0 ? "["u8 : ","u8);
                CanonicalJson.WriteString(_text, values[i]);
            }

            _text.Write("]"u8);
        }

        public void AddRaw(ReadOnlySpan<byte> name, ReadOnlySpan<byte> json)
        {
            if (json.IsEmpty) return;
            Name(name);
            _text.Write(json);
        }

        public void BeginObject(ReadOnlySpan<byte> name)
        {
            Name(name);
            _text.Write("{"u8);
        }

        public void EndObject() => _text.Write("}"u8);

        public byte[] End()
        {
            _text.Write("}"u8);
            var json = _text.Memory.ToArray();
            if (json.Length > KeptCapacity)
            {
                _text.Dispose();
            }
            else
            {
                _text.Clear();
                _kept = _text;
            }

            return json;
        }

        private void Name(ReadOnlySpan<byte> name)
        {
            if (_text.Memory.Span[^1] != '{') _text.Write(","u8);
            _text.Write("\""u8);
            _text.Write(name);
            _text.Write("\":"u8);
        }

        private void Format<T>(T value, ReadOnlySpan<char> format)
            where T : IUtf8SpanFormattable
        {
            // More than a GUID, a time or a 64-bit number takes.
            if (value.TryFormat(_text.GetSpan(64), out var length, format, CultureInfo.InvariantCulture)) _text.Advance(length);
        }
    }
}
