using System.Globalization;
using System.Text.Json;
using McpServerless.Cli.Gateway;
using Microsoft.IdentityModel.JsonWebTokens;

namespace McpServerless.Cli.Commands.Doctor;

/// <summary>What a token says, and what the gateway makes of it.</summary>
internal sealed class TokenChecks(GatewayClient gateway, GatewayChecks checks, string? audience, string? issuer, TimeProvider time)
{
    /// <summary>The token as whoever sends it can read it. What is right is decided by the gateway; this tells why it is not.</summary>
    public IEnumerable<Diagnosis> Read(string text)
    {
        JsonWebToken token;
        try
        {
            token = new JsonWebToken(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return [Diagnosis.Fail("token", "it is no JSON Web Token", "an opaque token is for another resource, such as Microsoft Graph: ask for api://CLIENT_ID/.default")];
        }

        return Read(token);
    }

    private IEnumerable<Diagnosis> Read(JsonWebToken token)
    {
        var delegated = Text(token, "scp") is not null;
        yield return Diagnosis.Ok("token", $"{(delegated ? "a user's" : "an application's own")}, for {Text(token, "preferred_username") ?? Text(token, "oid") ?? "somebody without oid"}");
        yield return Text(token, "ver") == "2.0" ? Diagnosis.Ok("token version", "2.0")
            : Diagnosis.Fail("token version", $"{Text(token, "ver") ?? "none"}", "set api.requestedAccessTokenVersion of the gateway's application to 2");
        if (audience is not null)
        {
            yield return token.Audiences.Contains(audience, StringComparer.OrdinalIgnoreCase) ? Diagnosis.Ok("audience", audience)
                : Diagnosis.Fail("audience", $"aud is {string.Join(", ", token.Audiences)} and not {audience}", "get a token for the gateway's application: --audience with its client id");
        }

        if (issuer is not null)
        {
            yield return token.Issuer == issuer ? Diagnosis.Ok("token issuer", issuer)
                : Diagnosis.Fail("token issuer", $"iss is {token.Issuer}, and the gateway takes {issuer}", "sign in to the gateway's tenant: az login --tenant TENANT");
        }

        var now = time.GetUtcNow().UtcDateTime;
        yield return token.ValidTo <= now ? Diagnosis.Fail("token time", $"it expired {token.ValidTo.ToString("u", CultureInfo.InvariantCulture)}", "get a new one")
            : token.ValidFrom > now.AddMinutes(1) ? Diagnosis.Fail("token time", $"it is valid from {token.ValidFrom.ToString("u", CultureInfo.InvariantCulture)} on", "set this machine's clock")
            : Diagnosis.Ok("token time", $"valid until {token.ValidTo.ToString("u", CultureInfo.InvariantCulture)}");
        var roles = token.TryGetPayloadValue("roles", out string[] all) ? all.Where(r => r.StartsWith("Governance.", StringComparison.Ordinal)).ToArray() : [];
        yield return roles.Length > 0 ? Diagnosis.Ok("roles", string.Join(", ", roles))
            : Diagnosis.Fail("roles", "no role of the management API", "give the user or application Governance.Admin, Owner, Reviewer or Auditor (docs/entra.md); a new role is in new tokens only: az account clear, or wait");
    }

    public async Task<IReadOnlyList<Diagnosis>> AskAsync(CancellationToken ct)
    {
        var me = await gateway.SendAsync(new GatewayCall("GET", "me"), ct);
        if (!me.Succeeded)
        {
            return [Diagnosis.Fail("management API", string.Join(' ', me.Problem()), me.Status switch
            {
                401 => "the checks of the token above say why; if they are all right, compare Authentication:Audience and TenantId of the gateway",
                403 => "a user's token needs the scope Governance.Manage and a role, an application's own a role",
                404 => "is this gateway of a version that has the management API?",
                _ => "look into the app's log stream for requestId",
            })];
        }

        var found = new List<Diagnosis>
        {
            Diagnosis.Ok("management API", $"roles {Join(me.Body, "roles")}; teams {Join(me.Body, "teams")}"),
            checks.Clock("clock of decisions", JsonMembers.Member(me.Body, "now").TryGetDateTimeOffset(out var now) ? now : null, "the gateway's own"),
        };
        if (JsonMembers.Member(me.Body, "groupsOmitted").ValueKind == JsonValueKind.True) found.Add(Diagnosis.Warn("groups", "the user is in more groups than a token names", "teams by group do not count for them: assign fewer groups to the application, or name the user in the team"));
        found.Add(await CatalogueAsync(ct));
        found.Add(await HeldAsync(ct));
        return found;
    }

    private async Task<Diagnosis> CatalogueAsync(CancellationToken ct)
    {
        var tools = await gateway.SendAsync(new GatewayCall("GET", "catalogue/versions?limit=1"), ct);
        return !tools.Succeeded ? Diagnosis.Warn("catalogue", string.Join(' ', tools.Problem()), "look at it with mcpgov catalogue show")
            : tools.Body.GetProperty("items").GetArrayLength() == 0 ? Diagnosis.Fail("catalogue", "none is published", "mcpgov apply FOLDER")
            : Diagnosis.Ok("catalogue", $"version {tools.Body.GetProperty("items")[0].GetProperty("number").GetInt64()} is the newest");
    }

    private async Task<Diagnosis> HeldAsync(CancellationToken ct)
    {
        var held = await gateway.SendAsync(new GatewayCall("GET", "contracts?held=true&limit=200"), ct);
        if (!held.Succeeded) return Diagnosis.Warn("contracts", string.Join(' ', held.Problem()), "look at them with mcpgov contract list");
        var names = held.Body.GetProperty("items").EnumerateArray().Select(d => $"{JsonMembers.Text(d, "upstream")}/{JsonMembers.Text(d, "tool")}").ToList();
        return names.Count == 0 ? Diagnosis.Ok("contracts", "no tool is held back") : Diagnosis.Warn("contracts", $"held back: {string.Join(", ", names)}", "mcpgov contract show UPSTREAM/TOOL, then accept or reject");
    }

    private static string Join(JsonElement owner, string name) =>
        JsonMembers.Member(owner, name) is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0 ? string.Join(", ", list.EnumerateArray().Select(i => i.GetString())) : "none";

    private static string? Text(JsonWebToken token, string claim) => token.TryGetPayloadValue(claim, out string value) ? value : null;
}
