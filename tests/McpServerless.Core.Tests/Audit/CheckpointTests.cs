using System.Security.Cryptography;
using McpServerless.Audit;
using McpServerless.Audit.Checkpoints;

namespace McpServerless.Core.Tests.Audit;

/// <summary>Checkpoints, their signatures, and what they say of instances that died.</summary>
public sealed class CheckpointTests
{
    [Fact]
    public async Task CheckpointsThatWereChanged_AreFound_ByteByByte()
    {
        using var ledger = await WrittenLedger.WriteAsync();
        var random = new Random(7);
        for (var i = 0; i < 300; i++)
        {
            var number = random.Next(1, 8);
            var file = (await ledger.Checkpoints.ReadAsync(number, default))!.Value.ToArray();
            file[random.Next(file.Length)] ^= (byte)(1 << random.Next(8));
            var report = await ledger.VerifyAsync(checkpoints: new Changed(ledger.Checkpoints, number, file));
            Assert.Contains(report.Findings, f => f.IsAlarm && f.Rule.StartsWith("checkpoint_", StringComparison.Ordinal) && f.Message.Contains($"checkpoint {number}", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(6)]
    public async Task CheckpointThatIsMissing_IsFound(int number)
    {
        using var ledger = await WrittenLedger.WriteAsync();
        var report = await ledger.VerifyAsync(checkpoints: new Changed(ledger.Checkpoints, number, null));
        Assert.Contains(report.Findings, f => f.IsAlarm && f.Rule == "checkpoint_missing" && f.Message.Contains($"checkpoint {number} ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task LastCheckpointThatIsMissing_IsFound_BecauseTheLedgerNamesIt()
    {
        using var ledger = await WrittenLedger.WriteAsync();
        var report = await ledger.VerifyAsync(checkpoints: new Changed(ledger.Checkpoints, 7, null) { Last = 6 });
        Assert.Contains(report.Findings, f => f.IsAlarm && f.Rule == "checkpoint_missing");
    }

    [Fact]
    public async Task CheckpointOfAnotherKey_IsFound()
    {
        using var ledger = await WrittenLedger.WriteAsync();
        var report = await ledger.VerifyAsync(keys: new Dictionary<string, ECDsa>());
        Assert.Equal(7, report.Findings.Count(f => f.IsAlarm && f.Rule == "checkpoint_key"));
    }

    [Fact]
    public async Task EveryCheckpoint_IsOverTheOneBefore()
    {
        using var ledger = await WrittenLedger.WriteAsync();
        var hash = "";
        for (var number = 1; number <= 7; number++)
        {
            var file = (await ledger.Checkpoints.ReadAsync(number, default))!.Value;
            var checkpoint = Checkpoint.Read(file)!;
            Assert.Equal((number, hash), (checkpoint.Number, checkpoint.PreviousHash));
            Assert.True(checkpoint.IsSignedBy(ledger.Keys.Values.Single()));
            hash = CanonicalJson.Hash(file.Span);
        }
    }

    [Fact]
    public async Task InstanceThatDied_IsNamedOnce_WithHowFarItsChainsAre()
    {
        using var ledger = new WrittenLedger();
        var died = await ledger.StartAsync();
        await ledger.CallsAsync(died, 6, 0);
        // It never ends: its process is gone as far as the ledger can tell.
        ledger.Time.Advance(TimeSpan.FromMinutes(20));
        using var other = await ledger.StartAsync();
        await ledger.CheckpointAsync(other, lostAfterSeconds: 300);
        await ledger.CheckpointAsync(other, lostAfterSeconds: 300);

        var lost = ledger.Store.Segments.Where(s => s.Writer == other.Writer).SelectMany(s => s.Records).Select(r => System.Text.Json.JsonDocument.Parse(r).RootElement)
            .Where(r => r.GetProperty("event").GetString() == "writerLost").ToList();
        var details = Assert.Single(lost).GetProperty("details");
        Assert.Equal(died.Writer, details.GetProperty("lost").GetString());
        Assert.Equal(["client-0", "client-1", "client-2", "gateway"], ChainHead.ReadFrom(details)!.Select(h => h.ClientId));

        var report = await ledger.VerifyAsync();
        Assert.Equal(0, report.Alarms);
        Assert.Contains(report.Findings, f => f.Rule == "writer_lost" && f.Place.Writer == died.Writer);

        // What was still there when it was named cannot be taken off any more.
        var tail = ledger.Store.Segments.Where(s => s.Writer == died.Writer && s.ClientId == "client-1").MaxBy(s => s.FirstSequence)!;
        ledger.Store.Remove(tail);
        Assert.Contains((await ledger.VerifyAsync()).Findings, f => f.IsAlarm && f.Rule is "tail_missing" or "chain_missing" && f.Place.ClientId == "client-1");
        await other.StopAsync(default);
        await died.StopAsync(default);
        died.Dispose();
    }

    [Fact]
    public async Task CallWhoseEndIsNotOnRecord_IsNamed()
    {
        using var ledger = new WrittenLedger();
        using var instance = await ledger.StartAsync();
        var request = Guid.CreateVersion7();
        Assert.True(await instance.AppendAsync(ledger.Record("client-1", request, AuditEvent.Intent), default));
        await instance.StopAsync(default);
        var report = await ledger.VerifyAsync();
        Assert.Equal(0, report.Alarms);
        Assert.Contains(report.Findings, f => f.Rule == "intent_open" && f.Message.Contains(request.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task OfTwoTimersAtOnce_OneMakesTheCheckpoint()
    {
        using var ledger = new WrittenLedger();
        using var instance = await ledger.StartAsync();
        var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => ledger.CheckpointAsync(instance))));
        var numbers = made.Where(n => n is not null).ToList();
        Assert.Equal(numbers.Count, numbers.Distinct().Count());
        Assert.Equal(numbers.Max(), await ledger.Checkpoints.FindLastAsync(default));
        await instance.StopAsync(default);
        Assert.Equal(0, (await ledger.VerifyAsync()).Alarms);
    }

    [Fact]
    public async Task FolderAndKeyThatCannotBeUsed_AreAnOutage()
    {
        var file = Path.GetTempFileName();
        var folder = new CheckpointFolder(Path.Combine(file, "under-a-file"));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await folder.AddAsync(1, "{}"u8.ToArray(), default));
        using var key = new CheckpointKeyFile(file);
        Assert.Throws<StoreUnavailableException>(() => key.PublicKey);
        File.Delete(file);
    }

    private sealed class Changed(ICheckpointReader reader, long number, byte[]? file) : ICheckpointReader
    {
        public long? Last { get; init; }

        public async ValueTask<long> FindLastAsync(CancellationToken ct) => Last ?? await reader.FindLastAsync(ct);

        public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(long wanted, CancellationToken ct)
        {
            if (wanted != number) return await reader.ReadAsync(wanted, ct);
            if (file is null) return null;
            return file;
        }

        public ValueTask<IReadOnlyList<string>> ReadKeysAsync(CancellationToken ct) => reader.ReadKeysAsync(ct);
    }
}
