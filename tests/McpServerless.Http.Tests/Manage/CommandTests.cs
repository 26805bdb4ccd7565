using System.Text.Json;
using McpServerless.Cli;
using McpServerless.Cli.Stores;

namespace McpServerless.Http.Tests.Manage;

/// <summary><c>mcpgov</c> through the management API: what it shows is what it shows at the storage account.</summary>
public sealed class CommandTests(ManageHost host) : IClassFixture<ManageHost>
{
    private const string Agent = ManageHost.SupportClient;

    public static TheoryData<string[]> Questions => new()
    {
        { ["client", "list"] },
        { ["client", "show", Agent] },
        { ["grant", "list"] },
        { ["grant", "list", "--client", Agent] },
        { ["grant", "requests", "--all"] },
        { ["review", "list", "--all"] },
        { ["review", "list", "--campaign", ManageHost.Campaign, "--reviewer", ManageHost.OtherOwnerId] },
        { ["notice", "list", "--all"] },
        { ["budget", "show", Agent] },
        { ["can", Agent, "lookup", "{}"] },
        { ["can", Agent, "pay", "--delegated", "--scope", "More", "--address", "10.1.2.3", "--token-age", "5"] },
        { ["can", Agent, "no-such-tool"] },
        { ["who-can", "lookup"] },
        { ["review", "show", ManageHost.Campaign, Agent, ManageHost.Server, "none"] },
        { ["client", "show", "00000000-0000-0000-0000-00000000dead"] },
        { ["grant", "show", Agent, "none"] },
    };

    [Theory]
    [MemberData(nameof(Questions))]
    public async Task WhatIsShown_IsTheSameThroughTheGateway(string[] command)
    {
        foreach (var output in (string[])["json", "table"])
        {
            var (stored, told) = (await RunAsync(null, [.. command, "-o", output]), await RunAsync(host.Admin, [.. command, "-o", output]));
            Assert.True(stored.Exit is ExitCode.Ok or ExitCode.Findings, stored.Error);
            Assert.Equal((stored.Exit, stored.Output), (told.Exit, told.Output));
            Assert.Equal(stored.Error, told.Error);
        }
    }

    [Fact]
    public async Task AReview_IsLookedAt_Answered_AndReported_ByWhoeverTheTokenProves()
    {
        await host.Access.SaveGrantAsync(ManageHost.Grant("told", Agent, "lookup", "close"), CancellationToken.None);
        await host.SeedReviewAsync(ManageHost.Review("told", Agent, "told"));
        var sheet = await RunAsync(host.Owner, "review", "show", "told", Agent, ManageHost.Server, "told");
        Assert.True(sheet.Exit == ExitCode.Ok && sheet.Output.Contains("Agent of support", StringComparison.Ordinal), sheet.Error + sheet.Output);

        var foreign = await RunAsync(host.OtherOwner, "review", "answer", "revoke", "--campaign", "told", "--reason", "r");
        Assert.Equal((ExitCode.Findings, "mcpgov: no open review fits"), (foreign.Exit, foreign.Error.Trim()));
        var auditor = await RunAsync(host.Auditor, "review", "answer", "revoke", "--campaign", "told", "--reason", "r");
        Assert.True(auditor.Exit == ExitCode.Findings && auditor.Error.Contains("role_missing", StringComparison.Ordinal), auditor.Error);
        var named = await RunAsync(host.Owner, "review", "answer", "keep", "--campaign", "told", "--reason", "r", "--by", "somebody");
        Assert.Equal(ExitCode.UsageOrOutage, named.Exit);

        var answered = await RunAsync(host.Owner, "review", "answer", "reduce", "--campaign", "told", "--leave", "lookup", "--reason", "Only this.");
        Assert.True(answered.Exit == ExitCode.Ok, answered.Error);
        Assert.Equal(["lookup"], (await host.Editor.FindGrantAsync(Agent, ManageHost.Server, "told", CancellationToken.None))!.Value.Tools);
        var report = await RunAsync(host.Auditor, "review", "report", "told");
        using var json = JsonDocument.Parse(report.Output);
        Assert.Equal(ManageHost.OwnerId, json.RootElement.GetProperty("reviews")[0].GetProperty("answeredBy").GetString());
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.html");
        try
        {
            Assert.Equal(ExitCode.Ok, (await RunAsync(host.Reviewer, "review", "report", "told", "--html", file)).Exit);
            Assert.Contains("Only this.", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }

        var opened = await RunAsync(host.Admin, "review", "open", "through-it", "--reason", "r");
        Assert.True(opened.Exit == ExitCode.Ok, opened.Error);
    }

    [Fact]
    public async Task AGrantsTag_IsForChangesByTheSameWay()
    {
        await host.Access.SaveGrantAsync(ManageHost.Grant("tagged", Agent, "lookup"), CancellationToken.None);
        var shown = await RunAsync(host.Admin, "grant", "show", Agent, "tagged");
        using var json = JsonDocument.Parse(shown.Output);
        var tag = json.RootElement[0].GetProperty("etag").GetString()!;
        Assert.Equal(ExitCode.Findings, (await RunAsync(host.Admin, "grant", "revoke", Agent, "tagged", "--reason", "r", "--if-match", "\"other\"")).Exit);
        var revoked = await RunAsync(host.Admin, "grant", "revoke", Agent, "tagged", "--reason", "r", "--if-match", tag);
        Assert.True(revoked.Exit == ExitCode.Ok, revoked.Error);
    }

    [Fact]
    public async Task WhatTheGatewayAnswersForItself_CannotBeSupposed()
    {
        Assert.Equal(ExitCode.UsageOrOutage, (await RunAsync(host.Admin, "who-can", "lookup", "--delegated")).Exit);
        Assert.Equal(ExitCode.UsageOrOutage, (await RunAsync(host.Admin, "can", Agent, "lookup", "--environment", "production")).Exit);
        var owner = await RunAsync(host.OtherOwner, "client", "list", "-o", "json");
        using var json = JsonDocument.Parse(owner.Output);
        Assert.Equal([ManageHost.PaymentsClient], json.RootElement.EnumerateArray().Select(c => c.GetProperty("clientId").GetString()));
    }

    /// <param name="token">Null for the storage account.</param>
    private async Task<(int Exit, string Output, string Error)> RunAsync(string? token, params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var mcpgov = new Mcpgov(TableStores.Open, TimeProvider.System, output, error, name => name switch
        {
            "MCPGOV_CONNECTION_STRING" when token is null => host.Azurite.ConnectionString,
            "MCPGOV_GATEWAY" when token is not null => host.Url.ToString(),
            "MCPGOV_TOKEN" => token,
            _ => null,
        });
        return (await mcpgov.RunAsync(arguments), output.ToString(), error.ToString());
    }
}
