using System.Globalization;
using Azure.Data.Tables;
using McpServerless.Azure.Storage;
using McpServerless.Catalogue;

namespace McpServerless.Azure.Catalogue;

/// <summary>Catalogue versions in Table Storage: a partition for each, and one row that names the active one.</summary>
/// <remarks>
/// A publication writes into a partition that nobody else can have, the version's number and an id of its own. So two that run at once
/// never mix their rows under one number, and what a crash left behind is never met again. The pointer names the partition and is
/// switched under its ETag, last: whoever loses that leaves rows that nothing refers to. The pointer also keeps the highest number that was
/// ever active, so that after pointing back to an older version a number still means one content only, in the ledger and in memory.
/// </remarks>
internal sealed class TableCatalogueStore(TableSet tables, TimeProvider time) : ICatalogueStore, ICatalogueHistory
{
    private const string PointerKey = "active";

    private const int MaxRowsPerWrite = 100;

    /// <summary>Versions that one can go back to. A partition's name has 43 characters, and a text property holds 32,768.</summary>
    private const int MaxPast = 500;

    /// <summary>In UTF-16 code units. Should the client escape each to six bytes, a write stays under 4 MiB even with the longest row.</summary>
    private const int MaxLengthPerWrite = 200_000;

    public async ValueTask<CatalogueVersion?> ReadActiveAsync(CancellationToken ct)
    {
        if (await ReadPointerAsync(ct) is not { } pointer) return null;
        return await ReadPartitionAsync(pointer.Partition, pointer.Number, ct);
    }

    public async ValueTask<IReadOnlyList<long>> ReadNumbersAsync(CancellationToken ct) =>
        await ReadPointerAsync(ct) is { } pointer ? [.. pointer.All.Select(p => NumberOf(p)).OfType<long>().OrderDescending()] : [];

    public async ValueTask<CatalogueVersion?> ReadAsync(long number, CancellationToken ct) =>
        (await ReadPointerAsync(ct))?.All.FirstOrDefault(p => NumberOf(p) == number) is { } partition ? await ReadPartitionAsync(partition, number, ct) : null;

    public async ValueTask<bool> SwitchBackAsync(long number, long expectedActive, CancellationToken ct)
    {
        if (await ReadPointerAsync(ct) is not { } pointer || pointer.Number != expectedActive) return false;
        if (pointer.All.FirstOrDefault(p => NumberOf(p) == number) is not { } partition) return false;
        // What cannot be read whole must not become active.
        _ = await ReadPartitionAsync(partition, number, ct);
        return await SwitchAsync(pointer, partition, number, ct);
    }

    private async ValueTask<CatalogueVersion> ReadPartitionAsync(string partition, long number, CancellationToken ct)
    {
        var rows = new List<Row>();
        await foreach (var entity in tables.Catalogue.ReadPartitionAsync(partition, rowsPerPage: null, ct))
        {
            rows.Add(new Row(tables.Catalogue, entity));
        }

        return VersionRows.Read(rows, number, why =>
            new StoreUnavailableException($"Table {tables.Catalogue.Name} does not hold the whole of '{partition}': {why}."));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The content cannot be kept: a name is there twice, or an object is too long.</exception>
    /// <remarks>When even the answer to the switch is lost and cannot be asked for, the exception says that the new version may be active.</remarks>
    public async ValueTask<long?> PublishAsync(CatalogueVersion content, long expectedActive, CancellationToken ct)
    {
        var pointer = await ReadPointerAsync(ct);
        if ((pointer?.Number ?? 0) != expectedActive) return null;

        var number = (pointer?.Highest ?? 0) + 1;
        var partition = PartitionOf(number, Guid.CreateVersion7(time.GetUtcNow()));
        foreach (var write in Writes(VersionRows.Write(content, partition))) await tables.Catalogue.PutAllAsync(write, ct);
        return await SwitchAsync(pointer, partition, number, ct) ? number : null;
    }

    private async ValueTask<bool> SwitchAsync(Pointer? from, string partition, long number, CancellationToken ct)
    {
        var past = string.Join('\n', (from?.All ?? []).Where(p => p != partition).Take(MaxPast));
        var row = new TableEntity(PointerKey, PointerKey) { ["Partition"] = partition, ["Highest"] = Math.Max(number, from?.Highest ?? 0), ["Past"] = past };
        try
        {
            var switched = from is null ? await tables.Catalogue.AddAsync(row, ct) : await tables.Catalogue.ReplaceAsync(row, from.Entity.ETag, ct);
            return switched || await IsActiveAsync(partition, ct);
        }
        catch (StoreUnavailableException e)
        {
            try
            {
                if (await IsActiveAsync(partition, ct)) return true;
            }
            catch (StoreUnavailableException)
            {
                throw new StoreUnavailableException($"Catalogue version {number} may have become active or not: the answer was lost. Read which one is.", e);
            }

            throw;
        }
    }

    /// <summary>A switch that did not succeed may have done so at its first try, whose answer was lost.</summary>
    private async ValueTask<bool> IsActiveAsync(string partition, CancellationToken ct) => (await ReadPointerAsync(ct))?.Partition == partition;

    private async ValueTask<Pointer?> ReadPointerAsync(CancellationToken ct)
    {
        if (await tables.Catalogue.FindAsync(PointerKey, PointerKey, ct) is not { } entity) return null;
        var row = new Row(tables.Catalogue, entity);
        var partition = row.Text("Partition");
        string[] past = row.OptionalText("Past") is { Length: > 0 } text ? text.Split('\n') : [];
        return new Pointer(entity, partition, NumberOf(partition) ?? throw row.Unreadable("Partition is not a version's"), row.Int64("Highest"), [partition, .. past]);
    }

    private static string PartitionOf(long number, Guid publication) => $"{number.ToString("D10", CultureInfo.InvariantCulture)}-{publication:N}";

    private static long? NumberOf(string partition) =>
        partition.IndexOf('-', StringComparison.Ordinal) is > 0 and var dash
        && long.TryParse(partition.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary>Rows in groups that one transaction takes.</summary>
    private static IEnumerable<List<TableEntity>> Writes(List<TableEntity> rows)
    {
        var write = new List<TableEntity>();
        var length = 0;
        foreach (var row in rows)
        {
            var more = ChunkedText.LengthOf(row);
            if (write.Count == MaxRowsPerWrite || (write.Count > 0 && length + more > MaxLengthPerWrite))
            {
                yield return write;
                (write, length) = ([], 0);
            }

            write.Add(row);
            length += more;
        }

        yield return write;
    }

    /// <param name="All">Partitions of versions that are or were active, the active one first.</param>
    private sealed record Pointer(TableEntity Entity, string Partition, long Number, long Highest, IReadOnlyList<string> All);
}
