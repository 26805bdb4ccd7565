using System.Text.Json;
using McpServerless.Audit;
using McpServerless.Core.Tests.Catalogue;
using McpServerless.Testing;

namespace McpServerless.Cli.Tests;

public sealed class ListCommandTests
{
    private const string Agent = "33333333-3333-3333-3333-333333333333";

    private readonly CommandRun _run = new();

    [Fact]
    public async Task CatalogueShow_BeforeTheFirstApply_EndsWith1()
    {
        Assert.Equal(1, await _run.RunAsync("catalogue", "show"));
        Assert.Contains("no catalogue has been applied", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CatalogueClientsAndGrants_AreShownAsTablesAndAsJson()
    {
        await _run.RunAsync("apply", RepositoryRoot.Combine("samples", "catalogue"));

        Assert.Equal(0, await _run.RunAsync("catalogue", "show"));
        Assert.Contains("get-structured-content", _run.Output, StringComparison.Ordinal);
        Assert.Contains("completable-prompt", _run.Output, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("catalogue", "show", "-o", "json"));
        Assert.Equal("high", Item("tools", "get-env").GetProperty("sensitivity").GetString());
        Assert.True(Item("prompts", "args-prompt").GetProperty("definition").GetProperty("arguments")[0].GetProperty("required").GetBoolean());
        Assert.Equal("features.md", Item("resources", "demo://resource/static/document/features.md").GetProperty("definition").GetProperty("name").GetString());
        var server = JsonDocument.Parse(_run.Output).RootElement.GetProperty("servers")[0];
        Assert.Equal("everything", server.GetProperty("prompts")[0].GetProperty("upstream").GetString());
        Assert.Equal("*", server.GetProperty("resources")[0].GetProperty("uris")[0].GetString());
        Assert.Equal("elicitation", server.GetProperty("clientRequests")[0].GetString());

        Assert.Equal(0, await _run.RunAsync("client", "list"));
        Assert.Contains("Sample agent", _run.Output, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("client", "show", Agent, "-o", "json"));
        Assert.Equal("active", JsonDocument.Parse(_run.Output).RootElement.GetProperty("clients")[0].GetProperty("state").GetString());
        Assert.Equal(1, await _run.RunAsync("client", "show", "55555555-5555-5555-5555-555555555555"));

        Assert.Equal(0, await _run.RunAsync("grant", "list", "--client", Agent));
        // Cells are wrapped at their spaces.
        Assert.All((string[])["get-structured-content,", "completable-prompt"], text => Assert.Contains(text, _run.Output, StringComparison.Ordinal));
        Assert.Equal(0, await _run.RunAsync("grant", "list", "--client", Agent, "-o", "json"));
        var grant = JsonDocument.Parse(_run.Output).RootElement[0];
        Assert.Equal("simple-prompt", grant.GetProperty("prompts")[0].GetString());
        Assert.Equal("demo://resource/dynamic/text/*", grant.GetProperty("resources")[1].GetString());
        Assert.Equal(0, await _run.RunAsync("grant", "list", "-o", "json"));
        Assert.Equal(2, JsonDocument.Parse(_run.Output).RootElement.GetArrayLength());

        JsonElement Item(string kind, string name) =>
            JsonDocument.Parse(_run.Output).RootElement.GetProperty(kind).EnumerateArray().Single(t => t.GetProperty("name").GetString() == name);
    }

    [Fact]
    public async Task AuditList_IsOldestFirst_OverAllClients_WithoutIntents()
    {
        Add(Agent, Record(2, "echo"), Record(1, "get-sum", AuditEvent.Intent), Record(3, "get-env", refusal: "grant_missing"));
        Add(AuditRecord.NoClient, Record(0, null, refusal: "invalid_token") with { ClientId = null });

        Assert.Equal(0, await _run.RunAsync("audit", "list", "--day", "2026-06-01"));

        var rows = _run.Output.Split('\n').Where(l => l.Contains("00:00:0", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, rows.Count);
        Assert.Contains("(no valid token)", rows[0], StringComparison.Ordinal);
        Assert.Contains("echo", rows[1], StringComparison.Ordinal);
        Assert.Contains("1.5 ms", rows[1], StringComparison.Ordinal);
        Assert.Contains("grant_missing", rows[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task AuditList_TakesTheLast_OfOneClient_AsTheRecordsWereWritten()
    {
        Add(Agent, Record(1, "echo"), Record(2, "get-sum"));
        Add("other", Record(3, "get-env"));

        Assert.Equal(0, await _run.RunAsync("audit", "list", "--day", "2026-06-01", "--client", Agent, "--last", "1", "-o", "json"));

        var record = Assert.Single(JsonDocument.Parse(_run.Output).RootElement.EnumerateArray());
        Assert.Equal("get-sum", record.GetProperty("tool").GetString());
        Assert.Equal("1", record.GetProperty("schemaVersion").GetString());
    }

    [Fact]
    public async Task AuditList_WithoutADay_IsOfToday_AndWithoutRecordsIsEmpty()
    {
        Assert.Equal(0, await _run.RunAsync("audit", "list", "-o", "json"));
        Assert.Equal("[]", _run.Output.Trim());
    }

    [Fact]
    public async Task AuditList_ShowsNoControlCharacters()
    {
        Add(Agent, Record(1, "echo\u001b[31m"));

        await _run.RunAsync("audit", "list");

        Assert.DoesNotContain('\u001b', _run.Output);
    }

    [Fact]
    public async Task AuditList_InAnOutage_NamesTheCause_InOneLine()
    {
        _run.Audit.IsOut = true;

        Assert.Equal(2, await _run.RunAsync("audit", "list"));
        Assert.Equal("mcpgov: the storage account cannot be used: Table Audit could not be read: 503. (no route)", _run.Error.Trim());
    }

    private void Add(string client, params AuditRecord[] records) => _run.Audit.Segments.Add(new AuditSegment
    {
        Day = "20260601",
        ClientId = client,
        Writer = new string('a', 32),
        FirstSequence = 1,
        Records = [.. records.Select((r, i) => (ReadOnlyMemory<byte>)r.ToJson(new string('a', 32), i + 1, ""))],
        LastHash = "",
    });

    private static AuditRecord Record(int second, string? tool, AuditEvent kind = AuditEvent.Outcome, string? refusal = null) => new()
    {
        RecordId = Guid.CreateVersion7(),
        RequestId = Guid.CreateVersion7(),
        Time = FixedTime.June2026.Now.AddSeconds(second),
        Event = kind,
        Server = "demo",
        ClientId = Agent,
        Method = "tools/call",
        Tool = tool,
        Decision = refusal is null ? "allowed" : "refused",
        RefusalCode = refusal,
        DurationMicroseconds = 1500,
    };
}
