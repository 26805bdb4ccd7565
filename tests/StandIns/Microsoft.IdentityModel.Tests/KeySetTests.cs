using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Microsoft.IdentityModel.Tests;

public sealed class KeySetTests
{
    [Fact]
    public async Task KeysOfASet_VerifyTokens()
    {
        var keys = new JsonWebKeySet(KeyServer.Set(
            TestKeys.Jwk(TestKeys.Rsa, "rsa"), TestKeys.Jwk(TestKeys.P256, "P-256", "p256"), TestKeys.Jwk(TestKeys.P521, "P-521", "p521"))).GetSigningKeys();

        Assert.Equal(["rsa", "p256", "p521"], keys.Select(key => key.KeyId));
        await Check.AcceptsAsync(Jws.Rs256(), Check.Parameters([.. keys]));
        await Check.AcceptsAsync(
            Jws.Sign("""{"alg":"ES256","kid":"p256"}""", Jws.Payload(), input => TestKeys.P256.SignData(input, HashAlgorithmName.SHA256)), Check.Parameters([.. keys]));
    }

    [Fact]
    public async Task EntryOfASet_VerifiesAsItIs()
    {
        var entry = new JsonWebKey(TestKeys.Jwk(TestKeys.Rsa, "rsa"));

        Assert.Equal(2048, entry.KeySize);
        await Check.AcceptsAsync(Jws.Rs256(), Check.Parameters(entry));
    }

    [Fact]
    public void KeysThatCannotVerify_AreLeftOut()
    {
        var keys = new JsonWebKeySet(KeyServer.Set(
            TestKeys.Jwk(TestKeys.Rsa, "encryption", use: "enc"),
            """{"kty":"oct","kid":"secret","k":"AAAA"}""",
            """{"kty":"RSA","kid":"no modulus","e":"AQAB"}""",
            """{"kty":"EC","kid":"unknown curve","crv":"P-1","x":"AA","y":"AA"}""",
            """{"kty":"EC","kid":"not on the curve","crv":"P-256","x":"AAAA","y":"AAAA"}""",
            """{"kid":"no type"}""",
            "7",
            TestKeys.Jwk(TestKeys.Rsa, "rsa")));

        Assert.Equal("rsa", Assert.Single(keys.GetSigningKeys()).KeyId);
    }

    [Fact]
    public void EntryWithACertificate_GivesTwoKeys()
    {
        using var certificate = HeaderTests.SelfSigned(TestKeys.Rsa, DateTimeOffset.UtcNow.AddDays(1));
        var entry = TestKeys.Jwk(TestKeys.Rsa, "rsa").Replace("\"kty\"", $"\"x5c\":[\"{Convert.ToBase64String(certificate.RawData)}\"],\"kty\"");

        var keys = new JsonWebKeySet(KeyServer.Set(entry)).GetSigningKeys();

        Assert.Equal([typeof(X509SecurityKey), typeof(RsaSecurityKey)], keys.Select(key => key.GetType()));
        Assert.All(keys, key => Assert.Equal("rsa", key.KeyId));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"keys":{}}""")]
    [InlineData("""{"keys":[{"kty":7}]}""")]
    [InlineData("""{"keys":[""")]
    public void TextThatIsNoSet_Throws(string json) =>
        Assert.StartsWith("IDX10805", Assert.Throws<ArgumentException>(() => new JsonWebKeySet(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"keys":[]}""")]
    public void SetWithoutKeys_IsEmpty(string json) => Assert.Empty(new JsonWebKeySet(json).GetSigningKeys());
}
