using System.Security.Cryptography;
using System.Text;
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

    public static TheoryData<string, string> ForgedTokens => new()
    {
        { "no token", "none" },
        { "empty", "empty" },
        { "alg none", "alg-none" },
        { "alg none with a signature", "alg-none-signed" },
        { "HS256 with the public key", "hs256" },
        { "wrong key under a known kid", "wrong-key" },
        { "unknown kid", "unknown-kid" },
        { "tampered payload", "tampered-payload" },
        { "tampered header", "tampered-header" },
        { "wrong audience", "wrong-audience" },
        { "no audience", "no-audience" },
        { "wrong issuer", "wrong-issuer" },
        { "wrong tenant", "wrong-tenant" },
        { "no tenant", "no-tenant" },
        { "version 1.0", "version-1" },
        { "no azp", "no-azp" },
        { "no oid", "no-oid" },
        { "no kid", "no-kid" },
        { "a short key", "short-key" },
        { "no exp", "no-exp" },
        { "exp as text", "exp-text" },
        { "expired", "expired" },
        { "not yet valid", "not-yet" },
        { "two segments", "two-segments" },
        { "five segments", "five-segments" },
        { "empty signature", "empty-signature" },
        { "non-canonical base64url", "non-canonical" },
        { "padding", "padding" },
        { "white space inside", "white-space" },
        { "20 KB", "20kb" },
        { "duplicate header name", "duplicate-header" },
        { "duplicate claim name", "duplicate-claim" },
        { "critical header", "crit" },
        { "unencoded payload", "b64" },
        { "embedded jwk", "jwk" },
        { "jku", "jku" },
        { "RS512", "rs512" },
        { "payload is no object", "array-payload" },
        { "an id token's type", "type" },
    };

    [Theory]
    [MemberData(nameof(ForgedTokens))]
    public async Task ForgedToken_IsRefused(string what, string kind)
    {
        Assert.NotEmpty(what);
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

    private string? Forge(string kind)
    {
        var key = _issuer.Keys["key-1"];
        var claims = _issuer.ApplicationClaims();
        var payload = claims.ToJsonString();
        const string Header = """{"alg":"RS256","typ":"JWT","kid":"key-1"}""";
        var good = TestIssuer.Sign(Header, payload, key);
        var parts = good.Split('.');
        switch (kind)
        {
            case "none": return null;
            case "empty": return "";
            case "alg-none": return $"{TestIssuer.Encode("""{"alg":"none","typ":"JWT"}""")}.{parts[1]}.";
            case "alg-none-signed": return $"{TestIssuer.Encode("""{"alg":"none","typ":"JWT","kid":"key-1"}""")}.{parts[1]}.{parts[2]}";
            case "hs256":
                var signed = $"{TestIssuer.Encode("""{"alg":"HS256","typ":"JWT","kid":"key-1"}""")}.{parts[1]}";
                return $"{signed}.{System.Buffers.Text.Base64Url.EncodeToString(HMACSHA256.HashData(key.ExportSubjectPublicKeyInfo(), Encoding.ASCII.GetBytes(signed)))}";
            case "wrong-key":
                using (var other = RSA.Create(2048)) return TestIssuer.Sign(Header, payload, other);
            case "unknown-kid":
                using (var other = RSA.Create(2048)) return TestIssuer.Sign($$"""{"alg":"RS256","typ":"JWT","kid":"{{Guid.NewGuid():N}}"}""", payload, other);
            case "no-kid": return TestIssuer.Sign("""{"alg":"RS256","typ":"JWT"}""", payload, key);
            case "short-key":
                _issuer.Keys["short"] = RSA.Create(1024);
                return TestIssuer.Sign("""{"alg":"RS256","typ":"JWT","kid":"short"}""", payload, _issuer.Keys["short"]);
            case "tampered-payload": return $"{parts[0]}.{TestIssuer.Encode(payload.Replace("Mcp.Call", "Mcp.Root", StringComparison.Ordinal))}.{parts[2]}";
            case "tampered-header": return $"{TestIssuer.Encode(Header.Replace("JWT", "at+jwt", StringComparison.Ordinal))}.{parts[1]}.{parts[2]}";
            case "wrong-audience": claims["aud"] = "99999999-9999-9999-9999-999999999999"; break;
            case "no-audience": claims.Remove("aud"); break;
            case "wrong-issuer": claims["iss"] = "https://login.microsoftonline.com/other/v2.0"; break;
            case "wrong-tenant": claims["tid"] = "99999999-9999-9999-9999-999999999999"; break;
            case "no-tenant": claims.Remove("tid"); break;
            case "version-1": claims["ver"] = "1.0"; break;
            case "no-azp": claims.Remove("azp"); break;
            case "no-oid": claims.Remove("oid"); break;
            case "no-exp": claims.Remove("exp"); break;
            case "exp-text": claims["exp"] = "tomorrow"; break;
            case "expired": claims["exp"] = _issuer.Now(-61); break;
            case "not-yet": claims["nbf"] = _issuer.Now(300); break;
            case "two-segments": return $"{parts[0]}.{parts[1]}";
            case "five-segments": return $"{good}.{parts[1]}.{parts[2]}";
            case "empty-signature": return $"{parts[0]}.{parts[1]}.";
            case "non-canonical": return MisspellLastCharacter(good);
            case "padding": return good + "==";
            case "white-space": return good.Insert(good.Length - 10, " ");
            case "20kb": claims["filler"] = new string('x', 20_000); break;
            case "duplicate-header": return TestIssuer.Sign("""{"alg":"none","alg":"RS256","typ":"JWT","kid":"key-1"}""", payload, key);
            case "duplicate-claim": return TestIssuer.Sign(Header, payload[..^1] + ",\"azp\":\"99999999-9999-9999-9999-999999999999\"}", key);
            case "crit": return TestIssuer.Sign("""{"alg":"RS256","typ":"JWT","kid":"key-1","crit":["x"],"x":1}""", payload, key);
            case "b64": return TestIssuer.Sign("""{"alg":"RS256","typ":"JWT","kid":"key-1","b64":false}""", payload, key);
            case "jwk":
                using (var other = RSA.Create(2048))
                {
                    var p = other.ExportParameters(false);
                    return TestIssuer.Sign($$$"""{"alg":"RS256","typ":"JWT","kid":"mine","jwk":{"kty":"RSA","kid":"mine","n":"{{{System.Buffers.Text.Base64Url.EncodeToString(p.Modulus)}}}","e":"AQAB"}}""", payload, other);
                }

            case "jku":
                using (var other = RSA.Create(2048)) return TestIssuer.Sign($$"""{"alg":"RS256","typ":"JWT","kid":"mine","jku":"{{_issuer.Issuer}}/keys"}""", payload, other);
            case "rs512":
                var strong = $"{TestIssuer.Encode("""{"alg":"RS512","typ":"JWT","kid":"key-1"}""")}.{parts[1]}";
                return $"{strong}.{System.Buffers.Text.Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(strong), HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1))}";
            case "array-payload": return TestIssuer.Sign(Header, $"[{payload}]", key);
            case "type": return TestIssuer.Sign("""{"alg":"RS256","typ":"secevent+jwt","kid":"key-1"}""", payload, key);
            default: throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such forgery.");
        }

        return TestIssuer.Sign(Header, claims.ToJsonString(), key);
    }

    /// <summary>256 bytes leave unused bits in the last character, so that it has other spellings for the same bytes.</summary>
    private static string MisspellLastCharacter(string token)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return token[..^1] + Alphabet[Alphabet.IndexOf(token[^1], StringComparison.Ordinal) ^ 1];
    }

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
