using System.Security.Cryptography;
using System.Text;

namespace McpServerless.Notifying;

/// <summary>Something that people should hear of, with what they can do about it.</summary>
public sealed record Notice
{
    /// <summary>Made from what it is about, so that whoever says the same again says it under the same id.</summary>
    public required string NoticeId { get; init; }

    /// <summary>One of <see cref="NoticeTypes"/>.</summary>
    public required string Type { get; init; }

    /// <summary>What it is about, as a path: <c>grants/CLIENT/SERVER/GRANT</c>.</summary>
    public required string Subject { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>What happened, in a sentence or two.</summary>
    public required string Summary { get; init; }

    /// <summary>What whoever reads it is asked to do.</summary>
    public required string ToDo { get; init; }

    /// <summary>The command that does it; null where a person has to act elsewhere.</summary>
    public string? Command { get; init; }

    /// <summary>Whom it concerns: owners, reviewers, teams, as the register names them.</summary>
    public IReadOnlyList<string> Concerns { get; init; } = [];

    public string? ClientId { get; init; }

    public string? Server { get; init; }

    public string? GrantId { get; init; }

    /// <summary>The id of a notice of one type about one thing.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="about">What tells it from every other one of that type.</param>
    public static string IdOf(string type, params ReadOnlySpan<string> about)
    {
        var text = new StringBuilder(type);
        foreach (var part in about) text.Append('\n').Append(part);
        return $"ntc_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16))}";
    }
}

/// <summary>What notices are about. Names are never reused.</summary>
public static class NoticeTypes
{
    public const string ClientExpiring = "client.expiring";
    public const string ClientExpired = "client.expired";
    public const string ClientSuspended = "client.suspended";
    public const string ClientResumed = "client.resumed";
    public const string ClientDeprovisioned = "client.deprovisioned";
    public const string ClientUnused = "client.unused";
    public const string GrantExpiring = "grant.expiring";
    public const string GrantExpired = "grant.expired";
    public const string GrantRevoked = "grant.revoked";
    public const string RequestMade = "request.made";
    public const string RequestApproved = "request.approved";
    public const string RequestRejected = "request.rejected";
    public const string ReviewOpened = "review.opened";
    public const string ReviewReminder = "review.reminder";
    public const string ReviewEscalated = "review.escalated";
    public const string ReviewAnswered = "review.answered";
    public const string ReviewUnanswered = "review.unanswered";
    public const string CredentialExpiring = "credential.expiring";
    public const string CredentialExpired = "credential.expired";
    public const string CredentialTooLong = "credential.tooLong";
    public const string CredentialOwner = "credential.owner";
    public const string CredentialIssuer = "credential.issuer";
    public const string RunawayPaused = "runaway.paused";
    public const string ContractQuarantined = "contract.quarantined";
    public const string AuditFault = "audit.fault";

    public static IReadOnlyList<string> All { get; } =
    [
        ClientExpiring, ClientExpired, ClientSuspended, ClientResumed, ClientDeprovisioned, ClientUnused, GrantExpiring, GrantExpired, GrantRevoked, RequestMade, RequestApproved,
        RequestRejected, ReviewOpened, ReviewReminder, ReviewEscalated, ReviewAnswered, ReviewUnanswered, CredentialExpiring, CredentialExpired, CredentialTooLong, CredentialOwner, CredentialIssuer,
        RunawayPaused, ContractQuarantined, AuditFault,
    ];
}
