using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace McpServerless.Cli.Commands.Doctor;

/// <summary>What can be asked of a gateway without a token: whether it lives, what it says of itself, and what the issuer says of itself.</summary>
internal sealed class GatewayChecks(Uri gateway, HttpClient http, TimeProvider time)
{
    private static readonly TimeSpan SkewThatMatters = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SkewThatBreaks = TimeSpan.FromSeconds(120);

    /// <summary>The issuer that the metadata names; null while it is not known.</summary>
    public string? Issuer { get; private set; }

    public async Task<IReadOnlyList<Diagnosis>> RunAsync(IReadOnlyList<string> servers, CancellationToken ct)
    {
        var found = new List<Diagnosis>();
        if (await GetAsync("healthz", ct) is not { } live) return [Diagnosis.Fail("reachable", $"{gateway} does not answer", "is the address right, the app running, and a network in between open?")];
        found.Add(live.Status == HttpStatusCode.OK ? Diagnosis.Ok("reachable", $"{gateway} answers") : Diagnosis.Fail("reachable", $"{gateway}healthz answers {(int)live.Status}", "something else answers at this address, or something in front of the gateway refuses"));
        found.Add(Clock("clock", live.Date, "the gateway's"));
        found.Add(Ready(await GetAsync("readyz", ct)));
        found.Add(Metadata("metadata", await GetAsync(".well-known/oauth-protected-resource", ct), gateway.AbsoluteUri.TrimEnd('/')));
        foreach (var server in servers)
        {
            found.Add(Metadata($"metadata of {server}", await GetAsync($".well-known/oauth-protected-resource/servers/{server}/mcp", ct), $"{gateway.AbsoluteUri.TrimEnd('/')}/servers/{server}/mcp"));
            found.Add(await ChallengeAsync(server, ct));
        }

        found.Add(Resource());
        found.Add(await IssuerAsync(ct));
        return found;
    }

    /// <summary>How far another clock is from this machine's.</summary>
    public Diagnosis Clock(string check, DateTimeOffset? other, string whose)
    {
        if (other is not { } told) return Diagnosis.Warn(check, $"{whose} clock is not told", "compare it by hand");
        var skew = (told - time.GetUtcNow()).Duration();
        var words = string.Create(CultureInfo.InvariantCulture, $"{whose} clock and this machine's are {skew.TotalSeconds:0} s apart");
        return skew > SkewThatBreaks ? Diagnosis.Fail(check, words, "set this machine's clock (NTP): tokens that are got here are refused as not valid yet or expired")
            : skew > SkewThatMatters ? Diagnosis.Warn(check, words, "set this machine's clock (NTP)")
            : Diagnosis.Ok(check, words);
    }

    private static Diagnosis Ready(Reply? reply) => reply switch
    {
        null => Diagnosis.Fail("ready", "readyz does not answer", "look into the app's log stream"),
        { Status: HttpStatusCode.OK } => Diagnosis.Ok("ready", "the state is read and a catalogue is active"),
        _ => Diagnosis.Fail("ready", $"it cannot serve: {JsonMembers.Text(reply.Body, "reason") ?? JsonMembers.Text(reply.Body, "status") ?? $"HTTP {(int)reply.Status}"}", "publish a catalogue with mcpgov apply; or look at the storage account, its network and the identity's role Storage Table Data Contributor"),
    };

    private Diagnosis Metadata(string check, Reply? reply, string expected)
    {
        if (reply is not { Status: HttpStatusCode.OK } || JsonMembers.Text(reply.Body, "resource") is not { } resource)
            return Diagnosis.Fail(check, "there is no protected resource metadata (RFC 9728)", "something in front of the gateway has to pass /.well-known unchanged");
        if (JsonMembers.Member(reply.Body, "authorization_servers") is { ValueKind: JsonValueKind.Array } issuers && issuers.GetArrayLength() > 0) Issuer ??= issuers[0].GetString();
        return resource == expected ? Diagnosis.Ok(check, $"resource is {resource}")
            : Diagnosis.Fail(check, $"resource is {resource} and not {expected}", "clients refuse a resource that is not the address they use: set Gateway:PublicBaseUrl (MCP_PUBLIC_BASE_URL) to the address of the gateway, or use that address");
    }

