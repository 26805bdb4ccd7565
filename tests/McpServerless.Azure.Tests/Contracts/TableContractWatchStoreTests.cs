using System.Text.Json;
using McpServerless.Azure.Contracts;
using McpServerless.Azure.Tests.Storage;
using McpServerless.Contracts.Watching;

namespace McpServerless.Azure.Tests.Contracts;

[Collection(AzuriteCollection.Name)]
public sealed class TableContractWatchStoreTests(AzuriteFixture azurite)
{
    private readonly TableContractWatchStore _store = new(azurite.NewAccount().Open());

    private static CancellationToken Ct => CancellationToken.None;

    private static ContractDrift Drift { get; } = new()
    {
        Upstream = "a|b/c",
        Tool = "büch?er#1",
        PinnedHash = "p",
        LiveHash = "l",
        Live = JsonElement.Parse("""{"name":"x","big":123456789012345678901234567890,"text":"ü\u200b"}"""),
        Verdict = DriftVerdict.Suspicious,
        State = DriftState.Quarantined,
        Rules = ["guard-hidden-text"],
        Findings = ["guard-hidden-text /text: U+200B"],
        Since = new DateTimeOffset(2026, 6, 1, 2, 3, 4, TimeSpan.Zero),
    };

    [Fact]
    public async Task BeforeAnythingWasFound_NothingIsKnown()
    {
        Assert.Empty(await _store.ReadHeldAsync(Ct));
        Assert.Empty(await _store.ReadDriftsAsync("a", Ct));
        Assert.Empty(await _store.ReadProgressAsync(Ct));
        Assert.Null(await _store.FindDriftAsync("a", "b", Ct));
        await _store.ReleaseAsync("a", "b", Ct);
        await _store.DeleteDriftAsync("a", "b", Ct);
    }

    [Fact]
    public async Task Drift_ComesBackAsItWasSaved_AndIsOnlyReplacedFromWhatWasRead()
    {
        var saved = await _store.SaveDriftAsync(Drift, Ct);
        Assert.NotNull(saved!.RowVersion);
        var read = Assert.Single(await _store.ReadDriftsAsync(Drift.Upstream, Ct));
        Assert.Equal(Drift.Live!.Value.GetRawText(), read.Live!.Value.GetRawText());
        Assert.Equal((Drift.Tool, Drift.PinnedHash, Drift.LiveHash, Drift.Verdict, Drift.State, Drift.Since, false), (read.Tool, read.PinnedHash, read.LiveHash, read.Verdict, read.State, read.Since, read.Announced));
        Assert.Equal(Drift.Rules, read.Rules);
        Assert.Equal(Drift.Findings, read.Findings);

        Assert.Null(await _store.SaveDriftAsync(Drift, Ct));
        var rejected = await _store.SaveDriftAsync(read with { State = DriftState.Rejected, LiveHash = null, Live = null, Announced = true }, Ct);
        Assert.Null(await _store.SaveDriftAsync(saved, Ct));
        Assert.Equal((DriftState.Rejected, null, null, true), (rejected!.State, rejected.LiveHash, rejected.Live?.GetRawText(), rejected.Announced));
        await _store.DeleteDriftAsync(Drift.Upstream, Drift.Tool, Ct);
        Assert.Empty(await _store.ReadDriftsAsync(Drift.Upstream, Ct));
        Assert.Null(await _store.SaveDriftAsync(rejected, Ct));
    }

    [Fact]
    public async Task DefinitionThatIsTooLong_IsLeftOut()
    {
        var live = JsonElement.Parse($$"""{"text":"{{new string('x', 500_000)}}"}""");
        var saved = await _store.SaveDriftAsync(Drift with { Live = live }, Ct);
        Assert.Null(saved!.Live);
        Assert.Equal("l", saved.LiveHash);
    }

    [Fact]
    public async Task HeldTools_AreReadTogether_AndProgressByUpstream()
    {
        await _store.HoldAsync(new HeldTool("a", "x", "p", null), Ct);
        await _store.HoldAsync(new HeldTool("a", "y", "p", "l"), Ct);
        await _store.HoldAsync(new HeldTool("a", "y", "q", "m"), Ct);
        Assert.Equal([new HeldTool("a", "x", "p", null), new HeldTool("a", "y", "q", "m")], await _store.ReadHeldAsync(Ct));
        await _store.ReleaseAsync("a", "x", Ct);
        Assert.Equal("y", Assert.Single(await _store.ReadHeldAsync(Ct)).Tool);

        var at = new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
        await _store.SaveProgressAsync(new WatchedUpstream("a", at, "upstream_timeout"), Ct);
        await _store.SaveProgressAsync(new WatchedUpstream("a", at.AddMinutes(5), null), Ct);
        Assert.Equal([new WatchedUpstream("a", at.AddMinutes(5), null)], await _store.ReadProgressAsync(Ct));
    }
}
