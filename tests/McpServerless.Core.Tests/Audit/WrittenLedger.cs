using System.Security.Cryptography;
using McpServerless.Audit;
using McpServerless.Audit.Checkpoints;
using McpServerless.Audit.Retention;
using McpServerless.Audit.Verification;
using McpServerless.Core.Tests.Audit.Indexing;
using McpServerless.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Core.Tests.Audit;

/// <summary>A ledger as instances write it: two instances over two days, strict and other calls, checkpoints in between and at the end.</summary>
internal sealed class WrittenLedger : IDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly Dictionary<string, ECDsa> _keys = [];

    public WrittenLedger()
    {
        Folder = Directory.CreateTempSubdirectory("ledger-").FullName;
        Key = new CheckpointKeyFile(Path.Combine(Folder, "key.pem"));
        Checkpoints = new CheckpointFolder(Path.Combine(Folder, "checkpoints"));
    }

    public string Folder { get; }

    public ManualTimeProvider Time { get; } = new();

    public SegmentShelf Store { get; } = new();

    public CheckpointKeyFile Key { get; }

    public CheckpointFolder Checkpoints { get; }

    public IReadOnlyDictionary<string, ECDsa> Keys
    {
        get
        {
            if (_keys.Count == 0) foreach (var (id, key) in CheckpointKeys.Import([PemEncoding.WriteString("PUBLIC KEY", Key.PublicKey.Span)])) _keys[id] = key;
            return _keys;
        }
    }

    public static async Task<WrittenLedger> WriteAsync()
    {
        var written = new WrittenLedger();
        var first = await written.StartAsync();
        var second = await written.StartAsync();
        for (var round = 0; round < 4; round++)
        {
            foreach (var ledger in new[] { first, second }) await written.CallsAsync(ledger, 12, round);
            written.Time.Advance(TimeSpan.FromHours(7));
            await written.CheckpointAsync(first);
        }

        await first.StopAsync(CancellationToken.None).WaitAsync(Limit);
        await written.CheckpointAsync(second);
        await second.StopAsync(CancellationToken.None).WaitAsync(Limit);
        var last = await written.StartAsync();
        await written.CheckpointAsync(last);
        await last.StopAsync(CancellationToken.None).WaitAsync(Limit);
        var closing = await written.StartAsync();
        await written.CheckpointAsync(closing);
        await closing.StopAsync(CancellationToken.None).WaitAsync(Limit);
        foreach (var ledger in new[] { first, second, last, closing }) ledger.Dispose();
        return written;
    }

    public async Task<Ledger> StartAsync()
    {
        var ledger = new Ledger(Store, Options.Create(new AuditOptions { HoldMilliseconds = 0, HeadsSeconds = 3600 }), Time, NullLogger<Ledger>.Instance);
        await ledger.StartAsync(CancellationToken.None);
        // Its start is durable once something behind it is.
        Assert.True(await ledger.AppendAsync(AuditRecords.OfGateway(AuditEvent.Timer, Time.GetUtcNow()), CancellationToken.None).AsTask().WaitAsync(Limit));
        return ledger;
    }

    public Task<long?> CheckpointAsync(Ledger ledger, int lostAfterSeconds = 86_400) =>
        new CheckpointTimer(Store, ledger, Key, Checkpoints, Options.Create(new AuditOptions { LostAfterSeconds = lostAfterSeconds }), Time, NullLogger<CheckpointTimer>.Instance)
            .RunAsync(CancellationToken.None).WaitAsync(Limit);

    public async Task CallsAsync(Ledger ledger, int count, int seed)
    {
        var pending = new List<Task<bool>>();
        for (var i = 0; i < count; i++)
        {
            var request = Guid.CreateVersion7(Time.GetUtcNow());
            var client = $"client-{(i + seed) % 3}";
            if (i % 2 == 0) pending.Add(AppendAsync(ledger, Record(client, request, AuditEvent.Intent)));
            pending.Add(AppendAsync(ledger, Record(client, request, AuditEvent.Outcome)));
        }

        Assert.All(await Task.WhenAll(pending), Assert.True);
    }

    /// <summary>By the retention that is given, forty days later, with a checkpoint of then before and after.</summary>
    public async Task<long> PurgeAsync(RetentionOptions options, RetentionShelf retention, IndexShelf index)
    {
        if (Time.GetUtcNow().Month == 11) Time.Advance(TimeSpan.FromDays(40));
        using var ledger = await StartAsync();
        await CheckpointAsync(ledger);
        var services = new ServiceCollection().AddSingleton<ICheckpointStore>(Checkpoints).BuildServiceProvider();
        var configured = Options.Create(new CheckpointOptions { Folder = "here", KeyFile = "here" });
        var purged = await new LedgerPurge(Store, Store, index, retention, ledger, services, configured, Options.Create(options), Time, NullLogger<LedgerPurge>.Instance).RunAsync(CancellationToken.None).WaitAsync(Limit);
        await ledger.StopAsync(CancellationToken.None).WaitAsync(Limit);
        using var closing = await StartAsync();
        await CheckpointAsync(closing);
        await closing.StopAsync(CancellationToken.None).WaitAsync(Limit);
        return purged;
    }

    public AuditRecord Record(string client, Guid request, AuditEvent kind) => new()
    {
        RecordId = Guid.CreateVersion7(Time.GetUtcNow()),
        RequestId = request,
        Time = Time.GetUtcNow(),
        Event = kind,
        TenantId = "tenant",
        ClientId = client,
        Server = "demo",
        Method = "tools/call",
        Tool = "echo",
        Decision = "allowed",
        ArgumentsJson = """{"text":"hello"}"""u8.ToArray(),
    };

    public Task<LedgerReport> VerifyAsync(IAuditReader? store = null, ICheckpointReader? checkpoints = null, IReadOnlyDictionary<string, ECDsa>? keys = null) =>
        new LedgerVerifier(store ?? Store, checkpoints ?? Checkpoints, keys ?? Keys, progress: null)
            .VerifyAsync(new DateOnly(2026, 11, 21), new DateOnly(2026, 11, 23), CancellationToken.None);

    public void Dispose()
    {
        foreach (var key in _keys.Values) key.Dispose();
        Key.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static Task<bool> AppendAsync(Ledger ledger, AuditRecord record) => ledger.AppendAsync(record, CancellationToken.None).AsTask().WaitAsync(Limit);
}
