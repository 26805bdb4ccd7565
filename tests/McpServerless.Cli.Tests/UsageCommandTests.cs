using System.Text.Json;
using McpServerless.Audit;
using McpServerless.Audit.Shapes;
using McpServerless.Cli.Stores;
using McpServerless.Core.Tests.Audit;
using McpServerless.Core.Tests.Catalogue;
using McpServerless.Testing;

namespace McpServerless.Cli.Tests;

/// <summary>Whom a change hits, and what another model would have to get right, by what the ledger has.</summary>
public sealed class UsageCommandTests : IAsyncLifetime
{
    private const string ClientId = "33333333-3333-3333-3333-333333333333";
    private const string Days = "30";

    private static readonly string Good = RepositoryRoot.Combine("tests", "cases", "catalogue", "no-finding");

    private readonly SegmentShelf _ledger = new();
    private readonly TemporaryFolder _after = new TemporaryFolder().CopyFrom(Good);
    private CommandRun _run = null!;

    public async Task InitializeAsync()
    {
        _run = new CommandRun { Ledger = _ledger };
        Assert.Equal(0, await _run.RunAsync("apply", Good));
        _after.Write("forecast.yaml", (await File.ReadAllTextAsync(Path.Combine(Good, "forecast.yaml"))).TrimEnd() + "\n    required: [city]\n");
    }

