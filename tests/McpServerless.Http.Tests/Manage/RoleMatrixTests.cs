using McpServerless.Http.Manage;
using McpServerless.Management;
using McpServerless.Testing;

namespace McpServerless.Http.Tests.Manage;

/// <summary>Every operation, asked for by everybody.</summary>
public sealed class RoleMatrixTests(ManageHost host) : IClassFixture<ManageHost>
{
    /// <summary>Paths are filled with what does not exist, so that whoever may meets 404 or a fault of the request, and nothing is changed.</summary>
    private static string PathOf(ManageOperation operation) => string.Join('/', operation.Segments.Select(s => s[0] != '{' ? s : s switch
    {
        "{clientId}" => "00000000-0000-0000-0000-00000000dead",
        "{requestId}" => new string('0', 32),
        "{number}" => "999999",
        "{id}" => "00000000-0000-0000-0000-00000000dead",
        _ => "none",
    }));

    [Fact]
    public async Task WhoHasNoValidToken_HearsOnlyThat_WhateverIsAskedFor()
    {
        var foreign = host.Issuer.DelegatedClaims(scope: "Governance.Manage");
        foreign["roles"] = new System.Text.Json.Nodes.JsonArray("Governance.Admin");
        foreign["tid"] = "99999999-9999-9999-9999-999999999999";
        var elsewhere = host.Issuer.DelegatedClaims(scope: "Governance.Manage");
        elsewhere["roles"] = new System.Text.Json.Nodes.JsonArray("Governance.Admin");
        elsewhere["aud"] = "99999999-9999-9999-9999-999999999999";
        string?[] tokens = [null, "", "nonsense", host.Issuer.Token(foreign), host.Issuer.Token(elsewhere)];
        foreach (var path in host.Table.Operations.Select(o => (o.Method, PathOf(o))).Append(("GET", "no/such/path")).Append(("GET", "")))
        {
            foreach (var token in tokens)
            {
                var answer = await host.SendAsync(path.Item1, path.Item2, token);
                Assert.True(answer is { Status: 401, Code: "invalid_token", ContentType: "application/problem+json" }, $"{path}: {answer}");
                Assert.Contains("resource_metadata=\"https://mcp.contoso.example/.well-known/oauth-protected-resource\"", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task EveryOperation_IsForTheRolesOfItsRow_AndForNobodyElse()
    {
        foreach (var operation in host.Table.Operations)
        {
            foreach (var role in GovernanceRoleNames.Each)
            {
                var answer = await host.SendAsync(operation.Method, PathOf(operation), host.Token("f0000000-0000-0000-0000-000000000001", GovernanceRoleNames.NameOf(role)), operation.HasBody ? "{}" : null, ("If-Match", "\"none\""));
                if (operation.Roles.HasFlag(role))
                {
                    Assert.True(answer.Status is not (401 or 403 or 405 or >= 500), $"{operation.Id} by {role}: {answer}");
                }
                else
                {
                    Assert.True(answer is { Status: 403, Code: "role_missing" }, $"{operation.Id} by {role}: {answer}");
                    Assert.Equal(GovernanceRoleNames.NamesOf(operation.Roles), answer.Body.GetProperty("roles").EnumerateArray().Select(r => r.GetString()));
                }
            }

            var none = await host.SendAsync(operation.Method, PathOf(operation), host.Token("f0000000-0000-0000-0000-000000000001"));
            Assert.True(none is { Status: 403, Code: "role_missing" }, $"{operation.Id} without a role: {none}");
            var agent = await host.SendAsync(operation.Method, PathOf(operation), host.Issuer.Token());
            Assert.True(agent is { Status: 403, Code: "role_missing" }, $"{operation.Id} by an agent: {agent}");
        }
    }

    [Fact]
    public async Task AnAgentThatActsForAnAdministrator_IsNoAdministrator()
    {
        var claims = host.Issuer.DelegatedClaims(scope: "Mcp.Call");
        claims["roles"] = new System.Text.Json.Nodes.JsonArray("Governance.Admin");
        var answer = await host.GetAsync("me", host.Issuer.Token(claims));
        Assert.Equal((403, "insufficient_scope"), (answer.Status, answer.Code));
        Assert.Contains($"scope=\"api://{TestIssuer.Audience}/Governance.Manage\"", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnApplicationWithTheRole_NeedsNoScope()
    {
        var claims = host.Issuer.ApplicationClaims();
        claims["roles"] = new System.Text.Json.Nodes.JsonArray("Governance.Auditor");
        var answer = await host.GetAsync("me", host.Issuer.Token(claims));
        Assert.Equal(200, answer.Status);
        Assert.Equal("Governance.Auditor", answer.Body.GetProperty("roles")[0].GetString());
    }

    [Fact]
    public void NoOperationThatChanges_IsForReadersAlone()
    {
        Assert.Empty(host.Table.Operations.Where(o => o.Changes && o.Roles.HasFlag(GovernanceRoles.Auditor)).Select(o => o.Id));

        // Whoever reviews does that and nothing else.
        Assert.Equal(["answerReview", "answerReviews"], host.Table.Operations.Where(o => o.Changes && o.Roles.HasFlag(GovernanceRoles.Reviewer)).Select(o => o.Id));
        Assert.Empty(host.Table.Operations.GroupBy(o => o.Id).Where(g => g.Count() > 1).Select(g => g.Key));
    }
}
