using System.Globalization;
using System.Text.Json;
using System.Web;
using Azure.Core;
using Azure.Core.Pipeline;
using McpServerless.Testing;
using Microsoft.AspNetCore.Http;

namespace McpServerless.Azure.Tests.Access;

/// <summary>Microsoft Graph as far as it is documented for what is asked: it answers exactly that, in pages, and counts everything else as a mistake.</summary>
internal sealed class FakeGraph : IAsyncDisposable
{
    public const string Token = "graph-token";

    private readonly Lock _gate = new();
    private LoopbackServer? _server;

    public Dictionary<string, GraphApplication> Applications { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, GraphUser> Users { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Client ids of managed identities.</summary>
    public HashSet<string> ManagedIdentities { get; } = new(StringComparer.Ordinal);

    /// <summary>Answers before anything else; null for as usual.</summary>
    public Func<HttpContext, int?> Fault { get; set; } = _ => null;

    public List<string> Mistakes { get; } = [];

    public int Requests { get; private set; }

    public int PageSize { get; set; } = 2;

    /// <summary>Where next pages lead; null for this server under Graph's own name.</summary>
    public string? NextHost { get; set; }

    public static async Task<FakeGraph> StartAsync()
    {
        var graph = new FakeGraph();
        graph._server = await LoopbackServer.StartAsync(graph.AnswerAsync);
        return graph;
    }

    /// <summary>Speaks to this server where Graph is meant: a bearer token is sent over TLS alone.</summary>
    public HttpPipelineTransport Transport() => new HttpClientTransport(new Redirection(_server!.Url) { InnerHandler = new SocketsHttpHandler { AllowAutoRedirect = false } });

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task AnswerAsync(HttpContext context)
    {
        lock (_gate) Requests++;
        if (Fault(context) is { } status)
        {
            context.Response.StatusCode = status;
            return;
        }

        var request = context.Request;
        if (request.Method != "GET") Mistake(request, "method");
        if (request.Headers.Authorization != $"Bearer {Token}") Mistake(request, "token");
        if (!request.Headers.Accept.ToString().Contains("application/json", StringComparison.Ordinal)) Mistake(request, "accept");
        var query = HttpUtility.ParseQueryString(request.QueryString.Value ?? "");
        var skip = int.Parse(query["$skiptoken"] ?? "0", CultureInfo.InvariantCulture);
        var select = query["$select"];
        if (query.AllKeys.Any(k => k is not ("$select" or "$skiptoken"))) Mistake(request, "query");
        switch (request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            case ["v1.0", var one] when one.StartsWith("applications(appId='", StringComparison.Ordinal):
                Selects(request, select, "id,appId,displayName,passwordCredentials,keyCredentials");
                await WriteAsync(context, Applications.TryGetValue(Id(one), out var application) ? json => application.WriteTo(json, Id(one)) : null);
                break;
            case ["v1.0", var one] when one.StartsWith("servicePrincipals(appId='", StringComparison.Ordinal):
                Selects(request, select, "id,appId,displayName,servicePrincipalType");
                await WriteAsync(context, !ManagedIdentities.Contains(Id(one)) ? null : json =>
                {
                    json.WriteStartObject();
                    json.WriteString("id", $"sp-{Id(one)}");
                    json.WriteString("servicePrincipalType", "ManagedIdentity");
                    json.WriteEndObject();
                });
                break;
            case ["v1.0", "applications", var objectId, "owners"]:
                Selects(request, select, "id,userPrincipalName,accountEnabled");
                await WritePageAsync(context, Applications.Values.Single(a => a.ObjectId == objectId).Owners, skip, (json, owner) => owner.WriteTo(json));
                break;
            case ["v1.0", "applications", var objectId, "federatedIdentityCredentials"]:
                Selects(request, select, "name,issuer,subject");
                await WritePageAsync(context, Applications.Values.Single(a => a.ObjectId == objectId).Issuers, skip, (json, issuer) =>
                {
                    json.WriteStartObject();
                    json.WriteString("name", issuer.Name);
                    json.WriteString("issuer", issuer.Issuer);
                    json.WriteString("subject", "s");
                    json.WriteEndObject();
                });
                break;
            case ["v1.0", "users", var name]:
                Selects(request, select, "id,userPrincipalName,accountEnabled");
                await WriteAsync(context, Users.TryGetValue(name, out var user) ? user.WriteTo : null);
                break;
            default:
                Mistake(request, "path");
                context.Response.StatusCode = 400;
                break;
        }
    }

    private void Selects(HttpRequest request, string? given, string wanted)
    {
        if (given != wanted) Mistake(request, "$select");
    }

    private void Mistake(HttpRequest request, string what)
    {
        lock (_gate) Mistakes.Add($"{what}: {request.Method} {request.Path}{request.QueryString}");
    }

    private static string Id(string segment) => segment.Split('\'')[1];

    private Task WritePageAsync<T>(HttpContext context, IReadOnlyList<T> items, int skip, Action<Utf8JsonWriter, T> write) => WriteAsync(context, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("value");
        foreach (var item in items.Skip(skip).Take(PageSize)) write(json, item);
        json.WriteEndArray();
        if (skip + PageSize < items.Count) json.WriteString("@odata.nextLink", $"{NextHost ?? "https://graph.microsoft.com"}{context.Request.Path}?$select={HttpUtility.ParseQueryString(context.Request.QueryString.Value ?? "")["$select"]}&$skiptoken={skip + PageSize}");
        json.WriteEndObject();
    });

    private static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter>? write)
    {
        context.Response.ContentType = "application/json";
        if (write is null)
        {
            context.Response.StatusCode = 404;
            await context.Response.WriteAsync("""{"error":{"code":"Request_ResourceNotFound","message":"no"}}""");
            return;
        }

        using var body = new MemoryStream();
        await using (var json = new Utf8JsonWriter(body)) write(json);
        await context.Response.Body.WriteAsync(body.ToArray());
    }

    /// <summary>Asks for the token that Graph takes, and for nothing else.</summary>
    internal sealed class Identity : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Assert.Equal(["https://graph.microsoft.com/.default"], requestContext.Scopes);
            return new AccessToken(Token, DateTimeOffset.MaxValue);
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }

