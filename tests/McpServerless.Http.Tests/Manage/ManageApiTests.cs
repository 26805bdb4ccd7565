using McpServerless.Access;

namespace McpServerless.Http.Tests.Manage;

/// <summary>What people change over HTTP, what meets them when they are wrong or late, and what is on record of it.</summary>
public sealed class ManageApiTests(ManageHost host) : IClassFixture<ManageHost>
{
    private static readonly CancellationToken Ct = CancellationToken.None;

    private const string Why = """{"reason":"because"}""";

    [Fact]
    public async Task AClient_IsRegistered_Read_Changed_AndItsChangesAreOnRecordWithWhoWasProven()
    {
        var id = Guid.NewGuid().ToString("D");
        var created = await host.SendAsync("PUT", $"clients/{id}", host.Admin, """{"displayName":"New","owner":"someone","team":"support","purpose":"p","expiresIn":"P30D","reason":"wanted"}""");
        Assert.True(created is { Status: 201, ETag: not null }, created.ToString());
        var read = await host.GetAsync($"clients/{id}", host.Admin);
        Assert.Equal((200, created.ETag, "active"), (read.Status, read.ETag, read.Body.GetProperty("state").GetString()));

        const string Changed = """{"displayName":"Newer","owner":"someone","team":"support","purpose":"p","expiresIn":"P30D","reason":"renamed"}""";
        Assert.Equal((428, "precondition_required"), await OutcomeAsync("PUT", $"clients/{id}", host.Admin, Changed));
        Assert.Equal((412, "precondition_failed"), await OutcomeAsync("PUT", $"clients/{id}", host.Admin, Changed, ("If-Match", "\"other\"")));
        Assert.Equal((412, "precondition_failed"), await OutcomeAsync("PUT", $"clients/{id}", host.Admin, Changed, ("If-None-Match", "*")));
        Assert.Equal((412, "precondition_failed"), await OutcomeAsync("PUT", $"clients/{id}", host.Admin, Changed, ("If-Match", "W/" + read.ETag)));
        var changed = await host.SendAsync("PUT", $"clients/{id}", host.Admin, Changed, ("If-Match", read.ETag!));
        Assert.True(changed is { Status: 200 } && changed.ETag != read.ETag, changed.ToString());

        var records = (await host.AdministrationAsync()).Where(r => JsonMembers.Text(r, "clientId") == id).Select(r => r.GetProperty("details")).ToList();
        Assert.Equal(["clientRegistered/intended", "clientRegistered/done", "clientChanged/intended", "clientChanged/done"], records.Select(d => $"{d.GetProperty("happening").GetString()}/{d.GetProperty("ending").GetString()}"));
        Assert.All(records, d => Assert.Equal((ManageHost.AdminId, ManageHost.NameOf(ManageHost.AdminId), "99999999-9999-9999-9999-999999999999"), (d.GetProperty("by").GetString(), d.GetProperty("byClaimed").GetString(), d.GetProperty("byApplication").GetString())));
        Assert.Equal(("New", "Newer"), (records[3].GetProperty("before").GetProperty("displayName").GetString(), records[3].GetProperty("after").GetProperty("displayName").GetString()));
    }

    [Fact]
    public async Task TwoOperatorsAtOnce_OneOfThemIsTold_AndNothingIsLost()
    {
        var client = await NewClientAsync(ManageHost.Support);
        for (var round = 0; round < 10; round++)
        {
            var read = await host.GetAsync($"clients/{client}", host.Admin);
            var answers = await Task.WhenAll(
                host.SendAsync("PUT", $"clients/{client}/model", host.Admin, $$"""{"modelId":"first-{{round}}","reason":"r"}""", ("If-Match", read.ETag!)),
                host.SendAsync("PUT", $"clients/{client}/model", host.SecondAdmin, $$"""{"modelId":"second-{{round}}","reason":"r"}""", ("If-Match", read.ETag!)));
            Assert.Equal([200, 412], answers.Select(a => a.Status).Order());
            var winner = answers.Single(a => a.Status == 200).Body.GetProperty("modelId").GetString();
            Assert.Equal(winner, (await host.GetAsync($"clients/{client}", host.Admin)).Body.GetProperty("modelId").GetString());
        }
    }

