using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect.Configuration;
using Microsoft.IdentityModel.Tokens;

namespace Microsoft.IdentityModel.Tests;

public sealed class DiscoveryTests
{
    private static readonly string s_newToken = Jws.Sign("""{"alg":"RS256","kid":"new"}""", Jws.Payload(), Jws.Rs256(TestKeys.OtherRsa));

    [Fact]
    public async Task KeysAndIssuer_AreDiscovered()
    {
        await using var server = await KeyServer.StartAsync(TestKeys.Jwk(TestKeys.Rsa, "rsa"));
        var parameters = With(server.Manager());
        parameters.ValidIssuer = null;

        await Check.AcceptsAsync(Jws.Rs256(), parameters);
        await Check.AcceptsAsync(Jws.Rs256(), parameters);

        var configuration = await ((ConfigurationManager<OpenIdConnectConfiguration>)parameters.ConfigurationManager).GetConfigurationAsync(CancellationToken.None);
        Assert.Equal(1, server.JwksRequests);
        Assert.Equal(Jws.Issuer, configuration.Issuer);
        Assert.Equal(server.JwksAddress, configuration.JwksUri);
        Assert.Equal($"{server.Address}/token", configuration.TokenEndpoint);
    }

    [Fact]
    public async Task FiftyValidationsAtOnce_FetchTheKeysOnce()
    {
        var gate = new TaskCompletionSource();
        await using var server = await KeyServer.StartAsync(TestKeys.Jwk(TestKeys.Rsa, "rsa"));
        server.Gate = gate.Task;
        var parameters = With(server.Manager());

        var validations = Enumerable.Range(0, 50).Select(_ => Task.Run(() => Check.ValidateAsync(Jws.Rs256(), parameters))).ToList();
        await Eventually(() => server.JwksRequests == 1);
        gate.SetResult();

        Assert.All(await Task.WhenAll(validations), result => Assert.True(result.IsValid));
        Assert.Equal(1, server.JwksRequests);
    }

    [Fact]
    public async Task NewKey_IsFetchedInTheBackground_AfterItsFirstTokenFailed()
    {
        var gate = new TaskCompletionSource();
        await using var server = await KeyServer.StartAsync(TestKeys.Jwk(TestKeys.Rsa, "rsa"));
        var parameters = With(server.Manager());
        await Check.AcceptsAsync(Jws.Rs256(), parameters);

        server.Jwks = KeyServer.Set(TestKeys.Jwk(TestKeys.Rsa, "rsa"), TestKeys.Jwk(TestKeys.OtherRsa, "new"));
        server.Gate = gate.Task;
        await Check.RefusesAsync<SecurityTokenSignatureKeyNotFoundException>("IDX10503", s_newToken, parameters);
        gate.SetResult();

        await EventuallyAccepted(s_newToken, parameters);
        await Check.AcceptsAsync(Jws.Rs256(), parameters);
        Assert.Equal(2, server.JwksRequests);
    }

    [Fact]
    public async Task ForgedKeyIds_CauseOneFetch()
    {
        await using var server = await KeyServer.StartAsync(TestKeys.Jwk(TestKeys.Rsa, "rsa"));
        var parameters = With(server.Manager());
        await Check.AcceptsAsync(Jws.Rs256(), parameters);

        await ForgeAsync(parameters);
        await Eventually(() => server.JwksRequests == 2);
        await ForgeAsync(parameters);
        await Check.AcceptsAsync(Jws.Rs256(), parameters);

        Assert.Equal(2, server.JwksRequests);
    }

    [Fact]
    public async Task ForgedTokensThatAreRefusedAnyway_CauseNoFetch()
    {
        await using var server = await KeyServer.StartAsync(TestKeys.Jwk(TestKeys.Rsa, "rsa"));
        var parameters = With(server.Manager());
        await Check.AcceptsAsync(Jws.Rs256(), parameters);
        var expired = Jws.Sign("""{"alg":"RS256","kid":"forged"}""", """{"exp":1}""", Jws.Rs256(TestKeys.OtherRsa));

        for (var i = 0; i < 20; i++) await Check.RefusesAsync<SecurityTokenExpiredException>("IDX10223", expired, parameters);

        Assert.Equal(1, server.JwksRequests);
    }

    [Fact]
    public async Task EndpointThatGoesDown_LeavesTheKeysInUse()
    {
        await using var server = await KeyServer.StartAsync(TestKeys.Jwk(TestKeys.Rsa, "rsa"));
        var manager = server.Manager();
        await Check.AcceptsAsync(Jws.Rs256(), With(manager));

        server.Status = StatusCodes.Status500InternalServerError;
        manager.RequestRefresh();
        await Eventually(() => server.JwksRequests == 2);

        await Check.AcceptsAsync(Jws.Rs256(), With(manager));
        await Check.RefusesAsync<SecurityTokenSignatureKeyNotFoundException>("IDX10503", s_newToken, With(manager));
    }

    [Theory]
    [InlineData("<html>down for maintenance</html>")]
    [InlineData("""{"keys":7}""")]
    [InlineData("")]
    public async Task GarbageInsteadOfKeys_LeavesTheKeysInUse(string garbage)
    {
        await using var server = await KeyServer.StartAsync(TestKeys.Jwk(TestKeys.Rsa, "rsa"));
        var manager = server.Manager();
        await Check.AcceptsAsync(Jws.Rs256(), With(manager));

        server.Jwks = garbage;
        manager.RequestRefresh();
        await Eventually(() => server.JwksRequests == 2);

        await Check.AcceptsAsync(Jws.Rs256(), With(manager));
    }

