using McpServerless.Azure.Management;
using McpServerless.Azure.Tests.Storage;
using McpServerless.Management;

namespace McpServerless.Azure.Tests.Management;

[Collection(AzuriteCollection.Name)]
public sealed class TableIdempotencyStoreTests(AzuriteFixture azurite)
{
    private static readonly CancellationToken Ct = CancellationToken.None;
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TableIdempotencyStore _store = new(azurite.NewAccount().Open());

    private static KeptRequest Request(string key = "k/1", string caller = "t|c|o") => new(caller, key, "digest", Now.AddMinutes(5));

    [Fact]
    public async Task OfManyAtOnce_OneTakesTheKey_AndTheAnswerIsKeptAsItWas()
    {
        var taken = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _store.TakeAsync(Request(), Now, Ct).AsTask()));
        Assert.Single(taken, t => t is null);
        Assert.All(taken.Where(t => t is not null), t => Assert.Null(t!.Answer));

        var answer = new KeptAnswer(201, new Dictionary<string, string> { ["ETag"] = "\"x\"" }, "application/json", $$"""{"text":"{{new string('ü', 50_000)}}"}""");
        await _store.KeepAsync(Request() with { Until = Now.AddHours(24), Answer = answer }, Ct);
        var kept = await _store.TakeAsync(Request(), Now.AddHours(23), Ct);
        Assert.Equal((201, "\"x\"", "application/json", answer.Body, "digest"), (kept!.Answer!.Status, kept.Answer.Headers["ETag"], kept.Answer.ContentType, kept.Answer.Body, kept.Digest));
        Assert.Null(await _store.TakeAsync(Request(caller: "another"), Now, Ct));
    }

    [Fact]
    public async Task AKeyPastItsTime_IsAsNew_ForOneOfThoseWhoWantIt()
    {
        Assert.Null(await _store.TakeAsync(Request(), Now, Ct));
        var later = Now.AddMinutes(6);
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _store.TakeAsync(Request() with { Until = later.AddMinutes(5) }, later, Ct).AsTask()));
        Assert.Single(taken, t => t is null);
    }

    [Fact]
    public async Task WhatIsReleasedOrPurged_IsGone()
    {
        Assert.Null(await _store.TakeAsync(Request(), Now, Ct));
        await _store.ReleaseAsync(Request(), Ct);
        Assert.Null(await _store.TakeAsync(Request(), Now, Ct));
        Assert.Null(await _store.TakeAsync(Request("k2") with { Until = Now.AddDays(1) }, Now, Ct));
        Assert.Equal(1, await _store.PurgeAsync(Now.AddHours(1), Ct));
        Assert.Null(await _store.TakeAsync(Request(), Now.AddHours(1), Ct));
        Assert.NotNull(await _store.TakeAsync(Request("k2"), Now.AddHours(1), Ct));
    }
}
