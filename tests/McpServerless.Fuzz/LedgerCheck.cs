using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using McpServerless.Audit;

namespace McpServerless.Fuzz;

/// <summary>What the ledger holds after a run, against what was answered.</summary>
internal static partial class LedgerCheck
{
    public const string TooMany = "outcome records";

    /// <param name="audit">Where it is read.</param>
    /// <param name="answered">Exchanges that the app itself answered.</param>
    /// <param name="sent">All exchanges; those whose connection ended can have a record.</param>
    public static async Task<(int Records, IReadOnlyList<(int? Number, string Fault)> Findings)> RunAsync(IAuditStore audit, IReadOnlyCollection<int> answered, int sent, CancellationToken ct)
    {
        var findings = new List<(int?, string)>();
        var outcomes = new Dictionary<int, int>();
        var records = 0;
        var today = TimeProvider.System.GetUtcNow();
        foreach (var day in new[] { today.AddHours(-1), today }.Select(d => d.ToString("yyyyMMdd", CultureInfo.InvariantCulture)).Distinct())
        {
            await foreach (var client in audit.ReadClientsAsync(day, ct))
            {
                var chains = new Dictionary<string, (long Next, string Hash)>();
                await foreach (var segment in audit.ReadAsync(day, client, ct))
                {
                    var (next, hash) = chains.TryGetValue(segment.Writer, out var chain) ? chain : (1, "");
                    if (segment.FirstSequence != next) findings.Add((null, $"the chain of {client} has sequence {segment.FirstSequence} where {next} is due"));
                    foreach (var text in segment.Records)
                    {
                        records++;
                        using var record = JsonDocument.Parse(text);
                        var root = record.RootElement;
                        if (hash.Length > 0 && root.GetProperty("previousHash").GetString() != hash) findings.Add((null, $"the chain of {client} is broken at sequence {next}"));
                        (next, hash) = (next + 1, CanonicalJson.Hash(root));
                        if (root.GetProperty("event").GetString() != "outcome" || NumberOf(root) is not { } number) continue;
                        outcomes[number] = outcomes.GetValueOrDefault(number) + 1;
                        if (root.TryGetProperty("refusalCode", out var code) && code.GetString() == "internal_error") findings.Add((number, $"internal_error on record: {(root.TryGetProperty("note", out var note) ? note.GetString() : null)}"));
                    }

                    if (hash != segment.LastHash) findings.Add((null, $"a segment of {client} names another last hash"));
                    chains[segment.Writer] = (next, hash);
                }
            }
        }

        foreach (var number in answered.Where(n => !outcomes.ContainsKey(n))) findings.Add((number, "answered, but without an outcome record"));
        foreach (var (number, count) in outcomes.Where(o => o.Value > 1)) findings.Add((number, $"{count} {TooMany}"));
        foreach (var number in outcomes.Keys.Where(n => n >= sent)) findings.Add((number, "a record of an exchange that was never sent"));
        return (records, findings);
    }

    private static int? NumberOf(JsonElement record) =>
        record.TryGetProperty("claimed", out var claimed) && claimed.TryGetProperty("userAgent", out var agent) && Agent.Match(agent.GetString()!) is { Success: true } match
            ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : null;

    [GeneratedRegex(@"^fz(\d{1,9})z$")]
    private static partial Regex Agent { get; }
}
