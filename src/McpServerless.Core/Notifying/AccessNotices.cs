using System.Globalization;
using McpServerless.Access;
using McpServerless.Access.Administration;

namespace McpServerless.Notifying;

/// <summary>What notices of clients, grants and requests say.</summary>
internal static class AccessNotices
{
    public static Notice ClientExpiring(Client client, int days, DateTimeOffset now) => OfClient(NoticeTypes.ClientExpiring, client, now, [Moment(client.ExpiresAt), Number(days)]) with
    {
        Summary = $"The registration of {Name(client)} ends {Minute(client.ExpiresAt)}, within {Days(days)}. From then on all its calls are refused.",
        ToDo = "If the agent is still needed, set a later end in its file and apply it. If not, leave it or end it now.",
        Command = "mcpgov apply FOLDER",
    };

    public static Notice ClientExpired(Client client, DateTimeOffset now) => OfClient(NoticeTypes.ClientExpired, client, now, [Moment(client.ExpiresAt)]) with
    {
        Summary = $"The registration of {Name(client)} ended {Minute(client.ExpiresAt)}. All its calls are refused.",
        ToDo = "To renew it, set a later end and state: active in its file and apply it.",
        Command = "mcpgov apply FOLDER",
    };

    /// <param name="read">The ETag of the client that was changed: another change of it is another notice.</param>
    public static Notice ClientState(Client client, string by, string reason, string read, DateTimeOffset now)
    {
        var type = client.State switch
        {
            Access.ClientState.Suspended => NoticeTypes.ClientSuspended,
            Access.ClientState.Deprovisioned => NoticeTypes.ClientDeprovisioned,
            _ => NoticeTypes.ClientResumed,
        };
        return OfClient(type, client, now, [read]) with
        {
            Summary = $"{by} {(type == NoticeTypes.ClientSuspended ? "suspended" : type == NoticeTypes.ClientResumed ? "resumed" : "deprovisioned")} {Name(client)}: {reason}",
            ToDo = type switch
            {
                NoticeTypes.ClientSuspended => "Find out why. An administrator lets it go on.",
                NoticeTypes.ClientDeprovisioned => "Take it out of its file too, and remove the application in Entra.",
                _ => "Nothing, if you expected it. Otherwise suspend it again and ask.",
            },
            Command = type switch
            {
                NoticeTypes.ClientSuspended => $"mcpgov client resume {client.ClientId} --reason REASON",
                NoticeTypes.ClientResumed => $"mcpgov client suspend {client.ClientId} --reason REASON",
                _ => null,
            },
        };
    }

    public static Notice GrantExpiring(Grant grant, Client? client, int days, DateTimeOffset now) => OfGrant(NoticeTypes.GrantExpiring, grant, client, now, [Moment(grant.ExpiresAt), Number(days)]) with
    {
        Summary = $"Grant {grant.GrantId} of {Name(grant, client)} on {grant.Server} ends {Minute(grant.ExpiresAt)}, within {Days(days)}. From then on what it allows is refused.",
        ToDo = "If it is still needed, set a later end in its file and apply it. If not, leave it.",
        Command = "mcpgov apply FOLDER",
    };

    public static Notice GrantExpired(Grant grant, Client? client, DateTimeOffset now) => OfGrant(NoticeTypes.GrantExpired, grant, client, now, [Moment(grant.ExpiresAt)]) with
    {
        Summary = $"Grant {grant.GrantId} of {Name(grant, client)} on {grant.Server} ended {Minute(grant.ExpiresAt)}. What it allowed is refused.",
        ToDo = "If it is needed again, ask for it, or set a later end in its file and apply it.",
        Command = GrantRequest.Made(grant) ? RequestAgain(grant) : "mcpgov apply FOLDER",
    };

    /// <summary>Of the type for grants that ended, since it is the same date; it says that nothing ended.</summary>
    public static Notice DenialDue(Grant grant, Client? client, DateTimeOffset now) => GrantExpired(grant, client, now) with
    {
        Summary = $"The denial {grant.GrantId} of {Name(grant, client)} on {grant.Server} was to be looked at by {Minute(grant.ExpiresAt)}. It goes on to deny.",
        ToDo = "If it is still right, set a later date in its file and apply it. If not, an administrator takes it away.",
        Command = $"mcpgov grant revoke {grant.ClientId} {grant.GrantId} --reason REASON",
    };

    /// <param name="read">The ETag of the grant that was taken away: one that is given again and taken away again is another notice.</param>
    public static Notice GrantRevoked(Grant grant, Client? client, string by, string reason, string read, DateTimeOffset now) => OfGrant(NoticeTypes.GrantRevoked, grant, client, now, [read]) with
    {
        Summary = $"{by} revoked grant {grant.GrantId} of {Name(grant, client)} on {grant.Server}: {reason}",
        ToDo = "Where a file describes the grant, take it out there too, or the next apply gives it again. If it is needed, ask for it anew.",
        Command = RequestAgain(grant),
    };

