using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace McpServerless.Testing;

/// <summary>Plays the Entra tenant: publishes discovery and keys over HTTP and signs any token that a test can think of.</summary>
public sealed class TestIssuer : IAsyncDisposable
{
    public const string TenantId = "11111111-1111-1111-1111-111111111111";
    public const string Audience = "22222222-2222-2222-2222-222222222222";
    public const string AgentClientId = "33333333-3333-3333-3333-333333333333";
    public const string AgentObjectId = "55555555-5555-5555-5555-555555555555";
    public const string UserObjectId = "66666666-6666-6666-6666-666666666666";

    // Making a key takes longer than most tests, so they share the first one.
    private static readonly RSA FirstKey = RSA.Create(2048);

    private readonly TimeProvider _time;
    private LoopbackServer? _server;

    private TestIssuer(TimeProvider time) => _time = time;

    /// <summary>The keys that are published; tests add, take away and swap them.</summary>
    public Dictionary<string, RSA> Keys { get; } = new() { ["key-1"] = FirstKey };

    /// <summary>Requests for the key set so far.</summary>
    public int KeyRequests { get; private set; }

    /// <summary>Answers requests with 503 while it is true.</summary>
    public bool IsDown { get; set; }

    public string Issuer => $"{_server!.Url.ToString().TrimEnd('/')}/{TenantId}/v2.0";

    public static async Task<TestIssuer> StartAsync(TimeProvider? time = null)
    {
        var issuer = new TestIssuer(time ?? TimeProvider.System);
        issuer._server = await LoopbackServer.StartAsync(issuer.ServeAsync);
        return issuer;
    }

    /// <summary>Claims of an application's own token, as Entra's v2.0 tokens have them.</summary>
    public JsonObject ApplicationClaims(string clientId = AgentClientId) => new()
    {
        ["iss"] = Issuer,
        ["aud"] = Audience,
        ["tid"] = TenantId,
        ["azp"] = clientId,
        ["azpacr"] = "2",
        ["oid"] = AgentObjectId,
        ["sub"] = AgentObjectId,
        ["idtyp"] = "app",
        ["roles"] = new JsonArray("Mcp.Call"),
        ["ver"] = "2.0",
        ["uti"] = Guid.NewGuid().ToString("N"),
        ["iat"] = Now(),
        ["nbf"] = Now(),
        ["exp"] = Now(3600),
    };

    /// <summary>Claims of a token with which an application acts for a user.</summary>
    public JsonObject DelegatedClaims(string clientId = AgentClientId, string scope = "Mcp.Call")
    {
        var claims = ApplicationClaims(clientId);
        claims["idtyp"] = "user";
        claims["oid"] = UserObjectId;
        claims["sub"] = "pairwise";
        claims["scp"] = scope;
        claims.Remove("roles");
        return claims;
    }

    public string Token(JsonObject? claims = null, string key = "key-1", string type = "JWT") =>
        Sign($$"""{"alg":"RS256","typ":"{{type}}","kid":"{{key}}"}""", (claims ?? ApplicationClaims()).ToJsonString(), Keys[key]);

    /// <summary>A token with exactly these texts, signed with RS256.</summary>
    public static string Sign(string header, string payload, RSA key)
    {
        var signed = $"{Encode(header)}.{Encode(payload)}";
        return $"{signed}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    /// <summary>Seconds since 1970, some seconds from now.</summary>
    public long Now(int plusSeconds = 0) => _time.GetUtcNow().ToUnixTimeSeconds() + plusSeconds;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        foreach (var key in Keys.Values.Where(k => k != FirstKey)) key.Dispose();
    }

    private async Task ServeAsync(HttpContext http)
    {
        if (IsDown)
        {
            http.Response.StatusCode = 503;
            return;
        }

        var path = http.Request.Path.Value ?? "";
        http.Response.ContentType = "application/json";
        if (path.EndsWith("/.well-known/openid-configuration", StringComparison.Ordinal))
        {
            await http.Response.WriteAsync(JsonSerializer.Serialize(new { issuer = Issuer, jwks_uri = $"{Issuer}/keys", token_endpoint = $"{Issuer}/token" }));
        }
        else if (path.EndsWith("/keys", StringComparison.Ordinal))
        {
            KeyRequests++;
            var keys = Keys.Select(pair =>
            {
                var parameters = pair.Value.ExportParameters(false);
                return new { kty = "RSA", use = "sig", kid = pair.Key, n = Base64Url.EncodeToString(parameters.Modulus), e = Base64Url.EncodeToString(parameters.Exponent) };
            });
            await http.Response.WriteAsync(JsonSerializer.Serialize(new { keys }));
        }
        else
        {
            http.Response.StatusCode = 404;
        }
    }
}
