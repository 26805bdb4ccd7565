using McpServerless.Catalogue;
using McpServerless.Catalogue.Publishing;
using McpServerless.Contracts;
using McpServerless.Notifying;

namespace McpServerless.Access.Administration;

/// <summary>Grants just in time: a client's owner asks, the team of the tools decides, and what comes of it ends by itself.</summary>
/// <remarks>
/// Nobody decides on their own request, nor on one for a client of their own. An approval is for the tools that the request names at that moment, by
/// their names, so that none that is added later is in it. The decision is written before the grant, and that it was given after it: an approval that
/// died on its way is finished by approving again, for the time that was decided, and a grant that was taken away does not come back.
/// </remarks>
public sealed class GrantRequests(IAccessEditor editor, IAccessStore access, ICatalogueStore catalogues, ChangeRecords records, TimeProvider time)
{
    /// <summary>The most days that a request waits; after that it has to be made anew.</summary>
    public const int MaxPendingDays = 7;

    public async Task<ChangeOutcome<GrantRequest>> RequestAsync(Actor actor, GrantRequest wish, CancellationToken ct)
    {
        if (await editor.FindClientAsync(wish.ClientId, ct) is not { Value: var client }) return (ChangeProblem.NotFound, $"No client {wish.ClientId} is registered.");
        if (!actor.IsAdmin && !actor.Owns(client)) return (ChangeProblem.NotAllowed, "Only the client's owners and its team ask for it.");
        if (client.State != ClientState.Active) return (ChangeProblem.Invalid, $"The client is {client.State.ToString().ToLowerInvariant()}.");
        if (wish.Minutes is < 1 or > Grant.MaxDays * 24 * 60) return (ChangeProblem.Invalid, $"A grant lasts from a minute to {Grant.MaxDays} days.");
        if (string.IsNullOrWhiteSpace(wish.Justification)) return (ChangeProblem.Invalid, "Say what it is for.");
        if (wish.Constraints.Select(c => SchemaAdmission.Check(c.Arguments)).FirstOrDefault(f => f.Count > 0) is { } refused) return (ChangeProblem.Invalid, $"A constraint is not admitted: {refused[0]}.");
        if (await catalogues.ReadActiveAsync(ct) is not { } version) return (ChangeProblem.Invalid, "No catalogue is published.");
        if (version.Servers.All(s => s.Name != wish.Server)) return (ChangeProblem.NotFound, $"There is no virtual server {wish.Server}.");
        if (wish.Tools.Count == 0) return (ChangeProblem.Invalid, "Name the tools.");
        if (wish.Tools.FirstOrDefault(p => NamedTools.Of(version, wish.Server, [p]).Count == 0) is { } idle) return (ChangeProblem.Invalid, $"'{idle}' names no tool of {wish.Server}.");

        var now = time.GetUtcNow();
        var request = wish with
        {
            RequestId = Guid.CreateVersion7(now).ToString("N"),
            ClientId = client.ClientId,
            Requester = actor.Name,
            RequestedAt = now,
            State = GrantRequestState.Pending,
            DecidedBy = null,
            DecidedAt = null,
            Reason = null,
        };
        var subject = SubjectOf("grantRequested", actor, request, request.Justification) with
        {
            Notice = AccessNotices.RequestMade(request, client, NamedTools.Of(version, request.Server, request.Tools).Select(t => t.Contract.Team).OfType<string>().Distinct(StringComparer.Ordinal), now),
            Proof = AccessNotices.Became(request),
        };
        var met = await records.AroundAsync(subject, null, request, GovernanceJson.Default.GrantRequest, async token => await editor.AddRequestAsync(request, token), ct);
        return met is { } problem ? problem : request;
    }

