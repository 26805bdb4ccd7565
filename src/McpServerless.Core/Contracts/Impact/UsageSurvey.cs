using System.Globalization;
using System.Text.Json;
using McpServerless.Audit;
using McpServerless.Audit.Shapes;
using McpServerless.Catalogue;

namespace McpServerless.Contracts.Impact;

/// <summary>Reads from the ledger who used tools, and judges the recorded shapes by the contracts that are to come.</summary>
public sealed class UsageSurvey
{
    private readonly Dictionary<(string Server, string Tool), string> _subjects = [];
    private readonly IReadOnlyDictionary<string, JsonElement?> _schemas;
    private readonly SortedDictionary<(string Subject, string Client), Tally> _uses = [];
    private long _records;

    /// <param name="catalogue">By which the calls were served: it says what a recorded name stands for.</param>
    /// <param name="schemas">For each tool that is asked about, by <c>upstream/tool</c>, the inputSchema that its calls will be held to; null where there is none any more.</param>
    public UsageSurvey(CatalogueVersion catalogue, IReadOnlyDictionary<string, JsonElement?> schemas)
    {
        _schemas = schemas;
        foreach (var server in catalogue.Servers)
        {
            foreach (var (name, contract) in ActiveCatalogue.Select(server.Tools, catalogue.Tools)) _subjects.TryAdd((server.Name, name), $"{contract.Upstream}/{contract.Name}");
        }
    }

    /// <summary>Reads whole days, both ends included.</summary>
    /// <param name="client">Only this client; null for all.</param>
    /// <exception cref="StoreUnavailableException">The ledger could not be read.</exception>
    public async Task<UsageReport> ReadAsync(IAuditReader audit, DateOnly from, DateOnly to, string? client, CancellationToken ct)
    {
        for (var day = from; day <= to; day = day.AddDays(1))
        {
            var name = day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
            string[] clients = client is not null ? [client] : await audit.ReadClientsAsync(name, ct).Where(c => c is not (AuditRecord.Gateway or AuditRecord.NoClient)).ToArrayAsync(ct);
            foreach (var id in clients)
            {
                await foreach (var segment in audit.ReadAsync(name, id, ct))
                {
                    foreach (var (_, json, _) in segment.Lines.Where(l => l.IsRecord)) See(id, json);
                }
            }
        }

        return new UsageReport(from, to, _records, [.. _uses.Select(u => u.Value.Of(u.Key.Subject, u.Key.Client))]);
    }

    private void See(string client, ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var record = document.RootElement;
        if (JsonMembers.Text(record, "event") != "outcome" || JsonMembers.Text(record, "method") != "tools/call" || JsonMembers.Text(record, "tool") is not { } tool) return;
        _records++;
        if (!_subjects.TryGetValue((JsonMembers.Text(record, "server") ?? "", tool), out var subject) || !_schemas.TryGetValue(subject, out var schema)) return;
        if (!_uses.TryGetValue((subject, client), out var tally)) _uses[(subject, client)] = tally = new Tally();
        tally.See(record, schema);
    }

    private sealed class Tally
    {
        private readonly SortedSet<string> _models = new(StringComparer.Ordinal);
        private readonly SortedDictionary<string, int> _refused = new(StringComparer.Ordinal);
        private string _tenant = "";
        private (int Calls, int Valid, int Invalid, int Untold, int WithoutShape) _counts;
        private DateTimeOffset _last;

        public void See(JsonElement record, JsonElement? schema)
        {
            _tenant = JsonMembers.Text(record, "tenantId") ?? _tenant;
            if (JsonMembers.Text(record, "modelId") is { } model) _models.Add(model);
            if (DateTimeOffset.TryParse(JsonMembers.Text(record, "time"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && time > _last) _last = time;
            if (JsonMembers.Text(record, "refusalCode") is { } code) _refused[code] = _refused.GetValueOrDefault(code) + 1;
            if (JsonMembers.Text(record, "decision") != "allowed") return;
            _counts.Calls++;
            var shape = ArgumentShape.Read(JsonMembers.Member(record, "argumentShape"));
            if (shape is null) _counts.WithoutShape++;
            // A tool that is gone refuses every call.
            switch (schema is null ? ShapeVerdict.Invalid : shape is null ? ShapeVerdict.Unknown : ShapeCheck.Of(schema.Value, shape))
            {
                case ShapeVerdict.Valid:
                    _counts.Valid++;
                    break;
                case ShapeVerdict.Invalid:
                    _counts.Invalid++;
                    break;
                default:
                    _counts.Untold++;
                    break;
            }
        }

        public ToolUse Of(string subject, string client) => new(
            _tenant, client, subject, [.. _models], _counts.Calls, _counts.Valid, _counts.Invalid, _counts.Untold, _counts.WithoutShape, _refused, _last);
    }
}