    private sealed class Redirection(Uri server) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal("https://graph.microsoft.com", request.RequestUri!.GetLeftPart(UriPartial.Authority));
            request.RequestUri = new Uri(server, request.RequestUri.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}

/// <summary>An application as Graph has it.</summary>
internal sealed record GraphApplication(string ObjectId)
{
    public List<(string KeyId, DateTimeOffset Begins, DateTimeOffset Ends)> Secrets { get; } = [];

    public List<(string KeyId, DateTimeOffset Begins, DateTimeOffset Ends)> Certificates { get; } = [];

    public List<(string Name, string Issuer)> Issuers { get; } = [];

    public List<GraphUser> Owners { get; } = [];

    public void WriteTo(Utf8JsonWriter json, string appId)
    {
        json.WriteStartObject();
        json.WriteString("id", ObjectId);
        json.WriteString("appId", appId);
        json.WriteString("displayName", "d");
        foreach (var (name, list) in (ReadOnlySpan<(string, List<(string KeyId, DateTimeOffset Begins, DateTimeOffset Ends)>)>)[("passwordCredentials", Secrets), ("keyCredentials", Certificates)])
        {
            json.WriteStartArray(name);
            foreach (var one in list)
            {
                json.WriteStartObject();
                json.WriteString("keyId", one.KeyId);
                json.WriteNull("displayName");
                json.WriteString("startDateTime", one.Begins);
                json.WriteString("endDateTime", one.Ends);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}

/// <summary>A user as Graph has it.</summary>
internal sealed record GraphUser(string Name, bool? IsEnabled)
{
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", $"id-{Name}");
        json.WriteString("userPrincipalName", Name);
        if (IsEnabled is { } enabled) json.WriteBoolean("accountEnabled", enabled);
        else json.WriteNull("accountEnabled");
        json.WriteEndObject();
    }
}
