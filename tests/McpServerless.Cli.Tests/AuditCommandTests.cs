using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using McpServerless.Core.Tests.Audit;

namespace McpServerless.Cli.Tests;

/// <summary>Verifying, exporting and asking, on a ledger as instances write it.</summary>
public sealed class AuditCommandTests : IAsyncLifetime
{
    private static readonly string[] Days = ["--from", "2026-11-21", "--to", "2026-11-23"];

    private WrittenLedger _ledger = null!;
    private CommandRun _run = null!;

    private string Export => Path.Combine(_ledger.Folder, "export.zip");

    private string Checkpoints => Path.Combine(_ledger.Folder, "checkpoints");

    public async Task InitializeAsync()
    {
        _ledger = await WrittenLedger.WriteAsync();
        _run = new CommandRun { Ledger = _ledger.Store };
    }

    public Task DisposeAsync()
    {
        _ledger.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Verify_OfAnUntouchedLedger_EndsWith0_AndSaysWhatItSaw()
    {
        Assert.Equal(0, await RunAsync("verify", "--checkpoints", Checkpoints));
        Assert.Contains("7 checkpoints, 0 alarm(s)", _run.Output, StringComparison.Ordinal);
        Assert.Contains("Signed up to checkpoint 7", _run.Output, StringComparison.Ordinal);
        Assert.Contains("records/s", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_OfAChangedLedger_EndsWith1_AndNamesTheFirstBadRecord()
    {
        var segment = _ledger.Store.Segments.First(s => s.ClientId == "client-1");
        var records = segment.Records.ToList();
        records[0] = System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(records[0].Span).Replace("hello", "jello", StringComparison.Ordinal));
        _ledger.Store.Put(segment with { Records = records });

        Assert.Equal(1, await RunAsync("verify", "--checkpoints", Checkpoints));
        Assert.Contains($"First: ALARM", _run.Output, StringComparison.Ordinal);
        Assert.Contains($"20261121/client-1/{segment.Writer}/", _run.Output, StringComparison.Ordinal);
        Assert.Equal(1, await RunAsync("verify", "-o", "json"));
        Assert.True(JsonDocument.Parse(_run.Output).RootElement.GetProperty("alarms").GetInt32() > 0);
    }

    [Fact]
    public async Task Export_IsVerifiedOffline_AndAnyChangeOfItIsFound()
    {
        Assert.Equal(0, await RunAsync("export", Export, "--checkpoints", Checkpoints));
        var key = Path.Combine(_ledger.Folder, "public.pem");
        await File.WriteAllTextAsync(key, PemEncoding.WriteString("PUBLIC KEY", _ledger.Key.PublicKey.Span));
        var offline = new CommandRun { Ledger = new SegmentShelf() };
        Assert.Equal(0, await offline.RunAsync(["audit", "verify", .. Days, "--export", Export, "--public-key", key]));
        Assert.Contains("7 checkpoints, 0 alarm(s)", offline.Output, StringComparison.Ordinal);
        Assert.Null(offline.Opened);

        var random = new Random(5);
        for (var i = 0; i < 60; i++)
        {
            var copy = Path.Combine(_ledger.Folder, $"changed-{i}.zip");
            File.Copy(Export, copy);
            var what = ChangeOneEntry(copy, random);
            Assert.True(await offline.RunAsync(["audit", "verify", .. Days, "--export", copy, "--public-key", key]) == 1, what);
        }
    }

    [Fact]
    public async Task Export_DoesNotOverwrite_AndOneThatFailed_LeavesNoFile()
    {
        await File.WriteAllTextAsync(Export, "mine");
        Assert.Equal(2, await RunAsync("export", Export));
        Assert.Equal("mine", await File.ReadAllTextAsync(Export));
        var broken = new CommandRun();
        broken.Audit.IsOut = true;
        var other = Path.Combine(_ledger.Folder, "other.zip");
        Assert.Equal(2, await broken.RunAsync("audit", "export", other));
        Assert.False(File.Exists(other));
    }

    [Theory]
    [InlineData("no such file")]
    [InlineData("not a zip")]
    public async Task Verify_OfWhatIsNoExport_IsAUsageError(string kind)
    {
        if (kind == "not a zip") await File.WriteAllTextAsync(Export, "x");
        Assert.Equal(2, await RunAsync("verify", "--export", Export));
        Assert.Contains("cannot be read as an export", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_ByClientToolAndDecision_GivesRecordsAsTheyWereWritten()
    {
        Assert.Equal(0, await RunAsync("query", "--client", "client-1", "--tool", "echo", "--decision", "allowed", "-o", "json"));
        var lines = _run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(_ledger.Store.Segments.Where(s => s.ClientId == "client-1").SelectMany(s => s.Records).Count(r => !System.Text.Encoding.UTF8.GetString(r.Span).Contains("\"intent\"", StringComparison.Ordinal)), lines.Length);
        Assert.All(lines, l => Assert.Equal("client-1", JsonDocument.Parse(l).RootElement.GetProperty("clientId").GetString()));
        Assert.Equal(0, await RunAsync("query", "--tool", "other", "-o", "json"));
        Assert.Equal("", _run.Output);
        Assert.Equal(0, await RunAsync("query", "--csv", "--limit", "3"));
        Assert.Equal(4, _run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("--limit", _run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Timeline_ShowsTheStepsOfARequest_InOrder()
    {
        var request = JsonDocument.Parse(_ledger.Store.Segments.First(s => s.ClientId == "client-0").Records[0]).RootElement.GetProperty("requestId").GetString()!;
        Assert.Equal(0, await RunAsync("timeline", request));
        Assert.True(_run.Output.IndexOf("intent recorded", StringComparison.Ordinal) < _run.Output.IndexOf("allowed", StringComparison.Ordinal), _run.Output);
        Assert.Contains("1 request(s), 0 refused", _run.Output, StringComparison.Ordinal);
        Assert.Equal(1, await RunAsync("timeline", "nothing"));
    }

    [Fact]
    public async Task Follow_SaysThatTheLedgerIsLost_AndGoesOn_AndEndsInGoodOrder()
    {
        var run = new CommandRun { Ledger = new SegmentShelf() };
        await run.Index.ListWriterAsync("20260601", "w", CancellationToken.None);
        run.Index.FailsTimes = 1;
        Assert.Equal(0, await run.RunAsync("audit", "follow", "--client", "gateway", "--every", "1", "--for", "4"));
        Assert.Contains("Trying again in 2 s", run.Error, StringComparison.Ordinal);
        Assert.Contains("can be read again; nothing was passed over", run.Error, StringComparison.Ordinal);
        Assert.Contains("follow: ended after 0 record(s)", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, await run.RunAsync("audit", "follow", "--every", "0"));
    }

    [Fact]
    public async Task Sinks_TellWhatWaitsAndWhy_AndSendAgainOnRequest_OnRecord()
    {
        Assert.Equal(0, await _run.RunAsync("audit", "sinks"));
        Assert.Contains("No place was ever sent anything", _run.Output, StringComparison.Ordinal);
        _run.Time.Now = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
        var writer = _ledger.Store.Segments.First(s => s.ClientId == "client-1").Writer;
        await _run.Index.MarkAsync(new("20261121", writer, new Dictionary<string, long> { ["client-1"] = 3 }, IsClosed: false), CancellationToken.None);
        await _run.Outboxes.SaveStateAsync("syslog", new("20261121", _run.Time.Now.AddSeconds(-30), _run.Time.Now.AddMinutes(-9), "siem:6514 cannot be used: IOException.", null), CancellationToken.None);
        Assert.Equal(0, await _run.RunAsync("audit", "sinks"));
        Assert.Contains("siem:6514 cannot be used", _run.Output, StringComparison.Ordinal);
        Assert.Contains(writer, _run.Output, StringComparison.Ordinal);
        Assert.Equal(0, await _run.RunAsync("audit", "sinks", "-o", "json"));
        Assert.True(JsonDocument.Parse(_run.Output).RootElement[0].GetProperty("waiting").GetInt64() > 3);

        Assert.Equal(1, await _run.RunAsync("audit", "sinks", "resend", "http", "--from", "2026-11-21", "--reason", "lost"));
        Assert.Equal(0, await _run.RunAsync("audit", "sinks", "resend", "syslog", "--from", "2026-11-20", "--reason", "the receiver was restored"));
        Assert.Equal("20261120", (await _run.Outboxes.ReadStateAsync("syslog", CancellationToken.None))!.Since);
        Assert.Contains(_ledger.Store.Segments.SelectMany(s => s.Records), r => System.Text.Encoding.UTF8.GetString(r.Span).Contains("\"sinkResent\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Holds_AreAddedListedAndEnded_OnRecord_AndKeepKeysFromBeingDestroyed()
    {
        var run = new CommandRun { Ledger = _ledger.Store };
        await run.HashKeys.AddAsync(new("2026-04.01", run.Time.Now.AddDays(-40), new byte[32], null), CancellationToken.None);
        Assert.Equal(1, await run.RunAsync("audit", "hold", "add", "--from", "2026-05-02", "--to", "2026-05-01", "--reason", "case 7"));
        Assert.Equal(0, await run.RunAsync("audit", "hold", "add", "--client", "Client-1", "--from", "2026-05-01", "--to", "2026-12-31", "--reason", "case 7"));
        var hold = Assert.Single(await run.Retention.ReadHoldsAsync(CancellationToken.None).ToListAsync());
        Assert.Equal("client-1", hold.ClientId);
        Assert.Equal(0, await run.RunAsync("audit", "hold", "list"));
        Assert.Contains("case 7", run.Output, StringComparison.Ordinal);
        Assert.Equal(1, await run.RunAsync("audit", "keys", "destroy", "2026-04.01", "--reason", "erasure 12"));
        Assert.Contains("case 7", run.Error, StringComparison.Ordinal);

        Assert.Equal(0, await run.RunAsync("audit", "hold", "remove", hold.HoldId, "--reason", "closed"));
        Assert.Equal(1, await run.RunAsync("audit", "hold", "remove", hold.HoldId, "--reason", "closed"));
        Assert.Equal(0, await run.RunAsync("audit", "keys", "destroy", "2026-04.01", "--reason", "erasure 12"));
        Assert.Equal(1, await run.RunAsync("audit", "keys", "destroy", "2026-04.01", "--reason", "erasure 12"));
        Assert.Equal(0, await run.RunAsync("audit", "keys", "rotate", "--reason", "leaver"));
        Assert.Equal(0, await run.RunAsync("audit", "keys", "list", "-o", "json"));
        Assert.Equal(["2026-04.01", "2026-04.02"], JsonDocument.Parse(run.Output).RootElement.EnumerateArray().Select(p => p.GetProperty("period").GetString()));
        var records = _ledger.Store.Segments.SelectMany(s => s.Records).Select(r => System.Text.Encoding.UTF8.GetString(r.Span)).ToList();
        foreach (var happening in new[] { "holdAdded", "holdRemoved", "keyDestroyed", "keyRotated" })
        {
            Assert.Contains(records, r => r.Contains($"\"{happening}\"", StringComparison.Ordinal) && r.Contains("\"done\"", StringComparison.Ordinal));
            Assert.DoesNotContain(records, r => r.Contains("Secret", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task DaysInTheWrongOrder_AreAUsageError() =>
        Assert.Equal(2, await _run.RunAsync("audit", "verify", "--from", "2026-11-22", "--to", "2026-11-21"));

    private Task<int> RunAsync(string command, params string[] more) => _run.RunAsync(["audit", command, .. more, .. Days]);

    /// <summary>One byte of a record or of a checkpoint, a line taken out, or an entry taken out.</summary>
    private static string ChangeOneEntry(string path, Random random)
    {
        using var zip = ZipFile.Open(path, ZipArchiveMode.Update);
        var entries = zip.Entries.Where(e => e.FullName.StartsWith("ledger/", StringComparison.Ordinal) || e.FullName.StartsWith("checkpoints/", StringComparison.Ordinal)).ToList();
        // What the last instance wrote after the last checkpoint is not held by anything.
        entries.RemoveAll(e => e.FullName.StartsWith("ledger/", StringComparison.Ordinal) && e.FullName.Contains(System.Buffers.Text.Base64Url.EncodeToString("gateway"u8), StringComparison.Ordinal));
        var entry = entries[random.Next(entries.Count)];
        var name = entry.FullName;
        byte[] bytes;
        using (var stream = entry.Open())
        {
            using var memory = new MemoryStream();
            stream.CopyTo(memory);
            bytes = memory.ToArray();
        }

        entry.Delete();
        if (random.Next(4) == 0) return $"{name} removed";
        bytes[random.Next(bytes.Length)] ^= 1;
        using var changed = zip.CreateEntry(name).Open();
        changed.Write(bytes);
        return $"{name} changed";
    }
}
