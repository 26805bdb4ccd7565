using System.Text.Json.Serialization;

namespace McpServerless.Access.Administration;

public enum GrantRequestState
{
    Pending,
    Approved,
    Rejected,
}

/// <summary>A wish for a grant, from a client's owner to the teams whose tools it is about.</summary>
public sealed record GrantRequest
{
    private const string Prefix = "jit-";

    /// <summary>UUIDv7, 32 hexadecimal digits, so that requests sort by their time.</summary>
    public required string RequestId { get; init; }

    public required string ClientId { get; init; }

    public required string Server { get; init; }

    /// <summary>Names or globs of tools; an approval is for what they name at its moment.</summary>
    public required IReadOnlyList<string> Tools { get; init; }

    /// <summary>What the arguments have to be like.</summary>
    public IReadOnlyList<ArgumentConstraint> Constraints { get; init; } = [];

    /// <summary>How long the grant lasts from its approval on, in minutes.</summary>
    public required int Minutes { get; init; }

    public required string Justification { get; init; }

    public string? Ticket { get; init; }

    public required string Requester { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    public GrantRequestState State { get; init; }

    public string? DecidedBy { get; init; }

    public DateTimeOffset? DecidedAt { get; init; }

    public string? Reason { get; init; }

    /// <summary>Whether the grant of an approval was written.</summary>
    public bool IsGiven { get; init; }

    /// <summary>What an approval makes.</summary>
    [JsonIgnore]
    public string GrantId => Prefix + RequestId;

    /// <summary>Whether a grant came from a request and not from a file.</summary>
    public static bool Made(Grant grant) => grant.GrantId.StartsWith(Prefix, StringComparison.Ordinal);
}
