using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Microsoft.IdentityModel.Tests;

internal static class Check
{
    private static readonly JsonWebTokenHandler s_handler = new() { MapInboundClaims = false };

    public static TokenValidationParameters Parameters(params SecurityKey[] keys) => new()
    {
        ValidIssuer = Jws.Issuer,
        ValidAudience = Jws.Audience,
        IssuerSigningKeys = keys.Length > 0 ? keys : [TestKeys.Public(TestKeys.Rsa, "rsa")],
    };

    public static Task<TokenValidationResult> ValidateAsync(string token, TokenValidationParameters? parameters = null) =>
        s_handler.ValidateTokenAsync(token, parameters ?? Parameters());

    public static async Task<JsonWebToken> AcceptsAsync(string token, TokenValidationParameters? parameters = null)
    {
        var result = await ValidateAsync(token, parameters);
        Assert.Null(result.Exception);
        Assert.True(result.IsValid);
        return Assert.IsType<JsonWebToken>(result.SecurityToken);
    }

    /// <summary>Refused with exactly that exception, whose message begins with the documented code.</summary>
    public static async Task<T> RefusesAsync<T>(string code, string token, TokenValidationParameters? parameters = null) where T : Exception
    {
        var result = await ValidateAsync(token, parameters);
        Assert.False(result.IsValid);
        var exception = Assert.IsType<T>(result.Exception);
        Assert.StartsWith(code, exception.Message, StringComparison.Ordinal);
        return exception;
    }
}
