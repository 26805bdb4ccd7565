using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using McpServerless.Access.Credentials;

namespace McpServerless.Azure.Access;

/// <summary>Applications and users in Microsoft Graph, version 1.0; of each only the properties that are looked at.</summary>
/// <remarks>
/// Needs the app roles Application.Read.All and User.Read.All: without the second, Graph does not say whether an owner is enabled (learn.microsoft.com/graph/permissions-reference). 429 and 503
/// are waited out as <c>Retry-After</c> says (learn.microsoft.com/graph/throttling), within the time that the caller gives. Pages are followed on the same host alone.
/// </remarks>
internal sealed class GraphDirectory : IDirectory
{
    private const int MaxPages = 20;
    private const int MaxBytes = 4 * 1024 * 1024;

    private readonly Uri _endpoint;
    private readonly HttpPipeline _pipeline;

    public GraphDirectory(Uri endpoint, TokenCredential credential, HttpPipelineTransport? transport = null)
    {
        _endpoint = endpoint;
        var options = new GraphClientOptions { Retry = { MaxRetries = 3, NetworkTimeout = TimeSpan.FromSeconds(15) } };
        if (transport is not null) options.Transport = transport;
        _pipeline = HttpPipelineBuilder.Build(options, new BearerTokenAuthenticationPolicy(credential, new Uri(endpoint, ".default").AbsoluteUri));
    }

    public async ValueTask<DirectoryApplication?> FindApplicationAsync(string clientId, CancellationToken ct)
    {
        if (await GetAsync($"v1.0/applications(appId='{Quoted(clientId)}')?$select=id,appId,displayName,passwordCredentials,keyCredentials", ct) is not { } application) return await FindManagedAsync(clientId, ct);
        var id = Uri.EscapeDataString(Required(application, "id"));
        return new DirectoryApplication(
            Required(application, "id"),
            JsonMembers.Text(application, "displayName") ?? clientId,
            IsManaged: false,
            [.. CredentialsOf(application, "passwordCredentials", CredentialKind.Secret), .. CredentialsOf(application, "keyCredentials", CredentialKind.Certificate)],
            [
                .. (await ListAsync($"v1.0/applications/{id}/federatedIdentityCredentials?$select=name,issuer,subject", ct))
                    .Select(f => new DirectoryFederation(Required(f, "name"), Required(f, "issuer"), JsonMembers.Text(f, "subject") ?? "")),
            ],
            [.. (await ListAsync($"v1.0/applications/{id}/owners?$select=id,userPrincipalName,accountEnabled", ct)).Select(UserOf)]);
    }

    public async ValueTask<DirectoryUser?> FindUserAsync(string name, CancellationToken ct) =>
        await GetAsync($"v1.0/users/{Uri.EscapeDataString(name)}?$select=id,userPrincipalName,accountEnabled", ct) is { } user ? UserOf(user) : null;

    /// <summary>Managed identities, and other tenants' applications, are service principals alone.</summary>
    private async ValueTask<DirectoryApplication?> FindManagedAsync(string clientId, CancellationToken ct) =>
        await GetAsync($"v1.0/servicePrincipals(appId='{Quoted(clientId)}')?$select=id,appId,displayName,servicePrincipalType", ct) is { } principal
            ? new DirectoryApplication(Required(principal, "id"), JsonMembers.Text(principal, "displayName") ?? clientId, IsManaged: true, [], [], [])
            : null;

    private async ValueTask<List<JsonElement>> ListAsync(string path, CancellationToken ct)
    {
        var items = new List<JsonElement>();
        for (var page = 0; page < MaxPages; page++)
        {
            // What it belonged to was there a moment ago.
            if (await GetAsync(path, ct) is not { } answer || !answer.TryGetProperty("value", out var values) || values.ValueKind != JsonValueKind.Array) throw Unavailable("a list is missing");
            items.AddRange(values.EnumerateArray());
            if (JsonMembers.Text(answer, "@odata.nextLink") is not { } next) return items;
            if (!Uri.TryCreate(next, UriKind.Absolute, out var address) || address.Scheme != _endpoint.Scheme || address.Authority != _endpoint.Authority) throw Unavailable("a next page leads elsewhere");
            path = address.PathAndQuery.TrimStart('/');
        }

        throw Unavailable("a list does not end");
    }

    /// <summary>Null for 404.</summary>
    private async ValueTask<JsonElement?> GetAsync(string path, CancellationToken ct)
    {
        try
        {
            using var message = _pipeline.CreateMessage();
            message.Request.Method = RequestMethod.Get;
            message.Request.Uri.Reset(new Uri(_endpoint, path));
            message.Request.Headers.Add("Accept", "application/json");
            await _pipeline.SendAsync(message, ct);
            if (message.Response.Status == 404) return null;
            if (message.Response.Status != 200) throw Unavailable($"it answered {message.Response.Status}");
            if (message.Response.Content.ToMemory().Length > MaxBytes) throw Unavailable("its answer is too large");
            using var document = JsonDocument.Parse(message.Response.Content.ToMemory());
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw Unavailable("its answer is no JSON", e);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException or AuthenticationFailedException or IOException or HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw Unavailable($"it cannot be reached: {e.GetType().Name}", e);
        }
    }

    private static IEnumerable<DirectoryCredential> CredentialsOf(JsonElement application, string name, CredentialKind kind) =>
        application.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(c => new DirectoryCredential(kind, Required(c, "keyId"), JsonMembers.Text(c, "displayName"), DateOf(c, "startDateTime"), DateOf(c, "endDateTime")))
            : throw Unavailable($"{name} is missing");

    private static DirectoryUser UserOf(JsonElement user) => new(
        Required(user, "id"),
        JsonMembers.Text(user, "userPrincipalName"),
        user.TryGetProperty("accountEnabled", out var enabled) ? enabled.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null } : null);

    private static DateTimeOffset? DateOf(JsonElement of, string name) => of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var date) ? date : null;

    private static string Required(JsonElement of, string name) => JsonMembers.Text(of, name) ?? throw Unavailable($"{name} is missing");

    /// <summary>In an OData string a quote is two.</summary>
    private static string Quoted(string text) => Uri.EscapeDataString(text.Replace("'", "''", StringComparison.Ordinal));

    private static DirectoryUnavailableException Unavailable(string why, Exception? inner = null) => new($"Microsoft Graph could not be asked: {why}.", inner);

    private sealed class GraphClientOptions : ClientOptions;
}
