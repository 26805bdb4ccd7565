using System.Security.Claims;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Microsoft.IdentityModel.Tests;

public sealed class ClaimTests
{
    [Theory]
    [InlineData("\"another\"")]
    [InlineData("[\"another\",\"and another\"]")]
    [InlineData("\"6E74172B-BE56-4843-9FF4-E66A39BB12E3\"")]
    public async Task WrongAudience_IsRefusedWithoutNamingIt(string audience)
    {
        var exception = await Check.RefusesAsync<SecurityTokenInvalidAudienceException>("IDX10214", Audience(audience));

        Assert.Null(exception.InvalidAudience);
        Assert.DoesNotContain("another", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("[null]")]
    public async Task TokenForNobody_IsRefused(string audience) =>
        await Check.RefusesAsync<SecurityTokenInvalidAudienceException>("IDX10206", Audience(audience));

    [Fact]
    public async Task OneOfSeveralAudiences_IsEnough()
    {
        var token = await Check.AcceptsAsync(Audience($"[\"another\",null,\"{Jws.Audience}\"]"));

        Assert.Equal(["another", Jws.Audience], token.Audiences);
    }

    [Fact]
    public async Task AudienceThatDiffersByOneFinalSlash_IsAcceptedByDefault()
    {
        var strict = Check.Parameters();
        strict.IgnoreTrailingSlashWhenValidatingAudience = false;

        await Check.AcceptsAsync(Audience($"\"{Jws.Audience}/\""));
        await Check.RefusesAsync<SecurityTokenInvalidAudienceException>("IDX10214", Audience($"\"{Jws.Audience}//\""));
        await Check.RefusesAsync<SecurityTokenInvalidAudienceException>("IDX10214", Audience($"\"{Jws.Audience}/\""), strict);
    }

    [Fact]
    public async Task ListOfAudiences_IsChecked()
    {
        var parameters = Check.Parameters();
        parameters.ValidAudience = null;

        await Check.RefusesAsync<SecurityTokenInvalidAudienceException>("IDX10208", Jws.Rs256(), parameters);
        parameters.ValidAudiences = ["another", Jws.Audience];
        await Check.AcceptsAsync(Jws.Rs256(), parameters);
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("https://login.example/tenant/v2.0/")]
    [InlineData("HTTPS://login.example/tenant/v2.0")]
    public async Task WrongIssuer_IsRefused(string issuer)
    {
        var exception = await Check.RefusesAsync<SecurityTokenInvalidIssuerException>("IDX10205", Jws.Rs256(payload: Jws.Payload().Replace(Jws.Issuer, issuer)));

        Assert.Equal(issuer, exception.InvalidIssuer);
    }

    [Fact]
    public async Task MissingIssuer_IsRefused() =>
        await Check.RefusesAsync<SecurityTokenInvalidIssuerException>("IDX10211", Jws.Rs256(payload: Jws.Payload().Replace("\"iss\"", "\"was\"")));

    [Fact]
    public async Task NoIssuerToCompareWith_IsRefused()
    {
        var parameters = Check.Parameters();
        parameters.ValidIssuer = null;

        await Check.RefusesAsync<SecurityTokenInvalidIssuerException>("IDX10204", Jws.Rs256(), parameters);
    }

    [Fact]
    public async Task Signature_IsCheckedBeforeLifetimeAudienceAndIssuer()
    {
        const string wrong = """{"iss":"evil","aud":"another","exp":1}""";

        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10511", Jws.Sign(Jws.Rs256Header, wrong, Jws.Rs256(TestKeys.OtherRsa)));
        await Check.RefusesAsync<SecurityTokenExpiredException>("IDX10223", Jws.Rs256(payload: wrong));
        await Check.RefusesAsync<SecurityTokenInvalidAudienceException>("IDX10214", Jws.Rs256(payload: wrong.Replace("1}", "4102444800}")));
    }

    [Fact]
    public async Task RepeatedClaimName_CountsTheLastTime()
    {
        var token = await Check.AcceptsAsync(Jws.Rs256(payload: $$"""{"aud":"another","iss":"evil","exp":1,"roles":["a"],{{Jws.Payload(""","roles":["b"]""")[1..]}}"""));

        Assert.Equal(Jws.Issuer, token.Issuer);
        Assert.Equal([Jws.Audience], token.Audiences);
        Assert.True(token.TryGetPayloadValue("roles", out string[] roles));
        Assert.Equal(["b"], roles);
        Assert.Single(token.Claims, claim => claim.Type == "roles");
        await Check.RefusesAsync<SecurityTokenInvalidIssuerException>("IDX10205", Jws.Rs256(payload: Jws.Payload(""","iss":"evil" """)));
    }

    [Theory]
    [InlineData("\"iss\":7")]
    [InlineData("\"azp\":{}")]
    [InlineData("\"jti\":7")]
    [InlineData("\"sub\":[]")]
    [InlineData("\"aud\":7")]
    [InlineData("\"aud\":[7]")]
    [InlineData("\"aud\":{}")]
    public async Task RegisteredClaimOfAnotherType_IsRefusedAsUnreadable(string member) =>
        await Check.RefusesAsync<ArgumentException>("IDX14101", Jws.Rs256(payload: Jws.Payload("," + member)));

    [Fact]
    public async Task JsonDeeperThanSixtyFourLevels_IsRefused()
    {
        var deep = new string('[', 70) + new string(']', 70);

        await Check.RefusesAsync<ArgumentException>("IDX14101", Jws.Rs256(payload: Jws.Payload($",\"deep\":{deep}")));
    }

    [Fact]
    public void PayloadValues_AreConvertedWherePossible()
    {
        var token = new JsonWebToken(Jws.Rs256(payload:
            """{"tid":"t","roles":["a","b"],"n":7,"big":5000000000,"yes":true,"nothing":null,"o":{"k":1},"sub":9,"numbers":[1,"x"],"aud":["one","two"]}"""));

        Assert.True(token.TryGetPayloadValue("tid", out string tid) && tid == "t");
        Assert.True(token.TryGetPayloadValue("tid", out string[] single));
        Assert.Equal(["t"], single);
        Assert.True(token.TryGetPayloadValue("roles", out List<string> roles));
        Assert.Equal(["a", "b"], roles);
        Assert.True(token.TryGetPayloadValue("roles", out string text) && text == """["a","b"]""");
        Assert.True(token.TryGetPayloadValue("roles", out JsonElement element) && element.GetArrayLength() == 2);
        Assert.False(token.TryGetPayloadValue("tid", out JsonElement _));
        Assert.True(token.TryGetPayloadValue("numbers", out string[] mixed));
        Assert.Equal(["1", "x"], mixed);
        Assert.True(token.TryGetPayloadValue("n", out int n) && n == 7);
        Assert.True(token.TryGetPayloadValue("n", out long wide) && wide == 7);
        Assert.False(token.TryGetPayloadValue("big", out int _));
        Assert.Equal(5_000_000_000, token.GetPayloadValue<long>("big"));
        Assert.True(token.TryGetPayloadValue("yes", out bool yes) && yes);
        Assert.True(token.TryGetPayloadValue("nothing", out string nothing) && nothing is null);
        Assert.False(token.TryGetPayloadValue("tid", out bool _));
        Assert.False(token.TryGetPayloadValue("absent", out string _));
        Assert.Equal("9", token.Subject);
        Assert.Equal(["one", "two"], token.Audiences);
        Assert.False(token.TryGetPayloadValue("aud", out string _));
        Assert.Throws<ArgumentException>(() => token.GetPayloadValue<string>("absent"));
        Assert.Equal("t", token.GetPayloadValue<Claim>("tid").Value);
    }

    [Fact]
    public async Task Result_HoldsTokenIssuerAndIdentity()
    {
        var result = await Check.ValidateAsync(Jws.Rs256(payload: Jws.Payload(""","roles":["a","b"],"ver":"2.0" """)));

        Assert.Equal(Jws.Issuer, result.Issuer);
        Assert.Equal("JWT", result.TokenType);
        Assert.Equal("caller", result.ClaimsIdentity.FindFirst("sub")?.Value);
        Assert.Null(result.ClaimsIdentity.FindFirst("SUB"));
        Assert.Equal(["a", "b"], result.ClaimsIdentity.FindAll("roles").Select(claim => claim.Value));
        Assert.Equal(["a", "b"], Assert.IsAssignableFrom<IEnumerable<object>>(result.Claims["roles"]).Cast<string>());
        Assert.Equal("2.0", result.Claims["ver"]);
    }

    [Fact]
    public async Task RefusedResult_HoldsNoIdentity_AndTheTokenOnlyOnRequest()
    {
        var parameters = Check.Parameters();
        var without = await Check.ValidateAsync(Audience("\"another\""), parameters);
        parameters.IncludeTokenOnFailedValidation = true;
        var with = await Check.ValidateAsync(Audience("\"another\""), parameters);

        Assert.Null(without.ClaimsIdentity);
        Assert.Null(without.SecurityToken);
        Assert.Null(without.TokenOnFailedValidation);
        Assert.NotNull(with.TokenOnFailedValidation);
    }

    [Fact]
    public void Text_OfATokenLeavesTheSignatureOut()
    {
        var text = Jws.Rs256();
        var token = new JsonWebToken(text);

        Assert.Equal(text, token.EncodedToken);
        Assert.Equal(text[..text.LastIndexOf('.')], token.ToString());
        Assert.Equal(text, $"{token.EncodedHeader}.{token.EncodedPayload}.{token.EncodedSignature}");
    }

    private static string Audience(string json) => Jws.Rs256(payload: Jws.Payload().Replace($"\"{Jws.Audience}\"", json));
}
