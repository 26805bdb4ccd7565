using System.Text;
using System.Text.Json.Nodes;
using McpServerless.Audit;
using McpServerless.Audit.Indexing;
using McpServerless.Audit.Queries;
using McpServerless.Audit.Retention;
using McpServerless.Core.Tests.Audit.Indexing;

namespace McpServerless.Core.Tests.Audit;

/// <summary>What is purged is gone, what is not stays verifiable, and nobody can purge but by a record.</summary>
public sealed class LedgerPurgeTests : IAsyncLifetime
{
    private readonly RetentionShelf _retention = new();
    private readonly IndexShelf _index = new();

    private WrittenLedger _ledger = null!;

    private static CancellationToken Ct => CancellationToken.None;

    public async Task InitializeAsync()
    {
        _ledger = await WrittenLedger.WriteAsync();
        using var more = await _ledger.StartAsync();
        for (var i = 0; i < 12; i++)
        {
            var record = _ledger.Record("client-1", Guid.CreateVersion7(_ledger.Time.GetUtcNow()), AuditEvent.Outcome);
            Assert.True(await more.AppendAsync(i % 3 == 1 ? record with { Decision = "refused", RefusalCode = "tool_unknown" } : record, Ct).AsTask().WaitAsync(WrittenLedger.Limit));
        }

        await more.StopAsync(Ct).WaitAsync(WrittenLedger.Limit);
    }

