using System.Text.Json;
using McpServerless.Access.Reviewing;
using Microsoft.Extensions.DependencyInjection;

namespace McpServerless.Http.Tests.Manage;

/// <summary>Which grants are still needed, asked and answered over HTTP.</summary>
public sealed class ReviewApiTests(ManageHost host) : IClassFixture<ManageHost>
{
    private const string Keep = """{"answer":"keep","reason":"Still needed."}""";
    private const string Revoke = """{"answer":"revoke","reason":"Gone."}""";

    private static string PathOf(string campaign, string client, string grant) => $"campaigns/{campaign}/reviews/{client}/{ManageHost.Server}/{grant}";

    private async Task<string> SeedAsync(string campaign, string client = ManageHost.SupportClient, string reviewer = ManageHost.OwnerId, string? requester = null, params string[] grants)
    {
        foreach (var grant in grants.DefaultIfEmpty("reviewed"))
        {
            await host.Access.SaveGrantAsync(ManageHost.Grant(grant, client, "lookup", "close") with { Requester = requester, NextReview = TimeProvider.System.GetUtcNow() }, CancellationToken.None);
            await host.SeedReviewAsync(ManageHost.Review(campaign, client, grant) with { Reviewer = reviewer, Requester = requester });
        }

        return PathOf(campaign, client, grants.Length > 0 ? grants[0] : "reviewed");
    }

    [Fact]
    public async Task AReviewer_IsShownWhatThereIsToKnow_AndTheFirstAnswerCounts()
    {
        var path = await SeedAsync("first");
        var sheet = await host.GetAsync(path, host.Owner);
        Assert.Equal(200, sheet.Status);
        Assert.Equal("Agent of support", sheet.Body.GetProperty("client").GetProperty("displayName").GetString());
        Assert.Equal("revoke", sheet.Body.GetProperty("suggested").GetString());
        Assert.Equal(428, (await host.SendAsync("POST", path + "/answer", host.Owner, Keep)).Status);
        Assert.Equal(412, (await host.SendAsync("POST", path + "/answer", host.Owner, Keep, ("If-Match", "\"other\""))).Status);

        var answer = await host.SendAsync("POST", path + "/answer", host.Owner, Keep, ("If-Match", sheet.ETag!));
        Assert.Equal(("done", "keep", ManageHost.OwnerId), (Text(answer, "state"), Text(answer, "answer"), Text(answer, "answeredBy")));
        var grant = await host.Editor.FindGrantAsync(ManageHost.SupportClient, ManageHost.Server, "reviewed", CancellationToken.None);
        Assert.True(grant!.Value.NextReview > TimeProvider.System.GetUtcNow().AddDays(80));

        var again = await host.SendAsync("POST", path + "/answer", host.Admin, Revoke, ("If-Match", "*"));
        Assert.Equal((422, "change_invalid"), (again.Status, again.Code));
        Assert.NotNull(await host.Editor.FindGrantAsync(ManageHost.SupportClient, ManageHost.Server, "reviewed", CancellationToken.None));
    }

    [Fact]
    public async Task WhatIsLeft_IsWithinTheGrant_AndRevokedIsGone_OnRecordWithWhoWasProven()
    {
        var path = await SeedAsync("left", grants: ["narrow", "away"]);
        var wider = await host.SendAsync("POST", path + "/answer", host.Owner, """{"answer":"reduce","leave":{"tools":["pay"]},"reason":"r"}""", ("If-Match", "*"));
        Assert.Equal((422, "change_invalid"), (wider.Status, wider.Code));
        var nothing = await host.SendAsync("POST", path + "/answer", host.Owner, """{"answer":"reduce","reason":"r"}""", ("If-Match", "*"));
        Assert.Equal((422, "change_invalid"), (nothing.Status, nothing.Code));

        Assert.Equal(200, (await host.SendAsync("POST", path + "/answer", host.Owner, """{"answer":"reduce","leave":{"tools":["lookup"]},"reason":"r"}""", ("If-Match", "*"))).Status);
        Assert.Equal(["lookup"], (await host.Editor.FindGrantAsync(ManageHost.SupportClient, ManageHost.Server, "narrow", CancellationToken.None))!.Value.Tools);
        Assert.Equal(200, (await host.SendAsync("POST", PathOf("left", ManageHost.SupportClient, "away") + "/answer", host.Owner, Revoke, ("If-Match", "*"))).Status);
        Assert.Null(await host.Editor.FindGrantAsync(ManageHost.SupportClient, ManageHost.Server, "away", CancellationToken.None));

        var records = await host.AdministrationAsync();
        Assert.Contains(records, r => Details(r, "happening") == "reviewAnswered" && Details(r, "by") == ManageHost.OwnerId && Details(r, "byClaimed") == ManageHost.NameOf(ManageHost.OwnerId));
        Assert.Contains(records, r => Details(r, "happening") == "grantRevoked" && r.GetProperty("grantId").GetString() == "away");
    }

