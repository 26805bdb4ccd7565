using System.Net;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using McpServerless.Azure.Upstreams;
using McpServerless.Catalogue;
using McpServerless.Testing;
using McpServerless.Upstreams.Credentials;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace McpServerless.Azure.Tests.Upstreams;

/// <summary>With a vault that answers as the REST reference says, and an authorization server of RFC 6749; both refuse what they do not know.</summary>
public sealed class CredentialSourceTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new();
    private readonly Identity _identity = new();
    private readonly Vault _vault = new();
    private readonly CredentialOptions _options = new();
    private readonly HttpMessageInvoker _tokens = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private LoopbackServer _server = null!;

    /// <summary>What the authorization server answers; null for a token.</summary>
    private (int Status, string Type, string Body)? _answer;

    private bool _hangs;

    public async Task InitializeAsync() => _server = await LoopbackServer.StartAsync(ServeAsync);

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _tokens.Dispose();
        _vault.Dispose();
    }

    [Fact]
    public async Task Secret_ComesFromTheSettings_OrElseFromTheVault()
    {
        _options.Secrets["orders--other"] = "of the settings";
        Assert.Equal("of the settings", (await Source().ReadAsync(Key("orders--other"), CancellationToken.None)).Text);
        Assert.Equal(0, _vault.Reads);

        var value = await Source().ReadAsync(Key("orders--key"), CancellationToken.None);
        Assert.Equal("of the vault", value.Text);
        Assert.Equal(TimeSpan.FromMinutes(5), value.UseUntil - _time.GetUtcNow());
    }

    [Theory]
    [InlineData("orders--gone", "404 SecretNotFound")]
    [InlineData("orders--forbidden", "403 Forbidden")]
    public async Task SecretThatCannotBeRead_IsNamed_WithTheVaultsReason(string name, string reason)
    {
        var fault = await Assert.ThrowsAsync<UpstreamCredentialException>(async () => await Source().ReadAsync(Key(name), CancellationToken.None));
        Assert.Equal($"the secret {name} cannot be read from the vault: {reason}", fault.Message);
    }

    [Fact]
    public async Task WithoutAVault_ASecretThatNoSettingHas_IsNamed()
    {
        var fault = await Assert.ThrowsAsync<UpstreamCredentialException>(async () => await Source(vault: false).ReadAsync(Key("orders--key"), CancellationToken.None));
        Assert.Equal("the secret orders--key is in no setting, and Upstreams:Vault names no vault", fault.Message);
    }

    [Fact]
    public async Task IdentitysToken_IsForTheScope_AndUsedUpToTwoMinutesBeforeItsEnd()
    {
        _identity.Scope = "api://orders/.default";
        _identity.ExpiresOn = _time.GetUtcNow().AddHours(1);
        var value = await Source().ReadAsync(new UpstreamCredential { Type = CredentialType.ManagedIdentity, Scope = "api://orders/.default" }, CancellationToken.None);
        Assert.Equal(("identity-token", _time.GetUtcNow().AddMinutes(58)), (value.Text, value.UseUntil));

        _identity.Fails = true;
        var fault = await Assert.ThrowsAsync<UpstreamCredentialException>(async () => await Source().ReadAsync(new UpstreamCredential { Type = CredentialType.ManagedIdentity, Scope = "api://orders/.default" }, CancellationToken.None));
        Assert.StartsWith("the gateway's identity gets no token for api://orders/.default", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClientCredentials_GetATokenFromTheAuthorizationServer()
    {
        var value = await Source().ReadAsync(Client(), CancellationToken.None);
        Assert.Equal(("server-token", _time.GetUtcNow().AddSeconds(600 - 120)), (value.Text, value.UseUntil));

        // A token that lives shorter than two minutes is used for half of that.
        _answer = (200, "application/json", """{"access_token":"short","token_type":"bearer","expires_in":60}""");
        Assert.Equal(_time.GetUtcNow().AddSeconds(30), (await Source().ReadAsync(Client(), CancellationToken.None)).UseUntil);
    }

    [Theory]
    [InlineData(400, "application/json", """{"error":"invalid_client"}""", "invalid_client")]
    [InlineData(500, "text/html", "<html>", "Http")]
    [InlineData(302, "text/html", "", "Http")]
    [InlineData(200, "application/json", "no json", "Exception")]
    [InlineData(200, "application/json", "{}", "gives no token")]
    [InlineData(200, "application/json", """{"access_token":"t","token_type":"DPoP"}""", "of the type DPoP")]
    public async Task AuthorizationServerThatGivesNone_IsNamed(int status, string type, string body, string reason)
    {
        _answer = (status, type, body);
        var fault = await Assert.ThrowsAsync<UpstreamCredentialException>(async () => await Source().ReadAsync(Client(), CancellationToken.None));
        Assert.StartsWith("127.0.0.1 gives ", fault.Message, StringComparison.Ordinal);
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("of the vault", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AuthorizationServerThatDoesNotAnswer_IsGivenUp()
    {
        _hangs = true;
        var reading = Source().ReadAsync(Client(), CancellationToken.None).AsTask();
        while (!reading.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(reading, Task.Delay(20));
        }

        Assert.Equal("the gateway's own credential could not be read within 10 seconds", (await Assert.ThrowsAsync<UpstreamCredentialException>(() => reading)).Message);
    }

    private static UpstreamCredential Key(string secret) => new() { Type = CredentialType.ApiKey, Name = "X-Key", Secret = secret };

    private UpstreamCredential Client() => new() { Type = CredentialType.ClientCredentials, TokenUrl = new Uri(_server.Url, "/token"), ClientId = "gate way", Secret = "orders--key", Scope = "read write" };

    private CredentialSource Source(bool vault = true) =>
        new(Options.Create(_options), _identity, vault ? new SecretClient(new Uri("https://vault.vault.azure.net/"), new Identity { Scope = "https://vault.azure.net/.default" }, VaultOptions()) : null, _tokens, _time);

    private SecretClientOptions VaultOptions()
    {
        var options = new SecretClientOptions { Transport = new HttpClientTransport(_vault) };
        options.Retry.MaxRetries = 0;
        return options;
    }

    private async Task ServeAsync(HttpContext http)
    {
        if (_hangs) await Task.Delay(Timeout.Infinite, http.RequestAborted);
        var form = await http.Request.ReadFormAsync();
        // RFC 6749, section 2.3.1: both parts are form-encoded before they are put together.
        Assert.Equal($"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("gate+way:of+the+vault"))}", http.Request.Headers.Authorization);
        Assert.Equal(["grant_type=client_credentials", "scope=read write"], form.Select(f => $"{f.Key}={f.Value}").Order());
        var (status, type, body) = _answer ?? (200, "application/json", """{"access_token":"server-token","token_type":"Bearer","expires_in":600}""");
        http.Response.StatusCode = status;
        http.Response.ContentType = type;
        if (status == 302) http.Response.Headers.Location = "/elsewhere";
        await http.Response.WriteAsync(body);
    }

    private sealed class Identity : TokenCredential
    {
        public string Scope { get; set; } = "";

        public DateTimeOffset ExpiresOn { get; set; } = DateTimeOffset.UtcNow.AddHours(1);

        public bool Fails { get; set; }

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Assert.Equal([Scope], requestContext.Scopes);
            return Fails ? throw new CredentialUnavailableException("no identity here") : new AccessToken("identity-token", ExpiresOn);
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }

    /// <summary>"Get Secret" of the Key Vault REST API.</summary>
    private sealed class Vault : HttpMessageHandler
    {
        public int Reads { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal((HttpMethod.Get, "vault.vault.azure.net"), (request.Method, request.RequestUri!.Host));
            Assert.StartsWith("?api-version=", request.RequestUri.Query, StringComparison.Ordinal);
            if (request.Headers.Authorization is null)
            {
                // The client learns from this whom the token has to be for.
                var challenge = new HttpResponseMessage(HttpStatusCode.Unauthorized);
                challenge.Headers.TryAddWithoutValidation("WWW-Authenticate", """Bearer authorization="https://login.microsoftonline.com/22222222-2222-2222-2222-222222222222", resource="https://vault.azure.net" """);
                return Task.FromResult(challenge);
            }

            Assert.Equal("Bearer identity-token", request.Headers.Authorization.ToString());
            Reads++;
            return Task.FromResult(request.RequestUri.AbsolutePath.TrimEnd('/') switch
            {
                "/secrets/orders--key" => Json("""{"value":"of the vault","id":"https://vault.vault.azure.net/secrets/orders--key/1","attributes":{"enabled":true}}""", HttpStatusCode.OK),
                "/secrets/orders--forbidden" => Json("""{"error":{"code":"Forbidden","message":"no"}}""", HttpStatusCode.Forbidden),
                _ => Json("""{"error":{"code":"SecretNotFound","message":"no"}}""", HttpStatusCode.NotFound),
            });
        }

        private static HttpResponseMessage Json(string json, HttpStatusCode status) => new(status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
    }
}