    public Task DisposeAsync()
    {
        _ledger.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task WhatIsOver_IsPurged_TheRestStays_AndTheLedgerVerifies()
    {
        var before = Calls();
        var refused = before.Count(r => r.Contains("\"refused\"", StringComparison.Ordinal));
        Assert.Equal(before.Count - refused, await PurgeAsync(new RetentionOptions { ReadDays = 30, CallDays = 30 }));
        var left = Calls();
        Assert.Equal(refused, left.Count(r => !r.StartsWith("{\"classes\"", StringComparison.Ordinal)));
        Assert.Contains(left, r => r.Contains("\"policy\":\"call=30d read=30d\"", StringComparison.Ordinal));
        var report = await _ledger.VerifyAsync();
        Assert.Empty(report.Findings.Where(f => f.IsAlarm).Select(f => f.ToString()));
        Assert.Equal(before.Count - refused, report.Purged);
        // A second run finds nothing, and one by a shorter retention of another class takes the rest.
        Assert.Equal(0, await PurgeAsync(new RetentionOptions { ReadDays = 30, CallDays = 30 }));
        Assert.Equal(refused, await PurgeAsync(new RetentionOptions { ReadDays = 30, CallDays = 30, RefusalDays = 30 }));
        Assert.Empty((await _ledger.VerifyAsync()).Findings.Where(f => f.IsAlarm).Select(f => f.ToString()));
    }

    [Fact]
    public async Task WithoutRetention_OrBeforeItsTime_NothingIsPurged()
    {
        Assert.Equal(0, await PurgeAsync(new RetentionOptions()));
        Assert.Equal(0, await PurgeAsync(new RetentionOptions { ReadDays = 3650, CallDays = 3650 }));
    }

    [Fact]
    public async Task ABoundedRun_IsGoneOnWith_AndAHold_IsPassedOverUntilItEnds()
    {
        var hold = new LegalHold("h", "client-1", new DateOnly(2026, 11, 1), new DateOnly(2026, 12, 31), "case 7", "pat", _ledger.Time.GetUtcNow());
        await _retention.SaveHoldAsync(hold, Ct);
        var options = new RetentionOptions { ReadDays = 30, CallDays = 30, RefusalDays = 30, MaxRecordsPerRun = 1 };
        var total = 0L;
        for (long purged; (purged = await PurgeAsync(options)) > 0;) total += purged;
        Assert.True(total > 0);
        Assert.DoesNotContain(Segments("client-1").SelectMany(s => s.Records), r => Tombstone.Is(r.Span));
        Assert.All(Segments("client-0").SelectMany(s => s.Records), r => Assert.True(Tombstone.Is(r.Span)));
        Assert.Empty((await _ledger.VerifyAsync()).Findings.Where(f => f.IsAlarm).Select(f => f.ToString()));

        await _retention.RemoveHoldAsync("h", Ct);
        await _retention.SaveProgressAsync(new Dictionary<string, DateOnly>(), Ct);
        while (await PurgeAsync(options) > 0)
        {
        }

        Assert.All(Segments("client-1").SelectMany(s => s.Records), r => Assert.True(Tombstone.Is(r.Span)));
    }

    [Fact]
    public async Task ADayThatWasTamperedWith_StaysAsItIs()
    {
        var segment = Segments("client-1").First();
        _ledger.Store.Put(segment with { Records = [Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(segment.Records[0].Span).Replace("hello", "jello", StringComparison.Ordinal)), .. segment.Records.Skip(1)] });
        Assert.Equal(0, await PurgeAsync(new RetentionOptions { ReadDays = 30, CallDays = 30, RefusalDays = 30 }));
        Assert.True((await _ledger.VerifyAsync()).Alarms > 0);
        Assert.Contains(_ledger.Store.Segments.SelectMany(s => s.Records), r => Encoding.UTF8.GetString(r.Span).Contains("\"what\":\"not purged\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("made by hand", "tombstone_unlawful")]
    [InlineData("hash after", "chain_broken")]
    [InlineData("hash before", "chain_broken")]
    [InlineData("longer", "sequence_wrong")]
    [InlineData("policy", "tombstone_unlawful")]
    [InlineData("purge record gone", "tombstone_unlawful")]
    [InlineData("moved", "sequence_wrong")]
    public async Task AnUnlawfulTombstone_IsNamed(string how, string rule)
    {
        if (how == "made by hand")
        {
            var victim = Segments("client-1").First(s => s.Records.Count > 1);
            var stone = new Tombstone
            {
                Writer = victim.Writer,
                FirstSequence = victim.FirstSequence,
                LastSequence = victim.FirstSequence,
                HashBefore = JsonNode.Parse(victim.Records[0].Span)!["previousHash"]!.GetValue<string>(),
                HashAfter = CanonicalJson.Hash(victim.Records[0].Span),
                Digest = "",
                Classes = new Dictionary<string, int> { ["call"] = 1 },
                PurgedAt = _ledger.Time.GetUtcNow(),
                Policy = "mine",
            };
            _ledger.Store.Put(victim with { Records = [stone.ToJson(), .. victim.Records.Skip(1)] });
        }
        else
        {
            await PurgeAsync(new RetentionOptions { ReadDays = 30, CallDays = 30 });
            if (how == "purge record gone")
            {
                foreach (var own in Segments(AuditRecord.Gateway).Where(s => s.Records.Any(r => Encoding.UTF8.GetString(r.Span).Contains("ledgerPurged", StringComparison.Ordinal))).ToList()) _ledger.Store.Remove(own);
            }
            else
            {
                var segment = Segments("client-1").First(s => Tombstone.Is(s.Records[0].Span) && s.FirstSequence > 1);
                var stone = Tombstone.Read(segment.Records[0])!;
                stone = how switch
                {
                    "hash after" => stone with { HashAfter = new string('0', 64) },
                    "hash before" => stone with { HashBefore = new string('0', 64) },
                    "longer" => stone with { LastSequence = stone.LastSequence + 1 },
                    "moved" => stone with { FirstSequence = stone.FirstSequence - 1 },
                    _ => stone with { Policy = "another" },
                };
                // One after it shows what it says of its end.
                _ledger.Store.Put(segment with { Records = [stone.ToJson(), .. segment.Records.Skip(1)] });
            }
        }

        var report = await _ledger.VerifyAsync();
        Assert.Contains(report.Findings, f => f.IsAlarm && (f.Rule == rule || f.Rule is "tombstone_unlawful"));
    }

    [Fact]
    public async Task WhatIsGone_IsGoneFromTheIndexAndFromAnswersToo()
    {
        foreach (var writer in _ledger.Store.Segments.Select(s => (s.Day, s.Writer)).Distinct())
        {
            await IndexRepair.CompleteAsync(_ledger.Store, _index, new IndexMark(writer.Day, writer.Writer, new Dictionary<string, long>(), IsClosed: false), Ct);
        }

        var query = new AuditQuery { From = _ledger.Time.GetUtcNow().AddDays(-9), Until = _ledger.Time.GetUtcNow().AddDays(1), Tool = "echo", WithIntents = true };
        Assert.NotEmpty((await new AuditSearch(_ledger.Store, _index).PageAsync(query, null, 1000, Ct)).Records);
        await PurgeAsync(new RetentionOptions { ReadDays = 30, CallDays = 30, RefusalDays = 30 });
        Assert.Empty((await new AuditSearch(_ledger.Store, _index).PageAsync(query, null, 1000, Ct)).Records);
        Assert.Empty(await _index.FindAsync("20261121", IndexKind.Tool, "echo", Ct).ToListAsync(Ct));
        Assert.All(_index.Marks.Where(m => m.Day == "20261121"), m => Assert.True(m.IsClosed));
    }

    private IEnumerable<AuditSegment> Segments(string client) => _ledger.Store.Segments.Where(s => s.ClientId == client);

    private List<string> Calls() => [.. _ledger.Store.Segments.Where(s => s.ClientId != AuditRecord.Gateway).SelectMany(s => s.Records).Select(r => Encoding.UTF8.GetString(r.Span))];

    private Task<long> PurgeAsync(RetentionOptions options) => _ledger.PurgeAsync(options, _retention, _index);
}