    /// <summary>A call without a token has to say where to get one.</summary>
    private async Task<Diagnosis> ChallengeAsync(string server, CancellationToken ct)
    {
        var check = $"challenge of {server}";
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway, $"servers/{server}/mcp")) { Content = new StringContent("""{"jsonrpc":"2.0","id":1,"method":"ping"}""", Encoding.UTF8, "application/json") };
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        if (await SendAsync(request, ct) is not { } reply) return Diagnosis.Fail(check, "the endpoint does not answer", "look into the app's log stream");
        var expected = $"resource_metadata=\"{gateway.AbsoluteUri.TrimEnd('/')}/.well-known/oauth-protected-resource/servers/{server}/mcp\"";
        return (reply.Status, reply.Challenge) switch
        {
            (HttpStatusCode.Unauthorized, { } challenge) when challenge.Contains(expected, StringComparison.Ordinal) => Diagnosis.Ok(check, "a call without a token is told where to get one"),
            (HttpStatusCode.Unauthorized, _) => Diagnosis.Fail(check, "a call without a token is not told where to get one, or elsewhere", "something in front of the gateway answers in its place (App Service authentication has to be off), or Gateway:PublicBaseUrl is another address"),
            _ => Diagnosis.Fail(check, $"a call without a token is answered with {(int)reply.Status}", "something in front of the gateway answers in its place, or the path is not passed unchanged"),
        };
    }

    /// <summary>Whether users' clients, which name the endpoint as resource, can get a token for it (docs/entra.md).</summary>
    private Diagnosis Resource() => gateway.IsLoopback ? Diagnosis.Ok("identifier URI", "a loopback address is for development")
        : gateway.Host.EndsWith(".azurewebsites.net", StringComparison.OrdinalIgnoreCase) || gateway.Host.EndsWith(".azurecontainerapps.io", StringComparison.OrdinalIgnoreCase)
            ? Diagnosis.Warn(
                "identifier URI",
                $"{gateway.Host} cannot be verified in a tenant, so no endpoint on it can be an identifier URI: users' clients that name a resource are refused with AADSTS9010010 or AADSTS500011",
                "applications with .default are not affected; for users' clients bind a custom domain, and set MCP_PUBLIC_BASE_URL and MCP_PUBLIC_SERVERS (docs/entra.md)")
            : Diagnosis.Warn("identifier URI", $"whether https://{gateway.Host}/servers/NAME/mcp are identifier URIs of the application cannot be told from here", "compare with: az ad app show --id CLIENT_ID --query identifierUris; each has to be there character by character, without a slash at its end (else AADSTS9010010)");

    private async Task<Diagnosis> IssuerAsync(CancellationToken ct)
    {
        if (Issuer is not { } issuer || !Uri.TryCreate(issuer, UriKind.Absolute, out var address)) return Diagnosis.Fail("issuer", "the metadata names no issuer", "set Authentication:TenantId");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address.AbsoluteUri.TrimEnd('/') + "/.well-known/openid-configuration"));
        if (await SendAsync(request, ct) is not { Status: HttpStatusCode.OK } reply) return Diagnosis.Fail("issuer", $"{issuer} has no discovery document", "set Authentication:TenantId to the tenant's id, and let this machine and the gateway reach the issuer");
        return JsonMembers.Text(reply.Body, "issuer") == issuer ? Diagnosis.Ok("issuer", $"{issuer} answers")
            : Diagnosis.Fail("issuer", $"the discovery document of {issuer} names another issuer", "set Authentication:TenantId to the tenant's id and not to a domain or common");
    }

    private Task<Reply?> GetAsync(string path, CancellationToken ct) => SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(gateway, path)), ct);

    private async Task<Reply?> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        try
        {
            using (request)
            using (var response = await http.SendAsync(request, ct))
            {
                using var document = StrictJson.Parse(await response.Content.ReadAsByteArrayAsync(ct), 64);
                return new Reply(response.StatusCode, document?.RootElement.Clone() ?? default, response.Headers.Date, Text(response.Headers.WwwAuthenticate));
            }
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !ct.IsCancellationRequested)
        {
            return null;
        }
    }

    private static string? Text(HttpHeaderValueCollection<AuthenticationHeaderValue> challenges) => challenges.Count == 0 ? null : challenges.ToString();

    private sealed record Reply(HttpStatusCode Status, JsonElement Body, DateTimeOffset? Date, string? Challenge);
}
