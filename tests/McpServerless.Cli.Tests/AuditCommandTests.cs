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
