using System.Collections.Concurrent;
using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using McpServerless.Audit;
using McpServerless.Audit.Queries;
using McpServerless.Audit.Verification;
using McpServerless.Azure.Audit;
using McpServerless.Azure.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Azure.Tests.Audit;

/// <summary>The ledger and its index on the emulator, while requests are refused, lost, answered into nothing or never answered.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class LedgerUnderFaultsTests(AzuriteFixture azurite)
{
    private const int Clients = 4;
    private const int RecordsPerClient = 60;

    private readonly Account _account = azurite.NewAccount();

    private static CancellationToken Ct => CancellationToken.None;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task NoRecordIsLostOrWrittenTwice_WhateverTheStoreDoes_AndItHealsByItself(int seed)
    {
        var faults = new Disturbed(seed, disturbed: 150);
        var tables = _account.OpenWithoutRetries(faults);
        var options = Options.Create(new AuditOptions { HoldMilliseconds = 0, WriteTimeoutMilliseconds = 300, WaitMilliseconds = 60_000, IndexSeconds = 1 });
        var ledger = new Ledger(new TableAuditStore(tables), options, TimeProvider.System, NullLogger<Ledger>.Instance, index: new TableAuditIndex(tables));
        await ledger.StartAsync(Ct);
        var durable = new ConcurrentBag<Guid>();
        var all = new ConcurrentBag<Guid>();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            for (var i = 0; i < RecordsPerClient; i++)
            {
                var record = Record($"client-{client}", i);
                all.Add(record.RecordId);
                // While writes fail a caller is not kept waiting long: false is an answer that is withheld, and the record still comes.
                if (await ledger.AppendAsync(record, Ct)) durable.Add(record.RecordId);
            }
        }));
        await ledger.StopAsync(Ct);
        ledger.Dispose();

        Assert.True(faults.Requests > 50, $"only {faults.Requests} requests");
        var store = new TableAuditStore(_account.Open());
        var found = new List<Guid>();
        var days = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var row in await _account.RowsAsync("Audit")) days.Add(row.PartitionKey[..8]);
        foreach (var day in days)
        {
            for (var client = 0; client < Clients; client++)
            {
                await foreach (var segment in store.ReadAsync(day, $"client-{client}", Ct))
                    found.AddRange(segment.Records.Select(r => JsonDocument.Parse(r).RootElement.GetProperty("recordId").GetGuid()));
            }
        }

        Assert.Equal(all.Order(), found.Order());
        Assert.Empty(durable.Except(found));
        var (from, to) = (Day(days.Min!), Day(days.Max!));
        var report = await new LedgerVerifier(store, null, new Dictionary<string, System.Security.Cryptography.ECDsa>(), null).VerifyAsync(from, to, Ct);
        Assert.True(report.Alarms == 0, report.FirstAlarm?.ToString());

        var query = new AuditQuery { From = Start(from), Until = Start(to.AddDays(1)), Tool = "tool-1" };
        var byIndex = await new AuditSearch(store, new TableAuditIndex(_account.Open())).FindAsync(query, null, null, Ct).Select(f => f.At).ToListAsync();
        Assert.Equal(await new AuditSearch(store, null).FindAsync(query, null, null, Ct).Select(f => f.At).ToListAsync(), byIndex);
        Assert.Equal(Clients * RecordsPerClient / 3, byIndex.Count);
    }

    private static DateOnly Day(string name) => DateOnly.ParseExact(name, "yyyyMMdd");

    private static DateTimeOffset Start(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    private static AuditRecord Record(string client, int number)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new AuditRecord
        {
            RecordId = Guid.CreateVersion7(now),
            RequestId = Guid.CreateVersion7(now),
            Time = now,
            Event = AuditEvent.Outcome,
            ClientId = client,
            Server = "demo",
            Method = "tools/call",
            Tool = $"tool-{number % 3}",
            Decision = "allowed",
        };
    }

    /// <summary>One in two of the first requests ends badly, in one of five ways; later ones pass.</summary>
    private sealed class Disturbed(int seed, int disturbed) : RequestFault(_ => true)
    {
        private readonly Random _random = new(seed);
        private int _requests;

        public int Requests => Volatile.Read(ref _requests);

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            int fate;
            lock (_random) fate = ++_requests <= disturbed ? _random.Next(10) : 9;
            switch (fate)
            {
                case 0:
                    throw new RequestFailedException(503, "Server busy.", "ServerBusy", null);
                case 1:
                    throw new RequestFailedException(500, "Operation timed out.", "OperationTimedOut", null);
                case 2:
                    throw new IOException("The request was lost.");
                case 3:
                    await ProcessNextAsync(message, pipeline);
                    throw new IOException("The answer was lost.");
                case 4:
                    // It never answers; whoever asked has to give up by itself.
                    await Task.Delay(Timeout.Infinite, message.CancellationToken);
                    break;
                default:
                    await ProcessNextAsync(message, pipeline);
                    break;
            }
        }

        protected override ValueTask MeetAsync(int number, Func<ValueTask> send) => send();
    }
}
