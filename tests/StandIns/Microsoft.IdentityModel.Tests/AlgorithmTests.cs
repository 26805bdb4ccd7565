using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Microsoft.IdentityModel.Tests;

public sealed class AlgorithmTests
{
    [Theory]
    [InlineData("RS256")]
    [InlineData("RS384")]
    [InlineData("RS512")]
    [InlineData("PS256")]
    [InlineData("PS384")]
    [InlineData("PS512")]
    public async Task RsaSignature_IsAccepted(string algorithm)
    {
        var token = await Check.AcceptsAsync(Rsa(algorithm, TestKeys.Rsa));

        Assert.Equal(algorithm, token.Alg);
        Assert.Equal("rsa", token.SigningKey.KeyId);
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS512")]
    public async Task RsaSignature_OfAnotherKey_IsRefused(string algorithm) =>
        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10511", Rsa(algorithm, TestKeys.OtherRsa));

    [Theory]
    [InlineData("ES256")]
    [InlineData("ES384")]
    [InlineData("ES512")]
    public async Task EcdsaSignature_IsAccepted(string algorithm)
    {
        var (key, hash) = Curve(algorithm);
        var token = Jws.Sign($$"""{"alg":"{{algorithm}}","kid":"ec"}""", Jws.Payload(), input => key.SignData(input, hash));

        await Check.AcceptsAsync(token, Check.Parameters(TestKeys.Public(key, "ec")));
    }

    [Theory]
    [InlineData("ES256")]
    [InlineData("ES384")]
    [InlineData("ES512")]
    public async Task EcdsaSignature_InDer_IsRefused(string algorithm)
    {
        var (key, hash) = Curve(algorithm);
        var token = Jws.Sign(
            $$"""{"alg":"{{algorithm}}","kid":"ec"}""", Jws.Payload(), input => key.SignData(input, hash, DSASignatureFormat.Rfc3279DerSequence));

        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10511", token, Check.Parameters(TestKeys.Public(key, "ec")));
    }

    [Fact]
    public async Task EcdsaSignature_OnAnotherCurveThanItsAlgorithmNames_IsAccepted()
    {
        // RFC 7518 ties ES256 to P-256; the package does not look.
        var token = Jws.Sign("""{"alg":"ES256","kid":"ec"}""", Jws.Payload(), input => TestKeys.P384.SignData(input, HashAlgorithmName.SHA256));

        await Check.AcceptsAsync(token, Check.Parameters(TestKeys.Public(TestKeys.P384, "ec")));
    }

    [Fact]
    public async Task HmacSignature_IsAcceptedWithASymmetricKeyOnly()
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        var token = Jws.Sign("""{"alg":"HS256","kid":"shared"}""", Jws.Payload(), input => HMACSHA256.HashData(secret, input));

        await Check.AcceptsAsync(token, Check.Parameters(new SymmetricSecurityKey(secret) { KeyId = "shared" }));
    }

    [Fact]
    public async Task HmacSignature_WithAShortKey_IsRefused()
    {
        var secret = RandomNumberGenerator.GetBytes(16);
        var token = Jws.Sign("""{"alg":"HS256","kid":"shared"}""", Jws.Payload(), input => HMACSHA256.HashData(secret, input));

        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>(
            "IDX10511", token, Check.Parameters(new SymmetricSecurityKey(secret) { KeyId = "shared" }));
    }

    [Fact]
    public async Task EllipticCurveKey_WithAnRsaAlgorithm_IsRefused()
    {
        var token = Jws.Sign("""{"alg":"RS256","kid":"ec"}""", Jws.Payload(), input => TestKeys.P256.SignData(input, HashAlgorithmName.SHA256));

        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10511", token, Check.Parameters(TestKeys.Public(TestKeys.P256, "ec")));
    }

    [Fact]
    public async Task RsaKey_WithAnEllipticCurveAlgorithm_IsRefused() =>
        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10511", Jws.Rs256("""{"alg":"ES256","kid":"rsa"}"""));

    [Theory]
    [InlineData("rs256")]
    [InlineData("RS256 ")]
    [InlineData("")]
    [InlineData("RSA-OAEP")]
    public async Task AlgorithmName_ThatIsNotExactlyOne_IsRefused(string algorithm) =>
        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10511", Jws.Rs256($$"""{"alg":"{{algorithm}}","kid":"rsa"}"""));

    [Fact]
    public async Task XmlSignatureName_IsAcceptedUnlessTheAlgorithmsAreListed()
    {
        var token = Jws.Rs256($$"""{"alg":"{{SecurityAlgorithms.RsaSha256Signature}}","kid":"rsa"}""");
        var listed = Check.Parameters();
        listed.ValidAlgorithms = ["RS256"];

        await Check.AcceptsAsync(token);
        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10511", token, listed);
    }

    [Fact]
    public async Task AlgorithmThatIsNotListed_IsRefusedThoughTheSignatureIsGood()
    {
        var parameters = Check.Parameters();
        parameters.ValidAlgorithms = ["RS256"];

        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10511", Rsa("PS256", TestKeys.Rsa), parameters);
    }

    [Fact]
    public async Task AlgorithmValidator_DecidesInsteadOfTheList()
    {
        var parameters = Check.Parameters();
        parameters.ValidAlgorithms = ["RS512"];
        parameters.AlgorithmValidator = (algorithm, key, token, _) => algorithm == "RS256" && key.KeyId == "rsa" && token is not null;

        await Check.AcceptsAsync(Jws.Rs256(), parameters);
    }

    [Fact]
    public async Task ManyTokensAtOnce_AreVerifiedWithOneKey()
    {
        var parameters = Check.Parameters();
        var good = Jws.Rs256();
        var forged = Jws.Sign(Jws.Rs256Header, Jws.Payload(), Jws.Rs256(TestKeys.OtherRsa));

        await Parallel.ForEachAsync(Enumerable.Range(0, 400), async (number, _) =>
        {
            var result = await Check.ValidateAsync(number % 2 == 0 ? good : forged, parameters);
            Assert.Equal(number % 2 == 0, result.IsValid);
        });
    }

    private static string Rsa(string algorithm, RSA key)
    {
        var hash = algorithm[2..] switch { "256" => HashAlgorithmName.SHA256, "384" => HashAlgorithmName.SHA384, _ => HashAlgorithmName.SHA512 };
        var padding = algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;
        return Jws.Sign($$"""{"alg":"{{algorithm}}","kid":"rsa"}""", Jws.Payload(), input => key.SignData(input, hash, padding));
    }

    private static (ECDsa Key, HashAlgorithmName Hash) Curve(string algorithm) => algorithm switch
    {
        "ES256" => (TestKeys.P256, HashAlgorithmName.SHA256),
        "ES384" => (TestKeys.P384, HashAlgorithmName.SHA384),
        _ => (TestKeys.P521, HashAlgorithmName.SHA512),
    };
}