    public async Task<ChangeOutcome<GrantRequest>> ApproveAsync(Actor actor, string requestId, string reason, CancellationToken ct)
    {
        if (await editor.FindRequestAsync(requestId, ct) is not { } found) return (ChangeProblem.NotFound, $"There is no request {requestId}.");
        var request = found.Value;
        if (await editor.FindClientAsync(request.ClientId, ct) is not { Value: var client }) return (ChangeProblem.NotFound, $"No client {request.ClientId} is registered.");
        if (Decidable(request) is { } undecidable) return undecidable;
        if (actor.MayBe(request.Requester)) return (ChangeProblem.NotAllowed, "Nobody approves their own request.");
        if (actor.GainsFrom(client)) return (ChangeProblem.NotAllowed, "Nobody approves a request for a client of their own.");
        if (client.State != ClientState.Active || client.ExpiresAt <= time.GetUtcNow()) return (ChangeProblem.Invalid, "The client is not active.");
        if (await catalogues.ReadActiveAsync(ct) is not { } version) return (ChangeProblem.Invalid, "No catalogue is published.");
        var tools = NamedTools.Of(version, request.Server, request.Tools);
        if (tools.Count == 0) return (ChangeProblem.Invalid, $"What was asked for is no longer on {request.Server}.");
        if (!actor.IsAdmin && tools.FirstOrDefault(t => !actor.SpeaksFor(t.Contract.Team)) is { Contract: { } foreign }) return (ChangeProblem.NotAllowed, $"The team {foreign.Team} decides on {foreign.Name}.");

        // An approval that died on its way is finished as it was decided.
        var now = time.GetUtcNow();
        var decided = request.State == GrantRequestState.Approved ? request : request with { State = GrantRequestState.Approved, DecidedBy = actor.Name, DecidedAt = now, Reason = reason };
        var end = (decided.DecidedAt ?? now).AddMinutes(request.Minutes);
        if (end <= now) return (ChangeProblem.Invalid, "What was approved is over already; it has to be asked for anew.");
        var grant = new Grant
        {
            GrantId = request.GrantId,
            ClientId = request.ClientId,
            Server = request.Server,
            Tools = [.. tools.Select(t => t.Name)],
            Constraints = request.Constraints,
            ExpiresAt = end < client.ExpiresAt ? end : client.ExpiresAt,
            Justification = request.Justification,
            Ticket = request.Ticket,
            Requester = request.Requester,
            Approver = decided.DecidedBy ?? actor.Name,
        };
        grant = grant with { NextReview = ReviewSchedule.First(grant, version, now) };
        var subject = SubjectOf("grantApproved", actor, request, reason) with { Notice = AccessNotices.RequestDecided(decided, client, now), Proof = AccessNotices.Became(decided) };
        var met = await records.AroundAsync(subject, null, grant, GovernanceJson.Default.Grant, GiveAsync, ct);
        return met is { } problem ? problem : decided;

        async Task<bool> GiveAsync(CancellationToken token)
        {
            if (request.State == GrantRequestState.Pending && !await editor.ReplaceRequestAsync(decided, found.ETag, token)) return false;
            await editor.AddGrantAsync(grant, token);
            await access.BumpEpochAsync(token);

            // From here on a grant that is gone was taken away, and no approval brings it back.
            return await editor.FindRequestAsync(requestId, token) is { } written && await editor.ReplaceRequestAsync(written.Value with { IsGiven = true }, written.ETag, token);
        }
    }

    public async Task<ChangeOutcome<GrantRequest>> RejectAsync(Actor actor, string requestId, string reason, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(reason)) return (ChangeProblem.Invalid, "Say why.");
        if (await editor.FindRequestAsync(requestId, ct) is not { } found) return (ChangeProblem.NotFound, $"There is no request {requestId}.");
        var request = found.Value;
        if (request.State != GrantRequestState.Pending) return (ChangeProblem.Invalid, $"The request was {request.State.ToString().ToLowerInvariant()} by {request.DecidedBy}.");
        var version = await catalogues.ReadActiveAsync(ct);
        var ofTeams = version is not null && NamedTools.Of(version, request.Server, request.Tools).Any(t => actor.SpeaksFor(t.Contract.Team));
        if (!actor.IsAdmin && !ofTeams && !actor.Is(request.Requester)) return (ChangeProblem.NotAllowed, "Only the teams of the tools, whoever asked, and administrators reject a request.");
        var decided = request with { State = GrantRequestState.Rejected, DecidedBy = actor.Name, DecidedAt = time.GetUtcNow(), Reason = reason };
        var client = await editor.FindClientAsync(request.ClientId, ct);
        var subject = SubjectOf("grantRejected", actor, request, reason) with { Notice = AccessNotices.RequestDecided(decided, client?.Value, time.GetUtcNow()), Proof = AccessNotices.Became(decided) };
        var met = await records.AroundAsync(subject, request, decided, GovernanceJson.Default.GrantRequest, async token => await editor.ReplaceRequestAsync(decided, found.ETag, token), ct);
        return met is { } problem ? problem : decided;
    }

    /// <summary>Whether somebody may know of a request: it is about a client or a tool of theirs, or they asked.</summary>
    public static bool Sees(Actor actor, GrantRequest request, Client? client, CatalogueVersion? version) =>
        actor.IsAdmin || actor.IsReader || actor.Is(request.Requester) || (client is not null && actor.Owns(client))
        || (version is not null && NamedTools.Of(version, request.Server, request.Tools).Any(t => actor.SpeaksFor(t.Contract.Team)));

    private (ChangeProblem, string)? Decidable(GrantRequest request) =>
        request.State == GrantRequestState.Rejected || request.IsGiven ? (ChangeProblem.Invalid, $"The request was {request.State.ToString().ToLowerInvariant()} by {request.DecidedBy}.")
        : request.RequestedAt.AddDays(MaxPendingDays) <= time.GetUtcNow() ? (ChangeProblem.Invalid, $"The request has waited for more than {MaxPendingDays} days; it has to be made anew.")
        : null;

    private static ChangeSubject SubjectOf(string happening, Actor actor, GrantRequest request, string reason) =>
        new(happening, actor, reason) { ClientId = request.ClientId, Server = request.Server, GrantId = request.GrantId };
}
