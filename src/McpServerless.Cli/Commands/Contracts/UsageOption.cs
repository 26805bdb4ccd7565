using System.CommandLine;
using System.Text.Json;
using McpServerless.Catalogue;
using McpServerless.Cli.Stores;
using McpServerless.Contracts.Comparing;
using McpServerless.Contracts.Impact;

namespace McpServerless.Cli.Commands.Contracts;

/// <summary>The option <c>--used-in-days</c>: whom findings hit, from the ledger.</summary>
internal sealed class UsageOption
{
    private const int MaxDays = 400;

    private readonly Option<int?> _days = new("--used-in-days")
    {
        Description = "Also says which clients and models called the changed tools in the last so many days, and whether calls of the recorded shapes would still be valid. Reads the ledger.",
        HelpName = "DAYS",
    };

    public UsageOption() => _days.Validators.Add(option =>
    {
        if (option.Tokens is [var token] && int.TryParse(token.Value, out var days) && days is < 1 or > MaxDays) option.AddError($"--used-in-days: write 1 to {MaxDays}.");
    });

    public void AddTo(Command command) => command.Add(_days);

    /// <summary>Null when nobody asked.</summary>
    /// <param name="served">The catalogue by which calls were served.</param>
    /// <param name="after">The contracts that are to come.</param>
    public async Task<UsageReport?> ReadAsync(ParseResult result, CommandContext context, Func<GovernanceStores> stores, CatalogueVersion? served, CatalogueVersion after, IReadOnlyList<ContractChange> changes, CancellationToken ct)
    {
        if (result.GetValue(_days) is not { } days) return null;
        served ??= await stores().Catalogues.ReadActiveAsync(ct) ?? throw new UsageException("--used-in-days: no catalogue has been applied yet, so nobody called anything");
        var (from, to) = Range(context.Time, days);
        return await new UsageSurvey(served, Schemas(changes, after)).ReadAsync(stores().Audit, from, to, client: null, ct);
    }

    public static (DateOnly From, DateOnly To) Range(TimeProvider time, int days)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        return (today.AddDays(1 - days), today);
    }

    private static Dictionary<string, JsonElement?> Schemas(IReadOnlyList<ContractChange> changes, CatalogueVersion after)
    {
        var tools = after.Tools.Where(t => t.State is not (ToolState.Retired or ToolState.Quarantined)).ToDictionary(t => $"{t.Upstream}/{t.Name}", t => t.Definition, StringComparer.Ordinal);
        return changes.Where(c => c.NeedsApproval).Select(c => c.Subject).Distinct(StringComparer.Ordinal).ToDictionary(
            subject => subject,
            subject => tools.TryGetValue(subject, out var tool) && tool.TryGetProperty("inputSchema", out var schema) ? schema : (JsonElement?)null,
            StringComparer.Ordinal);
    }
}
