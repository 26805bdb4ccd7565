using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Audit;
using McpServerless.Audit.Retention;
using McpServerless.Catalogue.Publishing;
using McpServerless.Core.Tests.Audit;
using McpServerless.Core.Tests.Audit.Indexing;
using McpServerless.Testing;
using Xunit.Abstractions;

namespace McpServerless.Cli.Tests;

/// <summary>Archives for auditors, and their verifier as an auditor runs it: unpacked, with the SDK alone.</summary>
public sealed class EvidenceCommandTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private static readonly string[] Days = ["--from", "2026-11-21", "--to", "2026-11-23"];

    private WrittenLedger _ledger = null!;

    private string Checkpoints => Path.Combine(_ledger.Folder, "checkpoints");

    public async Task InitializeAsync() => _ledger = await WrittenLedger.WriteAsync();

    public Task DisposeAsync()
    {
        _ledger.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task TheSameState_MakesTheSameBytes_AndTheManifestHasEveryFile()
    {
        var (first, second) = (await MakeAsync("first", _ledger.Store), await MakeAsync("second", _ledger.Store));
        Assert.Equal(await File.ReadAllBytesAsync(first), await File.ReadAllBytesAsync(second));
        var folder = Unpack(first);
        var files = Manifest(folder).GetProperty("files").EnumerateObject().ToDictionary(f => f.Name, f => f.Value.GetString());
        foreach (var name in new[] { "README.md", "index.html", "verify.cs", "record.schema.json", "access/clients.json", "access/grants.json", "access/changes.jsonl" }) Assert.Contains(name, files.Keys);
        foreach (var (name, digest) in files) Assert.Equal(digest, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(folder, name)))));
        Assert.DoesNotContain("<script", await File.ReadAllTextAsync(Path.Combine(folder, "index.html")), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(2, await new CommandRun { Ledger = _ledger.Store }.RunAsync(["evidence", .. Days, "--out", first]));
    }

    [Fact]
    public async Task TheVerifier_RunsWithTheSdkAlone_AndAgreesWithTheCommand_OnEveryKindOfChange()
    {
        var untouched = await MakeAsync("untouched", _ledger.Store);
        var folder = Unpack(untouched);
        var (exit, text) = await RunAsync("dotnet", folder, "run", "verify.cs", "--", ".");
        Assert.True(exit == 0, text);
        Assert.Contains("7 checkpoints, 0 purged by policy, 0 alarm(s)", text, StringComparison.Ordinal);
        Assert.Equal(0, await VerifyAsync(untouched));

        var program = await BuildAsync(folder);
        var random = new Random(71);
        var tampering = new LedgerTampering(_ledger);
        foreach (var change in Enum.GetValues<Change>().SelectMany(c => Enumerable.Repeat(c, 3)))
        {
            SegmentShelf shelf;
            McpServerless.Audit.Verification.LedgerPlace? place;
            do
            {
                shelf = new SegmentShelf();
                foreach (var segment in _ledger.Store.Segments) shelf.Put(segment);
                place = tampering.Apply(change, shelf, random);
            }
            while (place is null);

            // As somebody would who changes the ledger and has the archive made of it afterwards.
            var archive = await MakeAsync($"{change}-{random.Next():x}", shelf);
            var command = await VerifyAsync(archive);
            (exit, text) = await RunAsync("dotnet", Unpack(archive), program, ".");
            Assert.True((command, exit) == (1, 1), $"{change} at {place}: command {command}, verifier {exit}: {text}");
            Assert.Contains($"{place.Day}/{place.ClientId}/", text, StringComparison.Ordinal);
        }

        // A record after the last checkpoint aside, whoever takes the tail of an archive is found by the manifest as well.
        var cut = Unpack(untouched);
        var file = Directory.EnumerateFiles(Path.Combine(cut, "ledger"), "*.jsonl", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        var lines = await File.ReadAllLinesAsync(file);
        await File.WriteAllTextAsync(file, string.Concat(lines.SkipLast(1).Select(l => l + "\n")));
        (exit, text) = await RunAsync("dotnet", cut, program, ".");
        Assert.True(exit == 1 && text.Contains("file_changed", StringComparison.Ordinal), text);
        File.Delete(Path.Combine(cut, "manifest.json"));
        Assert.Equal(2, (await RunAsync("dotnet", cut, program, ".")).Exit);
        output.WriteLine($"{Enum.GetValues<Change>().Length} kinds of change, three of each, found by both");
    }

    [Fact]
    public async Task ACheckpointThatWasTamperedWith_IsFoundByBoth()
    {
        var archive = await MakeAsync("signed", _ledger.Store);
        var program = await BuildAsync(Unpack(archive));
        var key = Path.Combine(_ledger.Folder, "other.pem");
        using (var other = ECDsa.Create(ECCurve.NamedCurves.nistP256)) await File.WriteAllTextAsync(key, other.ExportSubjectPublicKeyInfoPem());
        foreach (var rule in new[] { "checkpoint_signature", "checkpoint_missing", "checkpoint_key" })
        {
            var folder = Unpack(archive);
            var file = Path.Combine(folder, "checkpoints", "000000000004.json");
            if (rule == "checkpoint_signature") await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("\"sequence\":", "\"sequence\":1", StringComparison.Ordinal));
            if (rule == "checkpoint_missing") File.Delete(file);
            string[] keys = rule == "checkpoint_key" ? ["--public-key", key] : [];
            var repacked = folder + ".zip";
            await ZipFile.CreateFromDirectoryAsync(folder, repacked);
            Assert.Equal(1, await new CommandRun { Ledger = new SegmentShelf() }.RunAsync(["audit", "verify", .. Days, "--export", repacked, .. keys]));
            var (exit, text) = await RunAsync("dotnet", folder, [program, ".", .. keys]);
            Assert.True(exit == 1 && text.Contains(rule, StringComparison.Ordinal), $"{rule}: {exit}: {text}");
        }
    }

    [Fact]
    public async Task AnArchiveOfOneClient_VerifiesForItself_AndSaysThatOthersAreNotInIt()
    {
        var archive = await MakeAsync("one", _ledger.Store, "--client", "client-1");
        var folder = Unpack(archive);
        Assert.DoesNotContain(Directory.EnumerateFiles(folder, "*.jsonl", SearchOption.AllDirectories), f => Path.GetFileNameWithoutExtension(f) == System.Buffers.Text.Base64Url.EncodeToString("client-2"u8));
        var (exit, text) = await RunAsync("dotnet", folder, "run", "verify.cs");
        Assert.True(exit == 0, text);
        Assert.Contains("Only records of client client-1", text, StringComparison.Ordinal);
        Assert.Equal(0, await VerifyAsync(archive));
    }

    [Fact]
    public async Task WhatWasPurgedByPolicy_VerifiesByItsTombstones_AndAnUnlawfulOneIsFoundByBoth()
    {
        Assert.True(await _ledger.PurgeAsync(new RetentionOptions { CallDays = 30 }, new RetentionShelf(), new IndexShelf()) > 0);
        var archive = await MakeAsync("purged", _ledger.Store);
        var folder = Unpack(archive);
        var program = await BuildAsync(folder);
        var (exit, text) = await RunAsync("dotnet", folder, program, ".");
        Assert.True(exit == 0 && !text.Contains(" 0 purged by policy", StringComparison.Ordinal), text);
        Assert.Equal(0, await VerifyAsync(archive));

        var segment = _ledger.Store.Segments.First(s => s.ClientId == "client-1" && Tombstone.Is(s.Records[0].Span));
        _ledger.Store.Put(segment with { Records = [(Tombstone.Read(segment.Records[0])! with { Policy = "another" }).ToJson(), .. segment.Records.Skip(1)] });
        var changed = await MakeAsync("unlawful", _ledger.Store);
        (exit, text) = await RunAsync("dotnet", Unpack(changed), program, ".");
        Assert.True(exit == 1 && text.Contains("tombstone_unlawful", StringComparison.Ordinal), text);
        Assert.Equal(1, await VerifyAsync(changed));
    }

    [Fact]
    public async Task WhoHadAccessWhen_IsRebuilt_FromChangesAndFromWhatThereIs()
    {
        using var ledger = await _ledger.StartAsync();
        var records = new ChangeRecords(ledger, _ledger.Time);
        var given = Grant("jit-1", "2026-12-24");
        var day = _ledger.Time.GetUtcNow();
        await ChangeAsync(records, "grantApproved", null, given);
        _ledger.Time.Advance(TimeSpan.FromMinutes(5));
        await ChangeAsync(records, "grantRevoked", given, null);
        await ledger.StopAsync(CancellationToken.None).WaitAsync(WrittenLedger.Limit);
        var run = new CommandRun { Ledger = _ledger.Store };
        run.Time.Now = _ledger.Time.GetUtcNow();
        await run.Stores.SaveClientAsync(new Client { TenantId = "t", ClientId = "client-1", DisplayName = "One", Owner = "pat@contoso.example", Purpose = "<b>orders</b>", State = ClientState.Active, ExpiresAt = day.AddDays(90) }, CancellationToken.None);
        await run.Stores.SaveGrantAsync(Grant("standing", "2027-01-31"), CancellationToken.None);
        var file = Path.Combine(_ledger.Folder, "access.zip");
        Assert.Equal(0, await run.RunAsync(["evidence", .. Days, "--out", file, "--checkpoints", Checkpoints]));

        var folder = Unpack(file);
        using var grants = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "access", "grants.json")));
        var spans = grants.RootElement.EnumerateArray().ToDictionary(g => g.GetProperty("grantId").GetString()!);
        Assert.StartsWith(day.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm", System.Globalization.CultureInfo.InvariantCulture), spans["jit-1"].GetProperty("from").GetString());
        Assert.Contains("grantRevoked by lee@contoso.example: no longer needed", spans["jit-1"].GetProperty("endedWhy").GetString(), StringComparison.Ordinal);
        Assert.Equal(("sam@contoso.example", "pat@contoso.example"), (spans["jit-1"].GetProperty("requestedBy").GetString(), spans["jit-1"].GetProperty("approvedBy").GetString()));
        Assert.False(spans["standing"].TryGetProperty("from", out _));
        Assert.Equal(2, (await File.ReadAllLinesAsync(Path.Combine(folder, "access", "changes.jsonl"))).Length);
        var page = await File.ReadAllTextAsync(Path.Combine(folder, "index.html"));
        Assert.Contains("grantRevoked", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>orders", page, StringComparison.Ordinal);
    }

    private static Grant Grant(string id, string end) => new()
    {
        GrantId = id,
        ClientId = "client-1",
        Server = "demo",
        Tools = ["echo"],
        ExpiresAt = DateTimeOffset.Parse(end + "T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture),
        Justification = "Orders of <b>December</b>",
        Requester = "sam@contoso.example",
        Approver = "pat@contoso.example",
    };

    private static async Task ChangeAsync(ChangeRecords records, string happening, Grant? before, Grant? after) => Assert.Null(await records.AroundAsync(
        new ChangeSubject(happening, "lee@contoso.example", "no longer needed") { ClientId = "client-1", Server = "demo", GrantId = (before ?? after)!.GrantId },
        before,
        after,
        GovernanceJson.Default.Grant,
        _ => Task.FromResult(true),
        CancellationToken.None));

    private async Task<string> MakeAsync(string name, IAuditStore ledger, params string[] more)
    {
        var file = Path.Combine(_ledger.Folder, name + ".zip");
        var run = new CommandRun { Ledger = ledger };
        Assert.True(await run.RunAsync(["evidence", .. Days, "--out", file, "--checkpoints", Checkpoints, .. more]) == 0, run.Error);
        return file;
    }

    private static Task<int> VerifyAsync(string archive) => new CommandRun { Ledger = new SegmentShelf() }.RunAsync(["audit", "verify", .. Days, "--export", archive]);

    private string Unpack(string archive)
    {
        var folder = Path.Combine(_ledger.Folder, Guid.NewGuid().ToString("N"));
        ZipFile.ExtractToDirectory(archive, folder);
        return folder;
    }

    private static JsonElement Manifest(string folder)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "manifest.json")));
        return manifest.RootElement.Clone();
    }

    /// <summary>Once for many archives: the program is the same in each.</summary>
    private static async Task<string> BuildAsync(string folder)
    {
        var place = Path.Combine(folder, "..", "built");
        var (exit, text) = await RunAsync("dotnet", folder, "build", "verify.cs", "--output", place);
        Assert.True(exit == 0, text);
        return Path.Combine(place, "verify.dll");
    }

    private static async Task<(int Exit, string Text)> RunAsync(string program, string folder, params string[] arguments)
    {
        var lines = new StringBuilder();
        // No feed: what it needs must be in the SDK.
        await using var process = ChildProcess.Start(
            new ChildProcessStart("verify", program, arguments)
            {
                WorkingDirectory = folder,
                Environment = new Dictionary<string, string?> { ["RestoreSources"] = folder, ["MSBUILDDISABLENODEREUSE"] = "1", ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1" },
            },
            line =>
            {
                lock (lines) lines.AppendLine(line);
            });
        using var limit = new CancellationTokenSource(Limit);
        var exit = await process.ExitAsync(limit.Token);
        lock (lines) return (exit, lines + process.LastLines(40));
    }
}