    public static NoticeProof Gone(Grant grant) => new(NoticeEvidence.GrantGone) { ClientId = grant.ClientId, Server = grant.Server, GrantId = grant.GrantId };

    public static NoticeProof Became(Client client) => new(NoticeEvidence.ClientState) { ClientId = client.ClientId, ClientState = client.State, At = client.History[^1].At };

    public static NoticeProof Became(GrantRequest request) => new(NoticeEvidence.RequestState) { RequestId = request.RequestId, RequestState = request.State };

    public static Notice RequestMade(GrantRequest request, Client client, IEnumerable<string> teams, DateTimeOffset now) => OfRequest(NoticeTypes.RequestMade, request, client, now) with
    {
        Concerns = [.. teams],
        Summary = $"{request.Requester} asks for {string.Join(", ", request.Tools)} on {request.Server} for {Name(client)}, for {request.Minutes} minutes: {request.Justification}",
        ToDo = $"Decide within {GrantRequests.MaxPendingDays} days; after that it has to be asked for anew.",
        Command = $"mcpgov grant approve {request.RequestId} --reason REASON --team TEAM",
    };

    public static Notice RequestDecided(GrantRequest request, Client? client, DateTimeOffset now)
    {
        var approved = request.State == GrantRequestState.Approved;
        return OfRequest(approved ? NoticeTypes.RequestApproved : NoticeTypes.RequestRejected, request, client, now) with
        {
            Concerns = [request.Requester],
            Summary = $"{request.DecidedBy} {(approved ? "approved" : "rejected")} the request for {string.Join(", ", request.Tools)} on {request.Server} for {client?.DisplayName ?? request.ClientId}: {request.Reason}",
            ToDo = approved ? $"It ends by itself after {request.Minutes} minutes. Give it back when it is no longer needed." : "If it is needed all the same, speak with whoever rejected it, and ask again.",
            Command = approved ? $"mcpgov grant revoke {request.ClientId} {request.GrantId} --reason REASON" : null,
        };
    }

    public static string Name(Client client) => $"client {client.DisplayName} ({client.ClientId})";

    public static string Minute(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);

    public static string Moment(DateTimeOffset moment) => Number(moment.ToUnixTimeSeconds());

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Days(int days) => days == 1 ? "a day" : $"{days} days";

    /// <summary>A notice about a client, to be given its words.</summary>
    public static Notice OfClient(string type, Client client, DateTimeOffset now, params ReadOnlySpan<string> about) => new()
    {
        NoticeId = Notice.IdOf(type, [client.TenantId, client.ClientId, .. about]),
        Type = type,
        Subject = $"clients/{client.ClientId}",
        Time = now,
        Summary = "",
        ToDo = "",
        Concerns = OwnersOf(client),
        ClientId = client.ClientId,
    };

    /// <summary>A notice about a grant, to be given its words.</summary>
    public static Notice OfGrant(string type, Grant grant, Client? client, DateTimeOffset now, params ReadOnlySpan<string> about) => new()
    {
        NoticeId = Notice.IdOf(type, [grant.ClientId, grant.Server, grant.GrantId, .. about]),
        Type = type,
        Subject = $"grants/{grant.ClientId}/{grant.Server}/{grant.GrantId}",
        Time = now,
        Summary = "",
        ToDo = "",
        Concerns = client is null ? [] : OwnersOf(client),
        ClientId = grant.ClientId,
        Server = grant.Server,
        GrantId = grant.GrantId,
    };

    private static Notice OfRequest(string type, GrantRequest request, Client? client, DateTimeOffset now) => new()
    {
        NoticeId = Notice.IdOf(type, request.RequestId),
        Type = type,
        Subject = $"requests/{request.RequestId}",
        Time = now,
        Summary = "",
        ToDo = "",
        Concerns = client is null ? [] : OwnersOf(client),
        ClientId = request.ClientId,
        Server = request.Server,
        GrantId = request.GrantId,
    };

    private static string Name(Grant grant, Client? client) => client is null ? $"client {grant.ClientId}" : Name(client);

    private static IReadOnlyList<string> OwnersOf(Client client) => client.BackupOwner is { } backup ? [client.Owner, backup] : [client.Owner];

    /// <summary>The command by which the same is asked for just in time.</summary>
    public static string RequestAgain(Grant grant) =>
        $"mcpgov grant request --client {grant.ClientId} --server {grant.Server} {string.Join(' ', grant.Tools.Select(t => $"--tool '{t}'"))} --minutes MINUTES --justification JUSTIFICATION";
}
