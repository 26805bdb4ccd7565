using System.Security.Cryptography;
using System.Text.Json.Nodes;
using McpServerless.Authentication;
using McpServerless.Testing;
using McpServerless.ToolCalls;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Core.Tests.Authentication;

public sealed class AccessTokenVerifierTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private TestIssuer _issuer = null!;
    private SigningKeys _keys = null!;
    private AccessTokenVerifier _verifier = null!;

    public async Task InitializeAsync()
    {
        _issuer = await TestIssuer.StartAsync(_time);
        _verifier = NewVerifier();
    }

    public async Task DisposeAsync()
    {
        _keys.Dispose();
        await _issuer.DisposeAsync();
    }

    [Fact]
    public async Task ApplicationToken_ProvesTheApplication()
    {
        var caller = await AcceptAsync(_issuer.Token());
        Assert.Equal(CallerKind.Application, caller.Kind);
        Assert.Equal(TestIssuer.AgentClientId, caller.ClientId);
        Assert.Equal(TestIssuer.TenantId, caller.TenantId);
        Assert.Equal(["Mcp.Call"], caller.Roles);
        Assert.Null(caller.UserId);
        Assert.NotNull(caller.TokenId);
    }

    [Fact]
    public async Task DelegatedToken_ProvesTheUserToo()
    {
        var caller = await AcceptAsync(_issuer.Token(_issuer.DelegatedClaims(scope: "Mcp.Call Other")));
        Assert.Equal(CallerKind.Delegated, caller.Kind);
        Assert.Equal(TestIssuer.UserObjectId, caller.UserId);
        Assert.Equal(["Mcp.Call", "Other"], caller.Scopes);
    }

    [Fact]
    public async Task AccessTokenType_IsAccepted() => await AcceptAsync(_issuer.Token(type: "at+jwt"));

    [Fact]
    public async Task ScopeOfAnAgentIdentity_WrittenAsASlash_IsNoScope()
    {
        var claims = _issuer.ApplicationClaims();
        claims["scp"] = "/";
        Assert.Empty((await AcceptAsync(_issuer.Token(claims))).Scopes);
    }

    [Theory]
    [InlineData("user", "Mcp.Call", true)]
    [InlineData("app", "Mcp.Call", true)]
    [InlineData(null, null, true)]
    public async Task TokenThatIsNotPlainlyTheApplications_CountsAsAUsers(string? kind, string? scope, bool otherSubject)
    {
        var claims = _issuer.ApplicationClaims();
        if (kind is null) claims.Remove("idtyp");
        else claims["idtyp"] = kind;
        if (scope is not null) claims["scp"] = scope;
        if (otherSubject) claims["sub"] = "another";
        Assert.Equal(CallerKind.Delegated, (await AcceptAsync(_issuer.Token(claims))).Kind);
    }

    [Fact]
    public async Task AgeAndStrengthOfAToken_AreItsClaims()
    {
        var claims = _issuer.DelegatedClaims(scope: "Mcp.Call");
        claims["iat"] = _time.GetUtcNow().AddMinutes(-7).ToUnixTimeSeconds();
        claims["acrs"] = new JsonArray("c1", "c2");
        claims["amr"] = new JsonArray("pwd", "mfa");
        var caller = await AcceptAsync(_issuer.Token(claims));
        Assert.Equal(_time.GetUtcNow().AddMinutes(-7).ToUnixTimeSeconds(), caller.IssuedAt!.Value.ToUnixTimeSeconds());
        Assert.Equal(["c1", "c2"], caller.AuthContexts);
        Assert.Equal(["pwd", "mfa"], caller.AuthMethods);

        claims.Remove("iat");
        claims.Remove("acrs");
        claims.Remove("amr");
        caller = await AcceptAsync(_issuer.Token(claims));
        Assert.Null(caller.IssuedAt);
        Assert.Empty(caller.AuthContexts);
        Assert.Empty(caller.AuthMethods);
    }

    /// <summary>Entra Agent ID, token claims: 11 is an agent identity, 13 an agent's user, among other facets.</summary>
    [Theory]
    [InlineData(false, "11 2", null, AgentActor.Identity)]
    [InlineData(false, null, "11", AgentActor.Identity)]
    [InlineData(false, "1 111", "3", AgentActor.None)]
    [InlineData(false, null, null, AgentActor.None)]
    [InlineData(true, "3 11", "1", AgentActor.ForUser)]
    [InlineData(true, "11", "13 4", AgentActor.OwnUser)]
    [InlineData(true, null, null, AgentActor.None)]
    public async Task FacetsOfAgents_AreToldApart(bool delegated, string? actor, string? subject, AgentActor expected)
    {
        var claims = delegated ? _issuer.DelegatedClaims(scope: "Mcp.Call") : _issuer.ApplicationClaims();
        if (actor is not null) claims["xms_act_fct"] = actor;
        if (subject is not null) claims["xms_sub_fct"] = subject;
        claims["xms_par_app_azp"] = "blueprint";
        var caller = await AcceptAsync(_issuer.Token(claims));
        Assert.Equal((expected, "blueprint"), (caller.Agent, caller.AgentBlueprintId));
    }

    public static TheoryData<string> Forgeries => [.. ForgedTokens.Kinds];

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task ForgedToken_IsRefused(string kind)
    {
        var refusal = await RefuseAsync(Forge(kind));
        Assert.Equal(RefusalCode.InvalidToken, refusal.Code);
        Assert.NotNull(refusal.OperatorNote);
    }

    [Fact]
    public async Task UnknownKey_IsFetchedWhenTheIssuerRolls()
    {
        await AcceptAsync(_issuer.Token());
        _issuer.Keys["key-2"] = RSA.Create(2048);
        _time.Advance(TimeSpan.FromMinutes(1));
        await AcceptAsync(_issuer.Token(key: "key-2"));
    }

    [Fact]
    public async Task WithdrawnKey_IsNoLongerBelieved_OnceTheKeysWereReadAgain()
    {
        await AcceptAsync(_issuer.Token());
        var withdrawn = _issuer.Keys["key-1"];
        _issuer.Keys.Remove("key-1");
        _issuer.Keys["key-2"] = RSA.Create(2048);
        _time.Advance(TimeSpan.FromMinutes(1));
        await AcceptAsync(_issuer.Token(key: "key-2"));
        await RefuseAsync(TestIssuer.Sign("""{"alg":"RS256","typ":"JWT","kid":"key-1"}""", _issuer.ApplicationClaims().ToJsonString(), withdrawn));
    }

    [Fact]
    public async Task ForgedKeyIds_DoNotDriveAFetchEach()
    {
        await AcceptAsync(_issuer.Token());
        for (var i = 0; i < 50; i++) await RefuseAsync(Forge("unknown-kid"));
        Assert.InRange(_issuer.KeyRequests, 1, 3);
    }

    [Fact]
    public async Task KnownKeys_ServeWhileTheIssuerIsDown()
    {
        await AcceptAsync(_issuer.Token());
        _issuer.IsDown = true;
        await AcceptAsync(_issuer.Token());
    }

    [Fact]
    public async Task IssuerDownFromTheStart_IsARefusal_AndHealsByItself()
    {
        _issuer.IsDown = true;
        Assert.Equal(RefusalCode.StateUnavailable, (await RefuseAsync(_issuer.Token())).Code);
        _issuer.IsDown = false;
        _time.Advance(TimeSpan.FromSeconds(5));
        await AcceptAsync(_issuer.Token());
    }

    [Fact]
    public async Task RememberedToken_EndsWithItsTime()
    {
        var token = _issuer.Token();
        await AcceptAsync(token);
        _time.Advance(TimeSpan.FromSeconds(3600 + 59));
        await AcceptAsync(token);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("expired", (await RefuseAsync(token)).OperatorNote);
    }

    [Theory]
    [InlineData(59, true)]
    [InlineData(60, true)]
    [InlineData(61, false)]
    public async Task NotBefore_HasTheSkewAndNoMore(int secondsAhead, bool accepted)
    {
        var claims = _issuer.ApplicationClaims();
        claims["nbf"] = _issuer.Now(secondsAhead);
        if (accepted) await AcceptAsync(_issuer.Token(claims));
        else await RefuseAsync(_issuer.Token(claims));
    }

    [Fact]
    public async Task Refusal_NeverShowsTheToken()
    {
        var token = Forge("wrong-audience")!;
        var refusal = await RefuseAsync(token);
        Assert.DoesNotContain(token[^20..], refusal.Detail + refusal.OperatorNote, StringComparison.Ordinal);
        Assert.Equal("[redacted]", new AccessToken(token).ToString());
    }

    private string? Forge(string kind) => ForgedTokens.Make(_issuer, kind);

    private AccessTokenVerifier NewVerifier()
    {
        var options = Options.Create(new AuthenticationOptions { TenantId = TestIssuer.TenantId, Audience = TestIssuer.Audience, Issuer = _issuer.Issuer, RequireHttpsMetadata = false });
        _keys = new SigningKeys(options, _time, NullLogger<SigningKeys>.Instance);
        return new AccessTokenVerifier(options, _keys, _time, NullLogger<AccessTokenVerifier>.Instance);
    }

    private async Task<Caller> AcceptAsync(string token)
    {
        Assert.True((await _verifier.AuthenticateAsync(new AccessToken(token), CancellationToken.None)).Succeeded(out var caller, out var refusal), refusal?.OperatorNote);
        return caller!;
    }

    private async Task<Refusal> RefuseAsync(string? token)
    {
        Assert.False((await _verifier.AuthenticateAsync(token is null ? null : new AccessToken(token), CancellationToken.None)).Succeeded(out _, out var refusal));
        return refusal!;
    }
}
