using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Microsoft.IdentityModel.Tests;

public sealed class LifetimeTests
{
    [Fact]
    public async Task ExpiredToken_IsRefused()
    {
        var exception = await Check.RefusesAsync<SecurityTokenExpiredException>("IDX10223", With(expires: Jws.Seconds(-3600)));

        Assert.Equal(DateTimeKind.Utc, exception.Expires.Kind);
        Assert.True(exception.Expires < DateTime.UtcNow);
    }

    [Fact]
    public async Task TokenThatIsNotValidYet_IsRefused()
    {
        var exception = await Check.RefusesAsync<SecurityTokenNotYetValidException>("IDX10222", With(expires: Jws.Seconds(7200), notBefore: Jws.Seconds(3600)));

        Assert.True(exception.NotBefore > DateTime.UtcNow);
    }

    [Theory]
    [InlineData(-270, true)]
    [InlineData(-330, false)]
    public async Task ExpiryWithinTheDefaultSkewOfFiveMinutes_IsAccepted(int fromNow, bool accepted)
    {
        var result = await Check.ValidateAsync(With(expires: Jws.Seconds(fromNow)));

        Assert.Equal(accepted, result.IsValid);
        Assert.Equal(accepted ? null : typeof(SecurityTokenExpiredException), result.Exception?.GetType());
    }

    [Theory]
    [InlineData(270, true)]
    [InlineData(330, false)]
    public async Task StartWithinTheDefaultSkewOfFiveMinutes_IsAccepted(int fromNow, bool accepted)
    {
        var result = await Check.ValidateAsync(With(expires: Jws.Seconds(7200), notBefore: Jws.Seconds(fromNow)));

        Assert.Equal(accepted, result.IsValid);
        Assert.Equal(accepted ? null : typeof(SecurityTokenNotYetValidException), result.Exception?.GetType());
    }

    [Fact]
    public async Task SkewOfZero_RefusesAtOnce()
    {
        var parameters = Check.Parameters();
        parameters.ClockSkew = TimeSpan.Zero;

        await Check.RefusesAsync<SecurityTokenExpiredException>("IDX10223", With(expires: Jws.Seconds(-2)), parameters);
        Assert.Throws<ArgumentOutOfRangeException>(() => parameters.ClockSkew = TimeSpan.FromTicks(-1));
    }

    [Fact]
    public async Task TokenWithoutExpiry_IsRefusedUnlessNoneIsRequired()
    {
        var parameters = Check.Parameters();
        parameters.RequireExpirationTime = false;

        await Check.RefusesAsync<SecurityTokenNoExpirationException>("IDX10225", With(expires: (long?)null));
        await Check.AcceptsAsync(With(expires: (long?)null), parameters);
    }

    [Fact]
    public async Task TokenThatEndsBeforeItStarts_IsRefused() =>
        await Check.RefusesAsync<SecurityTokenInvalidLifetimeException>("IDX10224", With(expires: Jws.Seconds(10), notBefore: Jws.Seconds(20)));

    [Theory]
    [InlineData("\"4102444800\"")]
    [InlineData("4102444800.5")]
    [InlineData("4.1024448e9")]
    [InlineData("\"4.1024448e9\"")]
    [InlineData("9223372036854775807")]
    public async Task ExpiryInAnotherSpelling_IsAccepted(string expires) => await Check.AcceptsAsync(With(expires));

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("-9223372036854775808")]
    public async Task ExpiryAtOrBefore1970_IsExpired(string expires) =>
        await Check.RefusesAsync<SecurityTokenExpiredException>("IDX10223", With(expires).Replace("\"nbf\":0,", ""));

    [Theory]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("\"tomorrow\"")]
    [InlineData("[4102444800]")]
    [InlineData("1e300")]
    public async Task ExpiryThatIsNoTime_IsRefusedAsUnreadable(string expires) => await Check.RefusesAsync<ArgumentException>("IDX14101", With(expires));

    [Fact]
    public async Task LifetimeValidator_DecidesInsteadOfTheDefaultCheck()
    {
        // TimeProvider is internal in the package: this is the way to give a validation a clock.
        var now = new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var skew = TimeSpan.FromMinutes(2);
        var parameters = Check.Parameters();
        parameters.LifetimeValidator = (notBefore, expires, _, _) => expires is not null && now <= expires + skew && !(notBefore - skew > now);

        await Check.AcceptsAsync(With(EpochTime.GetIntDate(now - skew)), parameters);
        var exception = await Check.RefusesAsync<SecurityTokenInvalidLifetimeException>("IDX10230", With(EpochTime.GetIntDate(now - skew) - 1), parameters);
        Assert.Equal(now - skew - TimeSpan.FromSeconds(1), exception.Expires);
        await Check.RefusesAsync<SecurityTokenInvalidLifetimeException>("IDX10230", With(expires: (long?)null), parameters);
    }

    [Fact]
    public async Task LifetimeValidator_MayThrowTheReasonItself()
    {
        var parameters = Check.Parameters();
        parameters.LifetimeValidator = (_, _, _, _) => throw new SecurityTokenExpiredException("too old");

        await Check.RefusesAsync<SecurityTokenExpiredException>("too old", Jws.Rs256(), parameters);
    }

    [Fact]
    public void Times_AreReadFromTheToken()
    {
        var token = new JsonWebToken(Jws.Rs256(payload: """{"iat":1,"nbf":2,"exp":4102444800}"""));
        var empty = new JsonWebToken(Jws.Rs256(payload: "{}"));

        Assert.Equal(DateTime.UnixEpoch.AddSeconds(1), token.IssuedAt);
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(2), token.ValidFrom);
        Assert.Equal(new DateTime(2100, 1, 1, 0, 0, 0, DateTimeKind.Utc), token.ValidTo);
        Assert.Equal(DateTime.MinValue, empty.ValidTo);
        Assert.Equal(4102444800, EpochTime.GetIntDate(token.ValidTo));
    }

    private static string With(long? expires, long notBefore = 0) =>
        Jws.Rs256(payload: $$"""{"iss":"{{Jws.Issuer}}","aud":"{{Jws.Audience}}","nbf":{{notBefore}}{{(expires is null ? "" : $",\"exp\":{expires}")}}}""");

    private static string With(string expires) => Jws.Rs256(payload: $$"""{"iss":"{{Jws.Issuer}}","aud":"{{Jws.Audience}}","exp":{{expires}}}""");
}
