using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Microsoft.IdentityModel.Tests;

/// <summary>An issuer on a loopback port: discovery and keys, with a count of what was asked for.</summary>
internal sealed class KeyServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _jwksRequests;

    private KeyServer(WebApplication app, string jwks)
    {
        _app = app;
        Jwks = jwks;
    }

    public string Address => _app.Urls.First();

    public string JwksAddress => $"{Address}/keys";

    public int JwksRequests => Volatile.Read(ref _jwksRequests);

    /// <summary>What the keys endpoint answers; set it to change the keys, or to break them.</summary>
    public string Jwks { get; set; }

    public int Status { get; set; } = StatusCodes.Status200OK;

    /// <summary>The keys endpoint waits for it before it answers.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public static async Task<KeyServer> StartAsync(params string[] keys)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new KeyServer(builder.Build(), Set(keys));
        server._app.MapGet("/.well-known/openid-configuration", server.AnswerDiscoveryAsync);
        server._app.MapGet("/keys", server.AnswerKeysAsync);
        await server._app.StartAsync();
        return server;
    }

    public static string Set(params string[] keys) => $$"""{"keys":[{{string.Join(',', keys)}}]}""";

    public ConfigurationManager<OpenIdConnectConfiguration> Manager(IConfigurationValidator<OpenIdConnectConfiguration>? validator = null)
    {
        var documents = new HttpDocumentRetriever { RequireHttps = false };
        var address = $"{Address}/.well-known/openid-configuration";
        return validator is null
            ? new(address, new OpenIdConnectConfigurationRetriever(), documents)
            : new(address, new OpenIdConnectConfigurationRetriever(), documents, validator);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerDiscoveryAsync(HttpContext context) =>
        await context.Response.WriteAsync(
            $$"""{"issuer":"{{Jws.Issuer}}","jwks_uri":"{{JwksAddress}}","token_endpoint":"{{Address}}/token","scopes_supported":["openid"]}""");

    private async Task AnswerKeysAsync(HttpContext context)
    {
        Interlocked.Increment(ref _jwksRequests);
        await Gate;
        context.Response.StatusCode = Status;
        await context.Response.WriteAsync(Jwks);
    }
}
