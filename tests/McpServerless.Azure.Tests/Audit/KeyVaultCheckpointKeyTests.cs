using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using McpServerless.Audit.Checkpoints;
using McpServerless.Azure.Audit;

namespace McpServerless.Azure.Tests.Audit;

/// <summary>Against a vault that answers as the REST reference says, and refuses whatever the reference does not know.</summary>
public sealed class KeyVaultCheckpointKeyTests
{
    private static readonly Uri Key = new("https://vault.vault.azure.net/keys/ledger/0123456789abcdef0123456789abcdef");

    [Fact]
    public async Task Signature_VerifiesWithThePublicKey_AndTheKeyIsReadOnce()
    {
        using var vault = new Vault();
        var key = new KeyVaultCheckpointKey(Key, new Identity(), new HttpClientTransport(vault));
        await key.OpenAsync(default);
        await key.OpenAsync(default);
        var checkpoint = Checkpoint.Read(await new Checkpoint { Number = 1, Time = DateTimeOffset.UnixEpoch, PreviousHash = "", Heads = [] }.SignAsync(key, default))!;
        var keys = CheckpointKeys.Import([PemEncoding.WriteString("PUBLIC KEY", key.PublicKey.Span)]);
        Assert.True(checkpoint.IsSignedBy(keys[checkpoint.KeyId]));
        Assert.Equal((1, 1), (vault.Reads, vault.Signs));
        keys[checkpoint.KeyId].Dispose();
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden, "403 Forbidden")]
    [InlineData(HttpStatusCode.NotFound, "404 Forbidden")]
    public async Task VaultThatRefuses_IsAnOutage_AndNamed(HttpStatusCode status, string reason)
    {
        using var vault = new Vault { Refuses = status };
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(async () => await new KeyVaultCheckpointKey(Key, new Identity(), new HttpClientTransport(vault)).OpenAsync(default));
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"key":{"kty":"RSA","n":"AQAB"}}""")]
    [InlineData("""{"key":{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}}""")]
    [InlineData("""{"key":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}}""")]
    [InlineData("""[]""")]
    [InlineData("""not json""")]
    public async Task KeyThatIsNotOnP256_IsAnOutage(string answer)
    {
        using var vault = new Vault { Answers = answer };
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await new KeyVaultCheckpointKey(Key, new Identity(), new HttpClientTransport(vault)).OpenAsync(default));
    }

    private sealed class Identity : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            Assert.Equal(["https://vault.azure.net/.default"], requestContext.Scopes);
            return new AccessToken("vault-token", DateTimeOffset.UtcNow.AddHours(1));
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }

    private sealed class Vault : HttpMessageHandler
    {
        private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        public HttpStatusCode? Refuses { get; init; }

        public string? Answers { get; init; }

        public int Reads { get; private set; }

        public int Signs { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal("Bearer vault-token", request.Headers.Authorization!.ToString());
            Assert.Equal("?api-version=7.4", request.RequestUri!.Query);
            if (Refuses is { } status) return Json("""{"error":{"code":"Forbidden","message":"no"}}""", status);
            if (Answers is { } given) return Json(given);
            if (request.Method == HttpMethod.Get && request.RequestUri.AbsolutePath == Key.AbsolutePath)
            {
                Reads++;
                var q = _key.ExportParameters(false).Q;
                return Json($$$"""{"key":{"kid":"{{{Key}}}","kty":"EC","crv":"P-256","key_ops":["sign","verify"],"x":"{{{Base64Url.EncodeToString(q.X)}}}","y":"{{{Base64Url.EncodeToString(q.Y)}}}"},"attributes":{"enabled":true}}""");
            }

            Assert.Equal((HttpMethod.Post, Key.AbsolutePath + "/sign", "application/json"), (request.Method, request.RequestUri.AbsolutePath, request.Content!.Headers.ContentType!.MediaType));
            Signs++;
            var body = JsonDocument.Parse(await request.Content.ReadAsStringAsync(cancellationToken)).RootElement;
            Assert.Equal("ES256", body.GetProperty("alg").GetString());
            var digest = Base64Url.DecodeFromChars(body.GetProperty("value").GetString());
            Assert.Equal(32, digest.Length);
            return Json($$"""{"kid":"{{Key}}","value":"{{Base64Url.EncodeToString(_key.SignHash(digest, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))}}"}""");
        }

        protected override void Dispose(bool disposing)
        {
            _key.Dispose();
            base.Dispose(disposing);
        }

        private static HttpResponseMessage Json(string json, HttpStatusCode status = HttpStatusCode.OK) =>
            new(status) { Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json") };
    }
}
