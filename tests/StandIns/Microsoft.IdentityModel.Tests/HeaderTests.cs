using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Microsoft.IdentityModel.Tests;

/// <summary>What a client can put into the header, and what the package makes of it. Where it accepts, the product has to look itself.</summary>
public sealed class HeaderTests
{
    [Theory]
    [InlineData("""{"alg":"RS256","kid":"rsa","crit":["b64"],"b64":false}""")]
    [InlineData("""{"alg":"RS256","kid":"rsa","crit":["urn:unknown"],"urn:unknown":1}""")]
    [InlineData("""{"alg":"RS256","kid":"rsa","crit":[]}""")]
    public async Task CriticalHeader_IsAccepted(string header)
    {
        var token = await Check.AcceptsAsync(Jws.Rs256(header));

        Assert.True(token.TryGetHeaderValue("crit", out object _));
    }

    [Fact]
    public async Task RepeatedHeaderName_CountsTheLastTime()
    {
        var token = await Check.AcceptsAsync(Jws.Rs256("""{"alg":"none","kid":"unknown","alg":"RS256","kid":"rsa"}"""));

        Assert.Equal("RS256", token.Alg);
        Assert.Equal("rsa", token.Kid);
        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10511", Jws.Rs256("""{"alg":"RS256","kid":"rsa","alg":"none"}"""));
    }

    [Fact]
    public async Task EscapedHeaderName_IsTheSameName()
    {
        var token = await Check.AcceptsAsync(Jws.Rs256("""{"\u0061lg":"RS256","kid":"rsa"}"""));

        Assert.Equal("RS256", token.Alg);
    }

    [Fact]
    public async Task EmbeddedKey_IsNotUsed()
    {
        var header = $$"""{"alg":"RS256","jwk":{{TestKeys.Jwk(TestKeys.OtherRsa, "evil")}},"kid":"evil"}""";

        await Check.RefusesAsync<SecurityTokenSignatureKeyNotFoundException>("IDX10503", Jws.Sign(header, Jws.Payload(), Jws.Rs256(TestKeys.OtherRsa)));
        await Check.AcceptsAsync(Jws.Rs256($$"""{"alg":"RS256","kid":"rsa","jwk":{{TestKeys.Jwk(TestKeys.OtherRsa, "evil")}}}"""));
    }

    [Theory]
    [InlineData("jku")]
    [InlineData("x5u")]
    public async Task AddressOfAKeySet_IsNotFetched(string name)
    {
        await using var server = await KeyServer.StartAsync(TestKeys.Jwk(TestKeys.OtherRsa, "evil"));
        var header = $$"""{"alg":"RS256","kid":"evil","{{name}}":"{{server.JwksAddress}}"}""";

        await Check.RefusesAsync<SecurityTokenSignatureKeyNotFoundException>("IDX10503", Jws.Sign(header, Jws.Payload(), Jws.Rs256(TestKeys.OtherRsa)));
        Assert.Equal(0, server.JwksRequests);
    }

    [Fact]
    public async Task EmbeddedCertificate_IsNotUsed()
    {
        using var certificate = SelfSigned(TestKeys.OtherRsa, DateTimeOffset.UtcNow.AddDays(1));
        var header = $$"""{"alg":"RS256","x5c":["{{Convert.ToBase64String(certificate.RawData)}}"]}""";

        await Check.RefusesAsync<SecurityTokenSignatureKeyNotFoundException>("IDX10517", Jws.Sign(header, Jws.Payload(), Jws.Rs256(TestKeys.OtherRsa)));
    }

    [Theory]
    [InlineData("""{"alg":256,"kid":"rsa"}""")]
    [InlineData("""{"alg":"RS256","kid":{}}""")]
    [InlineData("""["RS256"]""")]
    [InlineData("""{"alg":"RS256" """)]
    [InlineData("")]
    public async Task HeaderThatIsNotAnObjectOfText_IsRefusedAsUnreadable(string header) =>
        await Check.RefusesAsync<ArgumentException>("IDX14102", Jws.Rs256(header));

    [Fact]
    public async Task NullAlgorithm_IsRefused() =>
        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10511", Jws.Rs256("""{"alg":null,"kid":"rsa"}"""));

    [Theory]
    [InlineData("""{"alg":"RS256","kid":"rsa"}""", "IDX10256")]
    [InlineData("""{"alg":"RS256","kid":"rsa","typ":"JWT"}""", "IDX10257")]
    [InlineData("""{"alg":"RS256","kid":"rsa","typ":"AT+JWT"}""", "IDX10257")]
    [InlineData("""{"alg":"RS256","kid":"rsa","typ":"application/at+jwt"}""", "IDX10257")]
    public async Task TypeThatIsNotListed_IsRefused(string header, string code)
    {
        var parameters = Check.Parameters();
        parameters.ValidTypes = ["at+jwt"];

        await Check.RefusesAsync<SecurityTokenInvalidTypeException>(code, Jws.Rs256(header), parameters);
    }

    [Fact]
    public async Task ExpiredCertificate_IsRefusedOnlyWhereTheSigningKeyIsChecked()
    {
        using var certificate = SelfSigned(TestKeys.Rsa, DateTimeOffset.UtcNow.AddDays(-1));
        var parameters = Check.Parameters(new X509SecurityKey(certificate, "rsa"));

        await Check.AcceptsAsync(Jws.Rs256(), parameters);
        parameters.ValidateIssuerSigningKey = true;
        await Check.RefusesAsync<SecurityTokenInvalidSigningKeyException>("IDX10249", Jws.Rs256(), parameters);
    }

    [Fact]
    public void HeaderValues_AreReadByTheirType()
    {
        var token = new JsonWebToken(Jws.Rs256("""{"alg":"RS256","crit":["a","b"],"count":7,"flag":true}"""));

        Assert.True(token.TryGetHeaderValue("crit", out string[] critical));
        Assert.Equal(["a", "b"], critical);
        Assert.True(token.TryGetHeaderValue("count", out int count) && count == 7);
        Assert.True(token.TryGetHeaderValue("flag", out bool flag) && flag);
        Assert.False(token.TryGetHeaderValue("absent", out string _));
        Assert.Equal(string.Empty, token.Kid);
    }

    internal static X509Certificate2 SelfSigned(RSA key, DateTimeOffset until) =>
        new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(until.AddDays(-30), until);
}
