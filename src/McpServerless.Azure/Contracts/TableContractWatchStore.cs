using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using McpServerless.Azure.Storage;
using McpServerless.Contracts.Watching;

namespace McpServerless.Azure.Contracts;

/// <summary>Drifts, held tools and the watch's progress in Table Storage: a small partition for what every instance reads, one per upstream for the rest.</summary>
internal sealed class TableContractWatchStore(TableSet tables) : IContractWatchStore
{
    private const string Held = "held";
    private const string Drift = "drift";
    private const string Looked = "looked";

    private Table Rows => tables.ContractWatch;

    public async ValueTask<IReadOnlyList<HeldTool>> ReadHeldAsync(CancellationToken ct)
    {
        var held = new List<HeldTool>();
        await foreach (var entity in Rows.ReadPartitionAsync(Held, rowsPerPage: null, ct))
        {
            var row = new Row(Rows, entity);
            var key = row.RowKeyParts(2);
            held.Add(new HeldTool(key[0], key[1], row.Text("PinnedHash"), row.OptionalText("LiveHash")));
        }

        return held;
    }

    public ValueTask HoldAsync(HeldTool tool, CancellationToken ct)
    {
        var entity = new TableEntity(Held, TableKey.Of(tool.Upstream, tool.Tool)) { ["PinnedHash"] = tool.PinnedHash };
        if (tool.LiveHash is { } live) entity["LiveHash"] = live;
        return Rows.PutAsync(entity, ct);
    }

    public ValueTask ReleaseAsync(string upstream, string tool, CancellationToken ct) => Rows.DeleteAsync(Held, TableKey.Of(upstream, tool), ct);

    public async ValueTask<IReadOnlyList<ContractDrift>> ReadDriftsAsync(string upstream, CancellationToken ct)
    {
        var drifts = new List<ContractDrift>();
        await foreach (var entity in Rows.ReadPartitionAsync(TableKey.Of(Drift, upstream), rowsPerPage: null, ct)) drifts.Add(DriftOf(entity));
        return drifts;
    }

    public async ValueTask<ContractDrift?> FindDriftAsync(string upstream, string tool, CancellationToken ct) =>
        await Rows.FindAsync(TableKey.Of(Drift, upstream), TableKey.Of(tool), ct) is { } entity ? DriftOf(entity) : null;

    public async ValueTask<ContractDrift?> SaveDriftAsync(ContractDrift drift, CancellationToken ct)
    {
        var entity = new TableEntity(TableKey.Of(Drift, drift.Upstream), TableKey.Of(drift.Tool))
        {
            ["PinnedHash"] = drift.PinnedHash,
            ["Verdict"] = drift.Verdict.ToString(),
            ["State"] = drift.State.ToString(),
            ["Since"] = drift.Since,
            ["Announced"] = drift.Announced ? "yes" : "no",
        };
        if (drift.LiveHash is { } hash) entity["LiveHash"] = hash;
        ChunkedText.Write(entity, "Rules", Text(drift.Rules));
        ChunkedText.Write(entity, "Findings", Text(drift.Findings));
        // One that does not fit beside the rest is not kept; whoever wants to see it asks the upstream.
        if (drift.Live is { } live && live.GetRawText() is { Length: <= ChunkedText.MaxLength * 3 / 4 } text) ChunkedText.Write(entity, "Live", text);
        var written = drift.RowVersion is null ? await Rows.AddAsync(entity, ct) : await Rows.ReplaceAsync(entity, new ETag(drift.RowVersion), ct);
        if (!written) return null;
        // The table's client does not say which version it wrote.
        return await FindDriftAsync(drift.Upstream, drift.Tool, ct);
    }

    public ValueTask DeleteDriftAsync(string upstream, string tool, CancellationToken ct) => Rows.DeleteAsync(TableKey.Of(Drift, upstream), TableKey.Of(tool), ct);

    public async ValueTask<IReadOnlyList<WatchedUpstream>> ReadProgressAsync(CancellationToken ct)
    {
        var progress = new List<WatchedUpstream>();
        await foreach (var entity in Rows.ReadPartitionAsync(Looked, rowsPerPage: null, ct))
        {
            var row = new Row(Rows, entity);
            progress.Add(new WatchedUpstream(row.RowKeyParts(1)[0], row.Date("LookedAt"), row.OptionalText("Failure")));
        }

        return progress;
    }

    public ValueTask SaveProgressAsync(WatchedUpstream progress, CancellationToken ct)
    {
        var entity = new TableEntity(Looked, TableKey.Of(progress.Name)) { ["LookedAt"] = progress.LookedAt };
        if (progress.Failure is { } failure) entity["Failure"] = failure;
        return Rows.PutAsync(entity, ct);
    }

    private ContractDrift DriftOf(TableEntity entity)
    {
        var row = new Row(Rows, entity);
        return new ContractDrift
        {
            Upstream = row.PartitionKeyParts(2)[1],
            Tool = row.RowKeyParts(1)[0],
            PinnedHash = row.Text("PinnedHash"),
            LiveHash = row.OptionalText("LiveHash"),
            Live = LiveOf(row),
            Verdict = row.Enum<DriftVerdict>("Verdict"),
            State = row.Enum<DriftState>("State"),
            Since = row.Date("Since"),
            Announced = row.Text("Announced") == "yes",
            Rules = ListOf(row, "Rules"),
            Findings = ListOf(row, "Findings"),
            RowVersion = entity.ETag.ToString(),
        };
    }

    private static JsonElement? LiveOf(Row row)
    {
        try
        {
            return ChunkedText.Read(row, "Live") is { } text ? JsonElement.Parse(text, new JsonDocumentOptions { MaxDepth = 512 }) : null;
        }
        catch (JsonException e)
        {
            throw row.Unreadable("Live is not JSON", e);
        }
    }

    private static string Text(IReadOnlyList<string> list) => JsonSerializer.Serialize(list, WatchJson.Default.IReadOnlyListString);

    private static IReadOnlyList<string> ListOf(Row row, string name)
    {
        try
        {
            return ChunkedText.Read(row, name) is { } text && JsonSerializer.Deserialize(text, WatchJson.Default.IReadOnlyListString) is { } list && !list.Contains(null!)
                ? list
                : throw row.Unreadable($"{name} is not a list of texts");
        }
        catch (JsonException e)
        {
            throw row.Unreadable($"{name} is not a list of texts", e);
        }
    }
}
