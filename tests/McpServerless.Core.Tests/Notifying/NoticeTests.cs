using System.Text;
using McpServerless.Notifying;

namespace McpServerless.Core.Tests.Notifying;

/// <summary>Signatures, ids, the schedule, and what settings are taken.</summary>
public sealed class NoticeTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// <summary>The example of the specification's reference libraries.</summary>
    [Fact]
    public void ASignature_IsTheOneOfTheSpecification() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        WebhookSignature.Of([WebhookSignature.ReadSecret(Secret)!], "msg_p5jXN8AQM9LWM0D4loKWxJek", DateTimeOffset.FromUnixTimeSeconds(1614265330), Encoding.UTF8.GetBytes("{\"test\": 2432232314}")));

    [Theory]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa")]
    [InlineData("whsec_%%%")]
    public void WhatIsNoSecret_IsNotTaken(string text) => Assert.Null(WebhookSignature.ReadSecret(text));

    [Fact]
    public void AnId_IsThatOfItsSubject_AndOfNoOther()
    {
        Assert.Equal(Notice.IdOf(NoticeTypes.GrantRevoked, "c", "s", "g"), Notice.IdOf(NoticeTypes.GrantRevoked, "c", "s", "g"));
        Assert.Equal(
            4,
            new HashSet<string>
            {
                Notice.IdOf(NoticeTypes.GrantRevoked, "c", "s", "g"),
                Notice.IdOf(NoticeTypes.GrantRevoked, "c", "sg", ""),
                Notice.IdOf(NoticeTypes.GrantRevoked, "cs", "g"),
                Notice.IdOf(NoticeTypes.GrantExpired, "c", "s", "g"),
            }.Count);
    }

    [Fact]
    public void TheSchedule_GrowsToTwelveHours_WithinAFifth()
    {
        Assert.Equal([4, 48, 240, 1440, 5760, 14400, 28800, 34560, 34560], Enumerable.Range(1, 9).Select(a => (int)NoticeSchedule.After(a, 0).TotalSeconds));
        Assert.Equal([6, 72, 360], Enumerable.Range(1, 3).Select(a => (int)NoticeSchedule.After(a, 1).TotalSeconds));
    }

    [Theory]
    [InlineData("ops", "https://hooks.contoso.example/a", Secret, null, "*", null)]
    [InlineData("ops", "http://127.0.0.1:8080/", Secret, Secret, "review.*", null)]
    [InlineData("Ops!", "https://hooks.contoso.example/a", Secret, null, "*", "Name")]
    [InlineData("ops", "http://hooks.contoso.example/a", Secret, null, "*", "Address")]
    [InlineData("ops", "https://user:password@hooks.contoso.example/a", Secret, null, "*", "Address")]
    [InlineData("ops", "https://hooks.contoso.example/a", "secret", null, "*", "Secret")]
    [InlineData("ops", "https://hooks.contoso.example/a", Secret, "secret", "*", "PreviousSecret")]
    [InlineData("ops", "https://hooks.contoso.example/a", Secret, null, "reviews.*", "Types")]
    public void AnEndpoint_IsJudgedBeforeAnythingStarts(string name, string address, string secret, string? previous, string type, string? fault)
    {
        var options = new NoticeOptions();
        options.Endpoints.Add(new NoticeEndpoint { Name = name, Address = new Uri(address), Secret = secret, PreviousSecret = previous, Types = { type } });
        var result = new NoticeEndpointValidator().Validate(null, options);
        if (fault is null) Assert.True(result.Succeeded, result.FailureMessage);
        else Assert.Equal($"Notices:Endpoints:0:{fault}", Assert.Single(result.Failures!).Split(' ')[0]);
        if (fault is not null && secret == Secret) Assert.DoesNotContain(secret, result.FailureMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void TwoEndpointsOfOneName_AreNotTaken()
    {
        var options = new NoticeOptions();
        for (var i = 0; i < 2; i++) options.Endpoints.Add(new NoticeEndpoint { Name = "a", Address = new Uri("https://hooks.contoso.example/"), Secret = Secret });
        Assert.Contains("more than once", new NoticeEndpointValidator().Validate(null, options).FailureMessage, StringComparison.Ordinal);
    }
}