    [Fact]
    public async Task AnOwner_SeesTheOwnTeamsClients_AndOthersAreAsIfTheyWereNotThere()
    {
        var list = await host.GetAsync("clients?limit=200", host.Owner);
        Assert.All(list.Body.GetProperty("items").EnumerateArray(), c => Assert.Equal(ManageHost.Support, c.GetProperty("team").GetString()));
        var foreign = await host.GetAsync($"clients/{ManageHost.PaymentsClient}", host.Owner);
        var absent = await host.GetAsync("clients/00000000-0000-0000-0000-00000000dead", host.Owner);
        Assert.Equal((404, absent.Status, absent.Code, absent.Body.GetProperty("detail").GetString()), (foreign.Status, foreign.Status, foreign.Code, foreign.Body.GetProperty("detail").GetString()));
        foreach (var verb in new[] { "suspend", "deprovision" })
            Assert.Equal((404, "not_found"), await OutcomeAsync("POST", $"clients/{ManageHost.PaymentsClient}/{verb}", host.Owner, Why, ("If-Match", "*")));
        Assert.Equal((404, "not_found"), await OutcomeAsync("GET", $"clients/{ManageHost.PaymentsClient}/grants", host.Owner));
        Assert.Equal((404, "not_found"), await OutcomeAsync("POST", "switches/off", host.Owner, """{"subject":"tool/desk/pay","reason":"r"}"""));
        Assert.DoesNotContain("pay", (await host.GetAsync("tools", host.Owner)).Body.GetProperty("items").EnumerateArray().Select(t => t.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task ATeam_CanBeAGroupOfTheToken_AndAClaimOfATeamIsNothing()
    {
        var claims = host.Issuer.DelegatedClaims("99999999-9999-9999-9999-999999999999", "Governance.Manage");
        claims["oid"] = "b0000000-0000-0000-0000-00000000000f";
        claims["roles"] = new System.Text.Json.Nodes.JsonArray("Governance.Owner");
        claims["groups"] = new System.Text.Json.Nodes.JsonArray(ManageHost.GroupId);
        claims["team"] = ManageHost.Support;
        claims["teams"] = new System.Text.Json.Nodes.JsonArray(ManageHost.Support);
        var me = await host.GetAsync("me", host.Issuer.Token(claims));
        Assert.Equal([ManageHost.Payments], me.Body.GetProperty("teams").EnumerateArray().Select(t => t.GetString()));
        claims.Remove("groups");
        claims["_claim_names"] = new System.Text.Json.Nodes.JsonObject { ["groups"] = "src1" };
        Assert.True((await host.GetAsync("me", host.Issuer.Token(claims))).Body.GetProperty("groupsOmitted").GetBoolean());
    }

    [Fact]
    public async Task ARequest_IsApprovedByTheTeamOfTheTool_AndByNobodyForTheirOwnGood()
    {
        var wish = $$"""{"clientId":"{{ManageHost.SupportClient}}","server":"test","tools":["pay"],"minutes":30,"justification":"incident"}""";
        var made = await host.SendAsync("POST", "requests", host.Owner, wish);
        Assert.True(made is { Status: 201 }, made.ToString());
        var path = $"requests/{made.Body.GetProperty("requestId").GetString()}";
        Assert.Equal("/manage/" + path, made.Header("Location"));
        Assert.Equal((403, "not_allowed"), await OutcomeAsync("POST", path + "/approve", host.Owner, Why, ("If-Match", "*")));
        Assert.Equal((428, "precondition_required"), await OutcomeAsync("POST", path + "/approve", host.OtherOwner, Why));
        var approved = await host.SendAsync("POST", path + "/approve", host.OtherOwner, Why, ("If-Match", made.ETag!));
        Assert.True(approved is { Status: 200 }, approved.ToString());
        var grant = await host.GetAsync($"clients/{ManageHost.SupportClient}/grants/test/jit-{made.Body.GetProperty("requestId").GetString()}", host.Owner);
        Assert.Equal((ManageHost.OwnerId, ManageHost.OtherOwnerId), (grant.Body.GetProperty("requester").GetString(), grant.Body.GetProperty("approver").GetString()));

        // Somebody else's request for a client of one's own team, for one's own team's tool.
        var others = await host.SendAsync("POST", "requests", host.Admin, $$"""{"clientId":"{{ManageHost.SupportClient}}","server":"test","tools":["close"],"minutes":30,"justification":"incident"}""");
        var own = $"requests/{others.Body.GetProperty("requestId").GetString()}/approve";
        Assert.Equal((403, "not_allowed"), await OutcomeAsync("POST", own, host.Owner, Why, ("If-Match", "*")));
        Assert.Equal((403, "not_allowed"), await OutcomeAsync("POST", own, host.Admin, Why, ("If-Match", "*")));
        Assert.Equal(200, (await host.SendAsync("POST", own, host.SecondAdmin, Why, ("If-Match", "*"))).Status);
    }

    [Fact]
    public async Task AnAdministrator_DoesNothingForAClientThatIsTheirOwn_ByObjectIdOrByName()
    {
        foreach (var owner in new[] { ManageHost.AdminId, ManageHost.NameOf(ManageHost.AdminId) })
        {
            var client = await NewClientAsync("none", owner);
            Assert.Equal((403, "not_allowed"), await OutcomeAsync("PUT", $"clients/{client}/grants/test/mine", host.Admin, """{"tools":["lookup"],"justification":"j","expiresIn":"P1D"}"""));
            Assert.Equal((403, "not_allowed"), await OutcomeAsync("PUT", $"clients/{client}", host.Admin, """{"displayName":"n","owner":"x","purpose":"p","expiresIn":"P300D","reason":"r"}""", ("If-Match", "*")));
            Assert.Equal((403, "not_allowed"), await OutcomeAsync("POST", $"clients/{client}/budgets/extra", host.Admin, """{"counter":"c","amount":1,"hours":1,"reason":"r"}"""));
            Assert.Equal(200, (await host.SendAsync("POST", $"clients/{client}/suspend", host.Admin, Why)).Status);
            Assert.Equal((403, "not_allowed"), await OutcomeAsync("POST", $"clients/{client}/resume", host.Admin, Why, ("If-Match", "*")));
            Assert.Equal(200, (await host.SendAsync("POST", $"clients/{client}/resume", host.SecondAdmin, Why, ("If-Match", "*"))).Status);
        }

        Assert.Equal((403, "not_allowed"), await OutcomeAsync("PUT", "teams/new", host.Admin, $$"""{"members":["{{ManageHost.AdminId}}"],"groups":[],"reason":"r"}"""));
    }

    [Fact]
    public async Task AGrant_IsHeldToTheRulesOfFiles_AndWhatIsHighlySensitiveTakesTwoPersons()
    {
        var path = $"clients/{ManageHost.PaymentsClient}/grants/test/given";
        var nothing = await host.SendAsync("PUT", path, host.Admin, """{"tools":["no-such-tool"],"justification":"j","expiresIn":"P1D"}""");
        Assert.Equal((422, "body_invalid"), (nothing.Status, nothing.Code));
        Assert.Contains("/tools/0", nothing.Body.GetProperty("errors")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal((422, "body_invalid"), await OutcomeAsync("PUT", path, host.Admin, """{"tools":["*"],"justification":"j","expiresIn":"P1D"}"""));
        Assert.Equal((422, "body_invalid"), await OutcomeAsync("PUT", path, host.Admin, """{"tools":["pay"],"justification":"j","expiresAt":"2020-01-01T00:00:00Z"}"""));
        Assert.Equal((422, "body_invalid"), await OutcomeAsync("PUT", path, host.Admin, """{"tools":["pay"],"justification":"j","expiresIn":"P366D"}"""));
        Assert.Equal((422, "body_invalid"), await OutcomeAsync("PUT", path, host.Admin, """{"tools":["pay"],"justification":"j","expiresIn":"P1D","approver":"somebody"}"""));
        Assert.Equal((403, "not_allowed"), await OutcomeAsync("PUT", path, host.Admin, """{"tools":["wire"],"justification":"j","expiresIn":"P1D","requester":"somebody"}"""));
        Assert.Equal((422, "change_invalid"), await OutcomeAsync("PUT", $"clients/{ManageHost.PaymentsClient}/grants/nowhere/g", host.Admin, """{"tools":["*"],"broadReason":"all","justification":"j","expiresIn":"P1D"}"""));
        var given = await host.SendAsync("PUT", path, host.Admin, """{"tools":["pay"],"justification":"j","expiresIn":"P1D","constraints":[{"tools":["pay"],"arguments":{"properties":{"amount":{"maximum":100}}}}]}""");
        Assert.True(given is { Status: 201 }, given.ToString());
        Assert.Equal(ManageHost.AdminId, given.Body.GetProperty("approver").GetString());
        var can = await host.SendAsync("POST", $"clients/{ManageHost.PaymentsClient}/can", host.Auditor, """{"name":"pay","arguments":{"amount":250}}""");
        Assert.True(can is { Status: 200 }, can.ToString());
        Assert.Contains("given", can.Text, StringComparison.Ordinal);
        Assert.Equal(200, (await host.SendAsync("POST", path + "/revoke", host.OtherOwner, Why, ("If-Match", given.ETag!))).Status);
        Assert.Equal(404, (await host.GetAsync(path, host.Admin)).Status);
    }

    [Fact]
    public async Task ADenial_IsTakenAwayByAnAdministratorAlone()
    {
        await host.Access.SaveGrantAsync(ManageHost.Grant("no", ManageHost.SupportClient, "close") with { Effect = GrantEffect.Deny }, Ct);
        var path = $"clients/{ManageHost.SupportClient}/grants/test/no/revoke";
        Assert.Equal((403, "not_allowed"), await OutcomeAsync("POST", path, host.Owner, Why, ("If-Match", "*")));
        Assert.Equal(200, (await host.SendAsync("POST", path, host.Admin, Why, ("If-Match", "*"))).Status);
    }

    [Fact]
    public async Task ARepeatedRequest_IsAnsweredAsBefore_AndDoneOnce()
    {
        var body = $$"""{"clientId":"{{ManageHost.SupportClient}}","server":"test","tools":["pay"],"minutes":5,"justification":"idempotent"}""";
        var key = Guid.NewGuid().ToString();
        var first = await host.SendAsync("POST", "requests", host.Owner, body, ("Idempotency-Key", key));
        var again = await host.SendAsync("POST", "requests", host.Owner, body, ("Idempotency-Key", key));
        Assert.Equal((201, first.Text, first.ETag, first.Header("Location"), "true"), (again.Status, again.Text, again.ETag, again.Header("Location"), again.Header("Idempotency-Replayed")));
        Assert.Equal((422, "idempotency_key_reused"), await OutcomeAsync("POST", "requests", host.Owner, body.Replace("5", "6", StringComparison.Ordinal), ("Idempotency-Key", key)));
        Assert.Equal((400, "malformed_request"), await OutcomeAsync("POST", "requests", host.Owner, body, ("Idempotency-Key", new string('k', 129))));

        // Another caller's key of the same text is another key.
        Assert.NotEqual(first.Text, (await host.SendAsync("POST", "requests", host.Admin, body, ("Idempotency-Key", key))).Text);

        var many = Guid.NewGuid().ToString();
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => host.SendAsync("POST", "requests", host.Owner, body.Replace("idempotent", "at once", StringComparison.Ordinal), ("Idempotency-Key", many))));
        Assert.All(answers, a => Assert.True(a.Status is 201 or 409, a.ToString()));
        Assert.Single(answers.Where(a => a.Status == 201).Select(a => a.Text).Distinct());
        var requests = await host.Editor.ReadRequestsAsync(Ct).Select(r => r.Value).Where(r => r.Justification == "at once").ToListAsync();
        Assert.Single(requests);
    }

    [Fact]
    public async Task WhoLooksIntoTheLedger_IsInIt()
    {
        var answer = await host.GetAsync("audit/records?client=gateway&limit=2", host.Auditor);
        Assert.True(answer is { Status: 200 }, answer.ToString());
        var next = answer.Body.GetProperty("next").GetString();
        Assert.Contains($"cursor={next}", answer.Header("Link"), StringComparison.Ordinal);
        var second = await host.GetAsync($"audit/records?client=gateway&limit=2&cursor={next}", host.Auditor);
        Assert.NotEqual(answer.Body.GetProperty("items")[0].GetRawText(), second.Body.GetProperty("items")[0].GetRawText());
        var note = (await host.AdministrationAsync()).Select(r => r.GetProperty("details")).Last(d => d.GetProperty("happening").GetString() == "auditQueried");
        Assert.Equal((ManageHost.AuditorId, "gateway", next), (note.GetProperty("by").GetString(), note.GetProperty("about").GetProperty("client").GetString(), note.GetProperty("about").GetProperty("cursor").GetString()));
        Assert.Equal((400, "malformed_request"), await OutcomeAsync("GET", "audit/records?from=2026-01-01T00:00:00Z", host.Auditor));
        Assert.Equal(200, (await host.GetAsync($"audit/timeline/{Guid.CreateVersion7():D}", host.Auditor)).Status);
    }

    [Fact]
    public async Task ARefusalForTheRole_IsOnRecord()
    {
        await host.SendAsync("POST", $"clients/{ManageHost.SupportClient}/resume", host.Reviewer, Why, ("If-Match", "*"));
        var note = (await host.AdministrationAsync()).Select(r => r.GetProperty("details")).Last(d => d.GetProperty("happening").GetString() == "managementRefused");
        Assert.Equal((ManageHost.ReviewerId, "resumeClient"), (note.GetProperty("by").GetString(), note.GetProperty("about").GetProperty("operation").GetString()));
    }

    [Fact]
    public async Task TheCatalogue_IsSwitchedBack_ByWhoReadTheActiveVersion()
    {
        var active = await host.GetAsync("catalogue", host.Auditor);
        Assert.Equal(200, active.Status);
        Assert.Equal((412, "precondition_failed"), await OutcomeAsync("POST", "catalogue/versions/1/activate", host.Admin, Why, ("If-Match", "\"other\"")));
        Assert.Equal((404, "not_found"), await OutcomeAsync("POST", "catalogue/versions/77/activate", host.Admin, Why, ("If-Match", "*")));
        var back = await host.SendAsync("POST", $"catalogue/versions/{(active.Body.GetProperty("number").GetInt64() == 2 ? 1 : 2)}/activate", host.Admin, Why, ("If-Match", active.ETag!));
        Assert.True(back is { Status: 200 }, back.ToString());
        Assert.Equal(back.ETag, (await host.GetAsync("catalogue", host.Auditor)).ETag);
        Assert.Contains((await host.AdministrationAsync()).Select(r => r.GetProperty("details")), d => d.GetProperty("happening").GetString() == "catalogueSwitchedBack" && d.GetProperty("ending").GetString() == "done");
    }

    [Fact]
    public async Task WhatAnUpstreamChanged_IsBroughtBackByNobodyWhoseOwnClientMayUseIt()
    {
        await host.Access.SaveGrantAsync(ManageHost.Grant("g-close", ManageHost.SupportClient, "close"), Ct);
        var drift = await host.GetAsync("contracts/desk/close", host.Owner);
        Assert.True(drift is { Status: 200 }, drift.ToString());
        Assert.Equal(404, (await host.GetAsync("contracts/desk/close", host.OtherOwner)).Status);
        const string Reason = """{"reason":"looked at it twice"}""";
        Assert.Equal((403, "not_allowed"), await OutcomeAsync("POST", "contracts/desk/close/accept", host.Owner, Reason, ("If-Match", drift.ETag!)));
        Assert.Equal(200, (await host.SendAsync("POST", "contracts/desk/close/reject", host.Owner, Reason, ("If-Match", drift.ETag!))).Status);
        Assert.Equal((412, "precondition_failed"), await OutcomeAsync("POST", "contracts/desk/close/accept", host.Admin, Reason, ("If-Match", drift.ETag!)));
        Assert.Equal(200, (await host.SendAsync("POST", "contracts/desk/close/accept", host.Admin, Reason, ("If-Match", "*"))).Status);
    }

    [Theory]
    [InlineData("clients?limit=0")]
    [InlineData("clients?limit=201")]
    [InlineData("clients?limit=x")]
    [InlineData("clients?limit=5&limit=6")]
    [InlineData("clients?unknown=1")]
    [InlineData("clients?cursor=%20")]
    [InlineData("clients?cursor=_w")]
    [InlineData("clients?state=sleeping")]
    [InlineData("audit/records?from=2026-02-30T00:00:00Z")]
    [InlineData("who-can")]
    [InlineData("me?access_token=x")]
    public async Task AWrongParameter_IsNamed(string path) => Assert.Equal((400, "malformed_request"), await OutcomeAsync("GET", path, host.Admin));

    [Fact]
    public async Task WhatHttpGetsWrong_HasItsOwnStatus()
    {
        var post = $"clients/{ManageHost.SupportClient}/suspend";
        Assert.Equal((404, "not_found"), await OutcomeAsync("GET", "no/such/path", host.Admin));
        var method = await host.SendAsync("PATCH", $"clients/{ManageHost.SupportClient}", host.Admin, Why);
        Assert.Equal((405, "GET, PUT"), (method.Status, method.Allow));
        Assert.Equal((405, "method_not_allowed"), await OutcomeAsync("POST", "openapi.json", host.Admin, Why));
        Assert.Equal((406, "not_acceptable"), await OutcomeAsync("GET", "me", host.Admin, null, ("Accept", "text/html")));
        Assert.Equal((200, null), await OutcomeAsync("GET", "me", host.Admin, null, ("Accept", "text/html;q=0.5, application/*;q=0.1")));
        Assert.Equal((415, "media_type_unsupported"), await OutcomeAsync("POST", post, host.Admin, Why, ("Content-Type", "text/plain")));
        Assert.Equal((413, "request_too_large"), await OutcomeAsync("POST", post, host.Admin, $$"""{"reason":"{{new string('x', 300_000)}}"}"""));
        Assert.Equal((400, "malformed_request"), await OutcomeAsync("POST", post, host.Admin, """{"reason":"a","reason":"b"}"""));
        Assert.Equal((400, "malformed_request"), await OutcomeAsync("POST", post, host.Admin, "{"));
        Assert.Equal((422, "body_invalid"), await OutcomeAsync("POST", post, host.Admin, """{"reason":"a","more":1}"""));
        Assert.Equal((422, "body_invalid"), await OutcomeAsync("POST", post, host.Admin, """{"reason":" "}"""));
        Assert.Equal((400, "malformed_request"), await OutcomeAsync("POST", post, host.Admin, Why, ("If-Match", "no tag")));
        Assert.Equal((431, "headers_too_large"), await OutcomeAsync("GET", "me", host.Admin, null, ("X-Filler", new string('x', 25_000))));
        var answer = await host.GetAsync("me", host.Admin);
        Assert.Equal(("no-store", "nosniff"), (answer.Headers.CacheControl?.ToString(), answer.Header("X-Content-Type-Options")));
    }

    [Fact]
    public async Task Pages_GoThroughAListOnce()
    {
        for (var i = 0; i < 7; i++) await NewClientAsync("paged");
        var seen = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await host.GetAsync($"clients?team=paged&limit=3{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}", host.Auditor);
            Assert.InRange(page.Body.GetProperty("items").GetArrayLength(), 1, 3);
            seen.AddRange(page.Body.GetProperty("items").EnumerateArray().Select(c => c.GetProperty("clientId").GetString()!));
            cursor = JsonMembers.Text(page.Body, "next");
            Assert.Equal(cursor is null, page.Header("Link") is null);
        }

        Assert.Equal(7, seen.Count);
        Assert.Equal(seen.Order(StringComparer.Ordinal).Distinct(), seen);
    }

    private async Task<string> NewClientAsync(string team, string owner = "owner@contoso.example")
    {
        var id = Guid.NewGuid().ToString("D");
        await host.Access.SaveClientAsync(ManageHost.Client(id, team, owner), Ct);
        return id;
    }

    private async Task<(int Status, string? Code)> OutcomeAsync(string method, string path, string token, string? body = null, params (string, string)[] headers)
    {
        var answer = await host.SendAsync(method, path, token, body, headers);
        if (answer.Status >= 400) Assert.Equal(("application/problem+json", answer.Status), (answer.ContentType, answer.Body.GetProperty("status").GetInt32()));
        return (answer.Status, answer.Code);
    }
}

/// <summary>What happens when a part is lost, or somebody only guesses.</summary>
public sealed class ManageFaultTests
{
    [Fact]
    public async Task WithoutTheStore_AChangeIsRefusedByName_AndWorksAgainAfterwards()
    {
        await using var host = await StartAsync([]);
        var token = host.Host.Admin;
        Assert.Equal(200, (await host.Host.GetAsync("me", token)).Status);
        await host.Host.Azurite.KillAsync();
        var lost = await host.Host.SendAsync("POST", $"clients/{ManageHost.SupportClient}/suspend", token, """{"reason":"r"}""");
        Assert.Equal((503, "state_unavailable", "2"), (lost.Status, lost.Code, lost.Header("Retry-After")));
    }

    [Fact]
    public async Task WhoGuesses_IsHeldUp_AndOthersAreNot()
    {
        await using var host = await StartAsync(new() { ["Management:RefusalsPerMinute"] = "5" });
        var reviewer = host.Host.Reviewer;
        var statuses = new List<int>();
        for (var i = 0; i < 8; i++) statuses.Add((await host.Host.GetAsync("audit/records", reviewer)).Status);
        Assert.Equal([403, 403, 403, 403, 403, 429, 429, 429], statuses);
        Assert.Equal(200, (await host.Host.GetAsync("me", host.Host.Admin)).Status);
        for (var i = 0; i < 8; i++) statuses.Add((await host.Host.GetAsync("me", null)).Status);
        Assert.Equal([401, 401, 401, 401, 401, 429, 429, 429], statuses[8..]);
    }

    private static async Task<Owned> StartAsync(Dictionary<string, string?> more)
    {
        var host = new ManageHost(more);
        await host.InitializeAsync();
        return new Owned(host);
    }

    private sealed record Owned(ManageHost Host) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await Host.DisposeAsync();
    }
}
