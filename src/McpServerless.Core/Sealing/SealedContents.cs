using System.Text.Json;
using System.Text.Json.Serialization;

namespace McpServerless.Sealing;

/// <summary>A session of the older era. The client carries it; the gateway keeps nothing.</summary>
public sealed record SealedSession
{
    /// <summary>Names the session in the ledger.</summary>
    public required Guid Id { get; init; }

    public required string Server { get; init; }

    /// <summary>Whose it is: used with another caller's token, it is unknown.</summary>
    public required string Principal { get; init; }

    /// <summary>The negotiated revision.</summary>
    public required string Revision { get; init; }

    /// <summary>What the client declared, as far as it is passed on.</summary>
    public required JsonElement Capabilities { get; init; }

    public string? ClientName { get; init; }

    public string? ClientVersion { get; init; }

    /// <summary>The sessions that upstreams opened for this one. Their places name them on the client's side.</summary>
    public required IReadOnlyList<SealedUpstreamSession> Upstreams { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>An upstream's session within one of the gateway.</summary>
/// <param name="Upstream">Its name.</param>
/// <param name="Id">Null where the upstream keeps none.</param>
/// <param name="Revision">What was negotiated with the upstream.</param>
public sealed record SealedUpstreamSession(string Upstream, string? Id, string Revision);

/// <summary>What an upstream wants to see again when a call of several rounds goes on.</summary>
internal sealed record SealedRequestState
{
    public required string Server { get; init; }

    public required string Principal { get; init; }

    public required string Upstream { get; init; }

    public required string Method { get; init; }

    /// <summary>SHA-256 over the name and the arguments: the same request has to come back.</summary>
    public required string Digest { get; init; }

    public required string State { get; init; }

    public required int Round { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>A task of an upstream: who may ask for it, and which tool's contract its result has to keep.</summary>
internal sealed record SealedTask(string Server, string Principal, string Upstream, string Tool, string TaskId);

/// <summary>Where a list goes on.</summary>
internal sealed record SealedCursor(string Server, string Principal, string List, string After);

/// <summary>Where a broken stream goes on, and what its answer has to be held to.</summary>
/// <param name="Upstream">Place of the upstream in the session.</param>
/// <param name="EventId">The upstream's own id of the event.</param>
/// <param name="Request">Tag of the request whose answer the stream carries; null for a stream of the session as a whole.</param>
/// <param name="Method">That request's method.</param>
/// <param name="Subject">Name or URI that the request is about.</param>
internal sealed record SealedEvent(Guid Session, int Upstream, string EventId, string? Request, string? Method, string? Subject);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Strict, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SealedSession))]
[JsonSerializable(typeof(SealedRequestState))]
[JsonSerializable(typeof(SealedTask))]
[JsonSerializable(typeof(SealedCursor))]
[JsonSerializable(typeof(SealedEvent))]
internal sealed partial class SealingJson : JsonSerializerContext;
