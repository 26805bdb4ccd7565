using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Microsoft.IdentityModel.Tests;

public sealed class SignatureAttackTests
{
    private const string NoneHeader = """{"alg":"none"}""";

    [Fact]
    public async Task UnsignedToken_IsRefused() =>
        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10504", $"{Jws.Segment(NoneHeader)}.{Jws.Segment(Jws.Payload())}.");

    [Fact]
    public async Task UnsignedToken_ThatClaimsRs256_IsRefused() =>
        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10504", $"{Jws.Segment(Jws.Rs256Header)}.{Jws.Segment(Jws.Payload())}.");

    [Fact]
    public async Task UnsignedToken_IsAcceptedOnlyWhereSignaturesAreNotRequired()
    {
        var parameters = Check.Parameters();
        parameters.RequireSignedTokens = false;

        await Check.AcceptsAsync($"{Jws.Segment(NoneHeader)}.{Jws.Segment(Jws.Payload())}.", parameters);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    public async Task AlgorithmNone_WithASignature_IsRefused(string none) =>
        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10511", Jws.Rs256($$"""{"alg":"{{none}}","kid":"rsa"}"""));

    [Fact]
    public async Task HmacKeyedWithThePublicKey_IsRefused()
    {
        var published = TestKeys.Rsa.ExportSubjectPublicKeyInfoPem();
        foreach (var secret in new[] { Encoding.UTF8.GetBytes(published), TestKeys.Rsa.ExportSubjectPublicKeyInfo(), TestKeys.Rsa.ExportRSAPublicKey() })
        {
            var token = Jws.Sign("""{"alg":"HS256","kid":"rsa"}""", Jws.Payload(), input => HMACSHA256.HashData(secret, input));
            await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10511", token);
        }
    }

    [Fact]
    public async Task SignatureOfAnotherKey_IsRefused()
    {
        var token = Jws.Sign(Jws.Rs256Header, Jws.Payload(), Jws.Rs256(TestKeys.OtherRsa));

        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10511", token);
    }

    [Fact]
    public async Task NamedKey_IsTheOnlyOneTried()
    {
        var token = Jws.Sign(Jws.Rs256Header, Jws.Payload(), Jws.Rs256(TestKeys.OtherRsa));

        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>(
            "IDX10511", token, Check.Parameters(TestKeys.Public(TestKeys.Rsa, "rsa"), TestKeys.Public(TestKeys.OtherRsa, "other")));
    }

    [Theory]
    [InlineData("""{"alg":"RS256","kid":"unknown"}""", "IDX10503")]
    [InlineData("""{"alg":"RS256","kid":"RSA"}""", "IDX10503")]
    [InlineData("""{"alg":"RS256"}""", "IDX10517")]
    public async Task KeyThatIsNotNamed_IsRefusedAsNotFound(string header, string code)
    {
        var token = Jws.Sign(header, Jws.Payload(), Jws.Rs256(TestKeys.OtherRsa));

        await Check.RefusesAsync<SecurityTokenSignatureKeyNotFoundException>(code, token);
    }

    [Theory]
    [InlineData("""{"alg":"RS256","kid":"unknown"}""")]
    [InlineData("""{"alg":"RS256"}""")]
    public async Task KeyThatIsNotNamed_VerifiesUnlessOnlyNamedKeysAreTried(string header)
    {
        var strict = Check.Parameters();
        strict.TryAllIssuerSigningKeys = false;

        await Check.AcceptsAsync(Jws.Rs256(header));
        await Check.RefusesAsync<SecurityTokenSignatureKeyNotFoundException>("IDX10500", Jws.Rs256(header), strict);
    }

    [Fact]
    public async Task KeyNamedByThumbprintHeader_IsFound()
    {
        var strict = Check.Parameters();
        strict.TryAllIssuerSigningKeys = false;

        await Check.AcceptsAsync(Jws.Rs256("""{"alg":"RS256","x5t":"rsa"}"""), strict);
    }

    [Fact]
    public async Task UnknownKey_OfATokenThatIsRefusedAnyway_GivesTheOtherReason()
    {
        var token = Jws.Sign("""{"alg":"RS256","kid":"unknown"}""", Jws.Payload().Replace(Jws.Issuer, "https://evil.example"), Jws.Rs256(TestKeys.OtherRsa));
        var expired = Jws.Sign("""{"alg":"RS256","kid":"unknown"}""", $$"""{"exp":{{Jws.Seconds(-3600)}}}""", Jws.Rs256(TestKeys.OtherRsa));

        await Check.RefusesAsync<SecurityTokenInvalidIssuerException>("IDX10205", token);
        await Check.RefusesAsync<SecurityTokenExpiredException>("IDX10223", expired);
    }

    [Fact]
    public async Task TamperedPayload_IsRefused()
    {
        var parts = Jws.Rs256().Split('.');
        var token = $"{parts[0]}.{Jws.Segment(Jws.Payload(""","roles":["admin"]"""))}.{parts[2]}";

        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10511", token);
    }

    [Fact]
    public async Task TamperedHeader_IsRefused()
    {
        var parts = Jws.Rs256().Split('.');
        var token = $"{Jws.Segment("""{"alg":"RS256","kid":"rsa","typ":"at+jwt"}""")}.{parts[1]}.{parts[2]}";

        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10511", token);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(255)]
    public async Task FlippedBitInTheSignature_IsRefused(int position)
    {
        var token = Jws.Sign(Jws.Rs256Header, Jws.Payload(), input =>
        {
            var signature = Jws.Rs256(TestKeys.Rsa)(input);
            signature[position] ^= 1;
            return signature;
        });

        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10511", token);
    }

    [Theory]
    [InlineData(255)]
    [InlineData(257)]
    [InlineData(1)]
    public async Task SignatureOfAnotherLength_IsRefused(int length)
    {
        var token = Jws.Sign(Jws.Rs256Header, Jws.Payload(), input =>
        {
            var signature = Jws.Rs256(TestKeys.Rsa)(input);
            Array.Resize(ref signature, length);
            return signature;
        });

        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10511", token);
    }

    [Fact]
    public async Task NoKeysAtAll_IsRefused()
    {
        var parameters = Check.Parameters();
        parameters.IssuerSigningKeys = null;

        await Check.RefusesAsync<SecurityTokenSignatureKeyNotFoundException>("IDX10500", Jws.Rs256(), parameters);
    }
}
