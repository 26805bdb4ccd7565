using McpServerless.Access.Expiring;
using McpServerless.Notifying;

namespace McpServerless.Access.Credentials;

/// <summary>Something about a client's credentials or owners that somebody has to see to.</summary>
/// <param name="Happening">As the ledger and its alerts call it.</param>
/// <param name="Notice">What its owners are told.</param>
/// <param name="Suspends">Whether the client is suspended for it.</param>
internal sealed record CredentialFinding(string Happening, Notice Notice, bool Suspends);

/// <summary>What follows from what the directory says.</summary>
/// <remarks>Under ids made of the key, its end and the stage, so that a day that is looked at twice says nothing twice. What ended more than 60 days ago is no news.</remarks>
internal sealed class CredentialFindings(CredentialWatchOptions options, DateTimeOffset now)
{
    private const int NoNewsAfterDays = 60;

    private static readonly int[] Stages = [1, 7, 14, 30];

    /// <summary>Things that go on are told of once a month.</summary>
    private string Month => $"{now:yyyy-MM}";

    public IEnumerable<CredentialFinding> OfApplication(Client client, DirectoryApplication? application)
    {
        if (application is null)
        {
            yield return new CredentialFinding("clientUnknownToEntra", Owner(client, "gone", client.ClientId) with
            {
                Summary = $"Entra knows no application of {AccessNotices.Name(client)}. Nobody can get a token for it.",
                ToDo = "If it was removed on purpose, end the client here too. If not, find out who removed it.",
                Command = $"mcpgov client deprovision {client.ClientId} --reason REASON",
            }, false);
            yield break;
        }

        if (application.IsManaged) yield break;
        foreach (var finding in application.Credentials.SelectMany(c => OfCredential(client, c))) yield return finding;
        foreach (var federation in application.Federations.Where(f => options.TrustedIssuers.Count > 0 && !options.TrustedIssuers.Any(i => NamePattern.Matches(i, f.Issuer))))
        {
            yield return new CredentialFinding("credentialIssuer", Credential(NoticeTypes.CredentialIssuer, client, federation.Name, federation.Issuer, Month) with
            {
                Summary = $"{AccessNotices.Name(client)} trusts tokens of {federation.Issuer} (federated credential {federation.Name}), which settings do not name as trusted.",
                ToDo = "Remove the federated credential, or have the issuer added to Credentials:TrustedIssuers.",
                Command = $"az ad app federated-credential delete --id {client.ClientId} --federated-credential-id {federation.Name}",
            }, false);
        }

        if (application.Owners.Count == 0)
        {
            yield return new CredentialFinding("credentialNoOwner", Owner(client, "none", application.ObjectId) with
            {
                Summary = $"The Entra application of {AccessNotices.Name(client)} has no owner: nobody but administrators can renew its credentials.",
                ToDo = "Make its owner, or its owner's team, an owner of the application.",
                Command = $"az ad app owner add --id {client.ClientId} --owner-object-id OBJECT_ID",
            }, false);
        }
    }

    /// <summary>What follows for a client whose registered owners the directory was asked about: null for one that it does not know.</summary>
    public IEnumerable<CredentialFinding> OfOwners(Client client, IReadOnlyList<(string Name, DirectoryUser? User)> owners)
    {
        var nobody = owners.All(o => o.User is null or { IsEnabled: false });
        foreach (var (name, user) in owners.Where(o => o.User is null or { IsEnabled: false }))
        {
            yield return new CredentialFinding(user is null ? "credentialOwnerUnknown" : "credentialOwnerDisabled", Owner(client, user is null ? "unknown" : "disabled", name) with
            {
                Summary = $"{name}, registered as owner of {AccessNotices.Name(client)}, {(user is null ? "is no user that Entra knows" : "is disabled in Entra")}.{(nobody ? " Nobody else stands behind the client." : "")}",
                ToDo = "Register another owner in the client's file and apply it. If nobody takes it over, end it.",
                Command = "mcpgov apply FOLDER",
            }, nobody && options.SuspendWithoutOwner);
        }
    }

    public CredentialFinding Unused(Client client) => new("clientUnused", AccessNotices.OfClient(NoticeTypes.ClientUnused, client, now, [Month]) with
    {
        Summary = $"{AccessNotices.Name(client)} has not called for {options.UnusedDays} days.",
        ToDo = "If it is no longer needed, end it.",
        Command = $"mcpgov client deprovision {client.ClientId} --reason REASON",
    }, options.SuspendUnused);

    private IEnumerable<CredentialFinding> OfCredential(Client client, DirectoryCredential credential)
    {
        if (credential.Ends is not { } ends) yield break;
        var what = $"{(credential.Kind == CredentialKind.Secret ? "Secret" : "Certificate")} {credential.DisplayName ?? credential.KeyId} of {AccessNotices.Name(client)}";
        var end = AccessNotices.Moment(ends);
        var renew = credential.Kind == CredentialKind.Secret ? $"az ad app credential reset --id {client.ClientId} --append" : $"az ad app credential reset --id {client.ClientId} --append --cert @CERTIFICATE";
        if (ends <= now)
        {
            if (ends > now.AddDays(-NoNewsAfterDays)) yield return new CredentialFinding("credentialExpired", Credential(NoticeTypes.CredentialExpired, client, credential.KeyId, end) with
            {
                Summary = $"{what} ended {AccessNotices.Minute(ends)}.",
                ToDo = "Remove it. If the client still needs one, make another; better none at all: a managed identity or a federated credential.",
                Command = $"az ad app credential delete --id {client.ClientId} --key-id {credential.KeyId}",
            }, false);
            yield break;
        }

        if (ends <= now.AddDays(Stages[^1]))
        {
            var days = EndsAhead.StageOf(Stages, ends, now);
            yield return new CredentialFinding("credentialExpiring", Credential(NoticeTypes.CredentialExpiring, client, credential.KeyId, end, AccessNotices.Number(days)) with
            {
                Summary = $"{what} ends {AccessNotices.Minute(ends)}, within {AccessNotices.Days(days)}. From then on the client gets no token with it.",
                ToDo = "Make another one and give it to the agent, then remove this one.",
                Command = renew,
            }, false);
        }

        if (credential.Begins is { } begins && ends - begins > TimeSpan.FromDays(options.MaxLifetimeDays + 1))
        {
            yield return new CredentialFinding("credentialTooLong", Credential(NoticeTypes.CredentialTooLong, client, credential.KeyId, end, Month) with
            {
                Summary = $"{what} lives {(int)(ends - begins).TotalDays} days; at most {options.MaxLifetimeDays} are allowed.",
                ToDo = "Make one that lives shorter and remove this one.",
                Command = renew,
            }, options.SuspendTooLong);
        }
    }

    private Notice Credential(string type, Client client, params ReadOnlySpan<string> about) => AccessNotices.OfClient(type, client, now, about) with { Subject = $"clients/{client.ClientId}/credentials/{about[0]}" };

    private Notice Owner(Client client, string what, string whom) => AccessNotices.OfClient(NoticeTypes.CredentialOwner, client, now, [what, whom, Month]);
}
