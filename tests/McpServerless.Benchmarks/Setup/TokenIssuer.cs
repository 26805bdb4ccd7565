using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using McpServerless.Benchmarks.Hosts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace McpServerless.Benchmarks.Setup;

/// <summary>Plays the tenant: publishes its metadata and its key on loopback, and signs access tokens as Entra's v2.0 ones.</summary>
internal sealed class TokenIssuer : IAsyncDisposable
{
    public const string TenantId = "11111111-1111-1111-1111-111111111111";
    public const string Audience = "22222222-2222-2222-2222-222222222222";
    public const string ClientId = "33333333-3333-3333-3333-333333333333";

    private const string ObjectId = "44444444-4444-4444-4444-444444444444";
    private const string KeyId = "bench";

    private readonly RSA _key = RSA.Create(2048);
    private WebApplication? _app;

    private TokenIssuer()
    {
    }

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    public string Issuer => Address.AbsoluteUri.TrimEnd('/');

    public static async Task<TokenIssuer> StartAsync()
    {
        var issuer = new TokenIssuer();
        (issuer._app, issuer.Address) = await LoopbackServer.StartAsync(issuer.AnswerAsync);
        return issuer;
    }

    /// <summary>A token of the benchmark's application, good for some hours.</summary>
    public string IssueToken()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var header = $$"""{"typ":"JWT","alg":"RS256","kid":"{{KeyId}}"}""";
        var payload = string.Create(CultureInfo.InvariantCulture, $$"""
            {"aud":"{{Audience}}","iss":"{{Issuer}}","iat":{{now}},"nbf":{{now - 60}},"exp":{{now + 14_400}},"aio":"k2RgYDivYOi5zWzJg9P1","azp":"{{ClientId}}","azpacr":"1","idtyp":"app","oid":"{{ObjectId}}","rh":"0.ATEA","roles":["Mcp.Call"],"sub":"{{ObjectId}}","tid":"{{TenantId}}","uti":"bench-token-00000001","ver":"2.0"}
            """);
        var signed = $"{Encode(header)}.{Encode(payload)}";
        return $"{signed}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        _key.Dispose();
    }

    private Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        if (context.Request.Path == "/.well-known/openid-configuration")
        {
            return context.Response.WriteAsync($$"""{"issuer":"{{Issuer}}","jwks_uri":"{{Issuer}}/keys","id_token_signing_alg_values_supported":["RS256"]}""");
        }

        var key = _key.ExportParameters(includePrivateParameters: false);
        return context.Response.WriteAsync(
            $$"""{"keys":[{"kty":"RSA","use":"sig","kid":"{{KeyId}}","alg":"RS256","n":"{{Base64Url.EncodeToString(key.Modulus)}}","e":"{{Base64Url.EncodeToString(key.Exponent)}}"}]}""");
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