    public Task DisposeAsync()
    {
        _after.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task WithoutACallInTheLedger_ItSaysThatNothingIsKnown()
    {
        Assert.Equal(1, await _run.RunAsync("diff", "catalogue", _after.Path, "--used-in-days", Days));
        Assert.Contains("whom this hits is not known", _run.Output, StringComparison.Ordinal);
        await CallAsync("another-tool", """{"city":"Bern"}""");
        Assert.Equal(1, await _run.RunAsync("plan", _after.Path, "--used-in-days", Days));
        Assert.Contains("Of 1 calls in the ledger", _run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Findings_NameClientsAndModels_AndWhatWouldNoLongerBeValid()
    {
        await CallAsync("forecast", """{"city":"Bern"}""");
        await CallAsync("forecast", "{}");
        await CallAsync("forecast", "{}", model: "model-2");
        await CallAsync("forecast", null);
        await CallAsync("forecast", "{}", refusal: "rate_limited");
        await CallAsync("forecast", "{}", daysAgo: 40);

        Assert.Equal(1, await _run.RunAsync("plan", _after.Path, "--used-in-days", Days));
        Assert.Contains("1 client(s) made 4 call(s) of these tools from 2026-05-03 to 2026-06-01; 2 would no longer be valid. For 1 of them no shape was recorded", _run.Output, StringComparison.Ordinal);
        Assert.Contains("model-1, model-2", _run.Output, StringComparison.Ordinal);

        Assert.Equal(1, await _run.RunAsync("diff", "catalogue", _after.Path, "--used-in-days", Days, "--format", "json"));
        using var json = JsonDocument.Parse(_run.Output);
        var use = Assert.Single(json.RootElement.GetProperty("usage").GetProperty("uses").EnumerateArray());
        Assert.Equal(("weather/forecast", ClientId, 4, 1, 2, 1, 1), (Text(use, "subject"), Text(use, "clientId"), Number(use, "calls"), Number(use, "stillValid"), Number(use, "noLongerValid"), Number(use, "cannotTell"), Number(use, "withoutShape")));
        Assert.Equal(1, Number(use.GetProperty("refused"), "rate_limited"));
        Assert.DoesNotContain("Bern", _run.Output, StringComparison.Ordinal);

        Assert.Equal(1, await _run.RunAsync("diff", "catalogue", _after.Path, "--used-in-days", Days, "--format", "markdown"));
        Assert.Contains("2 would no longer be valid", _run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ToolThatGoes_HitsEveryCall()
    {
        await CallAsync("forecast", """{"city":"Bern"}""");
        File.Delete(Path.Combine(_after.Path, "forecast.yaml"));
        await _run.RunAsync("diff", "catalogue", _after.Path, "--upstream", "weather", "--used-in-days", Days);
        Assert.Contains("1 would no longer be valid", _run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnotherModel_IsTriedOnTheRecordsFirst_AndRegisteredWithARecord()
    {
        await CallAsync("forecast", """{"city":"Bern"}""");
        await CallAsync("forecast", "{}", refusal: "arguments_invalid");
        Assert.Equal(0, await _run.RunAsync("client", "set-model", ClientId, "model-9", "--dry-run"));
        Assert.Contains("1 call(s) were refused for their arguments", _run.Output, StringComparison.Ordinal);
        Assert.Contains("Would register model-9", _run.Output, StringComparison.Ordinal);
        Assert.Null(Assert.Single(_run.Stores.Clients).ModelId);

        // The contract changes under the client: its calls are what breaks, whatever the model.
        Assert.Equal(0, await _run.RunAsync("apply", _after.Path, "--accept-breaking", "Everybody names a city."));
        await CallAsync("forecast", "{}");
        Assert.Equal(1, await _run.RunAsync("client", "set-model", ClientId, "model-9", "--dry-run", "-o", "json"));
        using var json = JsonDocument.Parse(_run.Output);
        Assert.Equal(1, Number(json.RootElement.GetProperty("replay").GetProperty("uses")[0], "noLongerValid"));

        Assert.Equal(2, await _run.RunAsync("client", "set-model", ClientId, "model-9"));
        Assert.Equal(1, await _run.RunAsync("client", "set-model", ClientId, "model-9", "--by", "pat@contoso.example"));
        Assert.Equal("model-9", Assert.Single(_run.Stores.Clients).ModelId);
        var record = _ledger.Segments.Where(s => s.ClientId == AuditRecord.Gateway).SelectMany(s => s.Records).Select(r => JsonDocument.Parse(r).RootElement).Single(r => Text(r, "event") == "administration" && r.GetProperty("details").GetProperty("happening").GetString() == "clientModelChanged");
        Assert.Equal(("clientModelChanged", "model-9", "pat@contoso.example"), (Text(record.GetProperty("details"), "happening"), Text(record.GetProperty("details"), "after"), Text(record.GetProperty("details"), "by")));
        Assert.Equal(1, await _run.RunAsync("client", "set-model", "99999999-9999-9999-9999-999999999999", "model-9", "--dry-run"));
    }

    [Fact]
    public async Task OneFile_IsTriedOnTheCallsOfTheLastDays()
    {
        await CallAsync("forecast", """{"city":"Bern"}""");
        using var folder = new TemporaryFolder();
        var grant = await File.ReadAllTextAsync(Path.Combine(Good, "grant.yaml"));
        var client = await File.ReadAllTextAsync(Path.Combine(Good, "agent.yaml"));
        folder.Write("grant.yaml", grant).Write("agent.yaml", client);
        Assert.True(await _run.RunAsync("simulate", Path.Combine(folder.Path, "grant.yaml"), "--days", Days) == 0, _run.Error);
        Assert.Contains("1 calls from", _run.Output, StringComparison.Ordinal);

        folder.Write("grant.yaml", grant + "\neffect: deny\n");
        Assert.Equal(1, await _run.RunAsync("simulate", Path.Combine(folder.Path, "grant.yaml"), "--days", Days, "-o", "json"));
        using var json = JsonDocument.Parse(_run.Output);
        var group = Assert.Single(json.RootElement.GetProperty("groups").EnumerateArray());
        Assert.Equal(("newlyRefused", "grant_missing", "forecast"), (Text(group, "verdict"), Text(group, "code"), Text(group, "name")));

        folder.Write("agent.yaml", client + "\nstate: suspended\n");
        Assert.Equal(1, await _run.RunAsync("simulate", Path.Combine(folder.Path, "agent.yaml"), "--days", Days));
        Assert.Contains("client_suspended", _run.Output, StringComparison.Ordinal);
        folder.Write("agent.yaml", client + "\nstate: suspendet\n");
        Assert.Equal(2, await _run.RunAsync("simulate", Path.Combine(folder.Path, "agent.yaml")));
        Assert.Contains("/state", _run.Error, StringComparison.Ordinal);
        Assert.Equal(2, await _run.RunAsync("simulate", Path.Combine(Good, "forecast.yaml")));
        Assert.Contains("Client or Grant", _run.Error, StringComparison.Ordinal);
        Assert.Equal(["forecast"], Assert.Single(_run.Stores.Grants).Tools);
    }

    private async Task CallAsync(string tool, string? arguments, string? refusal = null, string model = "model-1", int daysAgo = 0)
    {
        var at = FixedTime.June2026.GetUtcNow().AddDays(-daysAgo);
        var time = new FixedTime(at);
        Assert.True(await OperatorLedger.AppendAsync(
            _ledger,
            time,
            new AuditRecord
            {
                RecordId = Guid.CreateVersion7(at),
                RequestId = Guid.CreateVersion7(at),
                Time = at,
                Event = AuditEvent.Outcome,
                TenantId = "11111111-1111-1111-1111-111111111111",
                ClientId = ClientId,
                ModelId = model,
                Server = "desk",
                Method = "tools/call",
                Tool = tool,
                Decision = refusal is null ? "allowed" : "refused",
                RefusalCode = refusal,
                GrantId = refusal is null ? "desk-agent" : null,
                ArgumentShapeJson = arguments is null ? default : ArgumentShape.Of(JsonElement.Parse(arguments)).ToJson(),
            },
            CancellationToken.None));
    }

    private static string? Text(JsonElement owner, string name) => owner.GetProperty(name).GetString();

    private static int Number(JsonElement owner, string name) => owner.GetProperty(name).GetInt32();
}
