using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Microsoft.IdentityModel.Tests;

public sealed class CreateTokenTests
{
    [Fact]
    public async Task CreatedToken_IsAccepted()
    {
        var text = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Jws.Issuer,
            Audience = Jws.Audience,
            TokenType = "at+jwt",
            Subject = new ClaimsIdentity([new Claim("sub", "caller")]),
            Claims = new Dictionary<string, object> { ["roles"] = new List<string> { "a", "b" }, ["ver"] = "2.0" },
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(TestKeys.Rsa) { KeyId = "rsa" }, SecurityAlgorithms.RsaSha256),
        });
        var token = await Check.AcceptsAsync(text);

        Assert.Equal("rsa", token.Kid);
        Assert.Equal("at+jwt", token.Typ);
        Assert.Equal("caller", token.Subject);
        Assert.Equal(["a", "b"], token.GetPayloadValue<string[]>("roles"));
        Assert.Equal(TimeSpan.FromMinutes(60), token.ValidTo - token.ValidFrom);
    }

    [Theory]
    [InlineData("PS256")]
    [InlineData("RS512")]
    [InlineData("ES256")]
    public async Task CreatedToken_IsAcceptedForEveryKindOfKey(string algorithm)
    {
        SecurityKey key = algorithm[0] == 'E' ? new ECDsaSecurityKey(TestKeys.P256) { KeyId = "rsa" } : new RsaSecurityKey(TestKeys.Rsa) { KeyId = "rsa" };
        var text = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Jws.Issuer,
            Audience = Jws.Audience,
            SigningCredentials = new SigningCredentials(key, algorithm),
        });

        await Check.AcceptsAsync(text, Check.Parameters(key));
    }

    [Fact]
    public async Task TokenWithoutCredentials_IsUnsigned()
    {
        var text = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor { Issuer = Jws.Issuer, Audience = Jws.Audience });

        Assert.EndsWith(".", text, StringComparison.Ordinal);
        await Check.RefusesAsync<SecurityTokenInvalidSignatureException>("IDX10504", text);
    }

    [Fact]
    public async Task GivenTimes_AreKept()
    {
        var expires = DateTime.UtcNow.AddHours(-3);
        var text = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Jws.Issuer,
            Audience = Jws.Audience,
            NotBefore = expires.AddHours(-1),
            IssuedAt = expires.AddHours(-1),
            Expires = expires,
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(TestKeys.Rsa) { KeyId = "rsa" }, SecurityAlgorithms.RsaSha256),
        });

        await Check.RefusesAsync<SecurityTokenExpiredException>("IDX10223", text);
    }
}
