using System.Globalization;
using System.Runtime.CompilerServices;
using Azure.Data.Tables;
using McpServerless.Audit.Retention;
using McpServerless.Azure.Storage;

namespace McpServerless.Azure.Audit;

/// <summary>Holds and the progress of purging in Table Storage.</summary>
internal sealed class TableRetentionStore(TableSet tables) : IRetentionStore
{
    private const string Holds = "holds";
    private const string Progress = "progress";

    public async IAsyncEnumerable<LegalHold> ReadHoldsAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var entity in tables.AuditRetention.ReadPartitionAsync(Holds, rowsPerPage: null, ct))
        {
            var row = new Row(tables.AuditRetention, entity);
            yield return new LegalHold(row.RowKeyParts(1)[0], row.OptionalText("ClientId"), Day(row, "From"), Day(row, "To"), row.Text("Reason"), row.Text("By"), row.Date("At"));
        }
    }

    public ValueTask SaveHoldAsync(LegalHold hold, CancellationToken ct)
    {
        var row = new TableEntity(Holds, TableKey.Of(hold.HoldId)) { ["From"] = Name(hold.From), ["To"] = Name(hold.To), ["Reason"] = hold.Reason, ["By"] = hold.By, ["At"] = hold.At };
        if (hold.ClientId is { } client) row["ClientId"] = client;
        return tables.AuditRetention.PutAsync(row, ct);
    }

    public ValueTask RemoveHoldAsync(string holdId, CancellationToken ct) => tables.AuditRetention.DeleteAsync(Holds, TableKey.Of(holdId), ct);

    public async ValueTask<IReadOnlyDictionary<string, DateOnly>> ReadProgressAsync(CancellationToken ct)
    {
        var progress = new Dictionary<string, DateOnly>(StringComparer.Ordinal);
        await foreach (var entity in tables.AuditRetention.ReadPartitionAsync(Progress, rowsPerPage: null, ct))
        {
            var row = new Row(tables.AuditRetention, entity);
            progress[row.RowKeyParts(1)[0]] = Day(row, "Day");
        }

        return progress;
    }

    public async ValueTask SaveProgressAsync(IReadOnlyDictionary<string, DateOnly> progress, CancellationToken ct)
    {
        foreach (var gone in (await ReadProgressAsync(ct)).Keys.Where(c => !progress.ContainsKey(c))) await tables.AuditRetention.DeleteAsync(Progress, TableKey.Of(gone), ct);
        foreach (var (kind, day) in progress) await tables.AuditRetention.PutAsync(new TableEntity(Progress, TableKey.Of(kind)) { ["Day"] = Name(day) }, ct);
    }

    private static string Name(DateOnly day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private static DateOnly Day(Row row, string name) =>
        DateOnly.TryParseExact(row.Text(name), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : throw row.Unreadable($"{name} is not a day");
}