    [Fact]
    public async Task WhoMayAnswer_IsWhoIsAsked_TheClientsTeam_AppointedReviewersAndAdministrators_AndOthersDoNotSeeIt()
    {
        var path = await SeedAsync("who", reviewer: ManageHost.AdminId);
        Assert.Equal(404, (await host.GetAsync(path, host.OtherOwner)).Status);
        Assert.Equal(404, (await host.SendAsync("POST", path + "/answer", host.OtherOwner, Revoke, ("If-Match", "*"))).Status);
        Assert.Empty((await host.GetAsync("reviews?campaign=who", host.OtherOwner)).Body.GetProperty("items").EnumerateArray());
        Assert.Equal(200, (await host.GetAsync(path, host.Auditor)).Status);
        Assert.Equal("role_missing", (await host.SendAsync("POST", path + "/answer", host.Auditor, Revoke, ("If-Match", "*"))).Code);
        Assert.Single((await host.GetAsync("reviews?campaign=who&state=open", host.Owner)).Body.GetProperty("items").EnumerateArray());
        Assert.Equal(200, (await host.SendAsync("POST", path + "/answer", host.Reviewer, Keep, ("If-Match", "*"))).Status);

        // Asked by name, without being of the client's team.
        path = await SeedAsync("named", reviewer: ManageHost.OtherOwnerId);
        Assert.Equal(200, (await host.SendAsync("POST", path + "/answer", host.OtherOwner, Keep, ("If-Match", "*"))).Status);
    }

    [Fact]
    public async Task NobodyKeepsWhatTheyAskedFor_AndEverybodyMayGiveItBack()
    {
        foreach (var (campaign, requester, token) in new[] { ("own-1", ManageHost.ReviewerId, host.Reviewer), ("own-2", ManageHost.NameOf(ManageHost.AdminId), host.Admin), ("own-3", ManageHost.OwnerId, host.Owner) })
        {
            var path = await SeedAsync(campaign, requester: requester);
            Assert.Equal((403, "not_allowed"), Of(await host.SendAsync("POST", path + "/answer", token, Keep, ("If-Match", "*"))));
            Assert.Equal((200, null), Of(await host.SendAsync("POST", path + "/answer", token, Revoke, ("If-Match", "*"))));
        }

        static (int, string?) Of(Answer answer) => (answer.Status, answer.Code);
    }

    [Fact]
    public async Task SeveralReviews_AreAnsweredAtOnce_EachForItself()
    {
        await SeedAsync("bulk", grants: ["b-1", "b-2"]);
        await SeedAsync("bulk", ManageHost.PaymentsClient, ManageHost.OtherOwnerId, grants: ["b-3"]);
        Assert.Equal(200, (await host.SendAsync("POST", PathOf("bulk", ManageHost.SupportClient, "b-2") + "/answer", host.Owner, Keep, ("If-Match", "*"))).Status);
        var body = $$"""
            {"answer":"revoke","reason":"The agent is gone.","reviews":[
              {"clientId":"{{ManageHost.SupportClient.ToUpperInvariant()}}","server":"test","grantId":"b-1"},
              {"clientId":"{{ManageHost.SupportClient}}","server":"test","grantId":"b-2"},
              {"clientId":"{{ManageHost.PaymentsClient}}","server":"test","grantId":"b-3"},
              {"clientId":"{{ManageHost.SupportClient}}","server":"test","grantId":"none"}]}
            """;
        var answer = await host.SendAsync("POST", "campaigns/bulk/answers", host.Owner, body);
        Assert.Equal(200, answer.Status);
        Assert.Equal(
            [("b-1", "done", null), ("b-2", null, "change_invalid"), ("b-3", null, "not_found"), ("none", null, "not_found")],
            answer.Body.GetProperty("outcomes").EnumerateArray().Select(o => (JsonMembers.Text(o, "grantId"), JsonMembers.Text(o, "state"), JsonMembers.Text(o, "code"))));
        Assert.NotNull(await host.Editor.FindGrantAsync(ManageHost.PaymentsClient, ManageHost.Server, "b-3", CancellationToken.None));
    }

    [Fact]
    public async Task ACampaign_IsOpenedByAnAdministratorOnce_AndItsReportHasEveryAnswer()
    {
        const string Body = """{"campaign":"incident","reason":"After the incident."}""";
        Assert.Equal("role_missing", (await host.SendAsync("POST", "campaigns", host.Owner, Body)).Code);
        var opened = await host.SendAsync("POST", "campaigns", host.Admin, Body);
        Assert.Equal((201, "/manage/campaigns/incident"), (opened.Status, opened.Header("Location")));
        Assert.Equal(412, (await host.SendAsync("POST", "campaigns", host.SecondAdmin, Body)).Status);
        Assert.Equal(422, (await host.SendAsync("POST", "campaigns", host.Admin, """{"campaign":"due-2026-01","reason":"r"}""")).Status);

        // The timer fills what was opened.
        await host.Access.SaveGrantAsync(ManageHost.Grant("asked", ManageHost.SupportClient, "lookup"), CancellationToken.None);
        await host.Services.GetRequiredService<ReviewCampaigns>().RunAsync(CancellationToken.None);
        var path = PathOf("incident", ManageHost.SupportClient, "asked");
        Assert.Equal(200, (await host.SendAsync("POST", path + "/answer", host.Owner, Keep, ("If-Match", "*"))).Status);
        var report = await host.GetAsync("campaigns/incident/report", host.Auditor);
        Assert.Equal(200, report.Status);
        var review = Assert.Single(report.Body.GetProperty("reviews").EnumerateArray(), r => r.GetProperty("grantId").GetString() == "asked");
        Assert.Equal(("keep", "Still needed."), (JsonMembers.Text(review, "answer"), JsonMembers.Text(review, "reason")));
        Assert.Equal("role_missing", (await host.GetAsync("campaigns/incident/report", host.Owner)).Code);
        Assert.Contains((await host.GetAsync("campaigns?open=true", host.Owner)).Body.GetProperty("items").EnumerateArray(), c => c.GetProperty("campaignId").GetString() == "incident");
    }

    private static string? Details(JsonElement record, string name) => record.TryGetProperty("details", out var details) ? JsonMembers.Text(details, name) : null;

    private static string? Text(Answer answer, string name) => JsonMembers.Text(answer.Body, name);
}