    [Fact]
    public async Task EndpointThatWasNeverUp_RefusesEveryToken_AndIsTriedEveryTime()
    {
        await using var server = await KeyServer.StartAsync(TestKeys.Jwk(TestKeys.Rsa, "rsa"));
        server.Status = StatusCodes.Status500InternalServerError;
        var manager = server.Manager();

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => manager.GetConfigurationAsync(CancellationToken.None));
        Assert.StartsWith("IDX20803", failure.Message, StringComparison.Ordinal);
        await Check.RefusesAsync<SecurityTokenSignatureKeyNotFoundException>("IDX10500", Jws.Rs256(), With(manager));
        Assert.Equal(2, server.JwksRequests);

        server.Status = StatusCodes.Status200OK;
        await Check.AcceptsAsync(Jws.Rs256(), With(manager));
    }

    [Fact]
    public async Task KeyThatIsWithdrawn_StaysGoodForItsLastKnownGoodLifetime()
    {
        await using var server = await KeyServer.StartAsync(TestKeys.Jwk(TestKeys.Rsa, "rsa"));
        var parameters = With(server.Manager());
        await Check.AcceptsAsync(Jws.Rs256(), parameters);

        server.Jwks = KeyServer.Set(TestKeys.Jwk(TestKeys.OtherRsa, "new"));
        parameters.ConfigurationManager.RequestRefresh();
        await EventuallyAccepted(s_newToken, parameters);

        await Check.AcceptsAsync(Jws.Rs256(), parameters);
        parameters.ConfigurationManager.UseLastKnownGoodConfiguration = false;
        await Check.RefusesAsync<SecurityTokenSignatureKeyNotFoundException>("IDX10503", Jws.Rs256(), parameters);
    }

    [Fact]
    public async Task EmptyKeySet_IsTakenUnlessTheConfigurationIsValidated()
    {
        await using var server = await KeyServer.StartAsync(TestKeys.Jwk(TestKeys.Rsa, "rsa"));
        var (plain, validated) = (server.Manager(), server.Manager(new OpenIdConnectConfigurationValidator()));
        await plain.GetConfigurationAsync(CancellationToken.None);
        await Check.AcceptsAsync(Jws.Rs256(), With(validated));

        server.Jwks = "{}";
        plain.RequestRefresh();
        validated.RequestRefresh();
        await Eventually(async () => (await plain.GetConfigurationAsync(CancellationToken.None)).SigningKeys.Count == 0);
        await Eventually(() => server.JwksRequests == 4);

        Assert.Single((await validated.GetConfigurationAsync(CancellationToken.None)).SigningKeys);
        await Check.RefusesAsync<SecurityTokenSignatureKeyNotFoundException>("IDX10500", Jws.Rs256(), With(plain));
    }

    [Fact]
    public async Task AddressWithoutTls_IsRefusedByDefault()
    {
        await using var server = await KeyServer.StartAsync();
        var manager = new ConfigurationManager<OpenIdConnectConfiguration>(
            $"{server.Address}/.well-known/openid-configuration", new OpenIdConnectConfigurationRetriever(), new HttpDocumentRetriever());

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => manager.GetConfigurationAsync(CancellationToken.None));

        Assert.StartsWith("IDX20108", failure.InnerException?.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.JwksRequests);
    }

    [Fact]
    public async Task ServiceUnavailable_IsTriedOnceMore()
    {
        await using var server = await KeyServer.StartAsync();
        server.Status = StatusCodes.Status503ServiceUnavailable;

        var failure = await Assert.ThrowsAsync<IOException>(
            () => new HttpDocumentRetriever { RequireHttps = false }.GetDocumentAsync(server.JwksAddress, CancellationToken.None));

        Assert.StartsWith("IDX20807", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, server.JwksRequests);
    }

    [Fact]
    public async Task Intervals_HaveTheirDefaultsAndFloors()
    {
        await using var server = await KeyServer.StartAsync();
        var manager = server.Manager();

        Assert.Equal(TimeSpan.FromHours(12), manager.AutomaticRefreshInterval);
        Assert.Equal(TimeSpan.FromMinutes(5), manager.RefreshInterval);
        Assert.Equal(TimeSpan.FromHours(1), manager.LastKnownGoodLifetime);
        Assert.Throws<ArgumentOutOfRangeException>(() => manager.AutomaticRefreshInterval = TimeSpan.FromMinutes(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => manager.RefreshInterval = TimeSpan.FromMilliseconds(999));
    }

    private static TokenValidationParameters With(BaseConfigurationManager manager) =>
        new() { ValidIssuer = Jws.Issuer, ValidAudience = Jws.Audience, ConfigurationManager = manager };

    private static async Task ForgeAsync(TokenValidationParameters parameters)
    {
        for (var i = 0; i < 20; i++)
        {
            var token = Jws.Sign($$"""{"alg":"RS256","kid":"forged-{{Guid.NewGuid()}}"}""", Jws.Payload(), Jws.Rs256(TestKeys.OtherRsa));
            await Check.RefusesAsync<SecurityTokenSignatureKeyNotFoundException>("IDX10503", token, parameters);
        }
    }

    private static Task EventuallyAccepted(string token, TokenValidationParameters parameters) =>
        Eventually(async () => (await new JsonWebTokenHandler().ValidateTokenAsync(token, parameters)).IsValid);

    private static Task Eventually(Func<bool> condition) => Eventually(() => Task.FromResult(condition()));

    /// <summary>Waits until it is so; the bound is there to end a run in which it never is.</summary>
    private static async Task Eventually(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition()) await Task.Delay(5, patience.Token);
    }
}
