using McpServerless.Audit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpServerless.Cli.Stores;

/// <summary>Writes what an operator does into the ledger, as a writer of its own that lives as long as the command.</summary>
internal static class OperatorLedger
{
    /// <returns>False when the record could not be made durable.</returns>
    public static async ValueTask<bool> AppendAsync(IAuditStore store, TimeProvider time, AuditRecord record, CancellationToken ct)
    {
        // An operator's line is slower than the service's own network.
        var options = Options.Create(new AuditOptions { HoldMilliseconds = 0, WaitMilliseconds = 20_000, WriteTimeoutMilliseconds = 10_000 });
        var build = typeof(OperatorLedger).Assembly.GetName().Version?.ToString() ?? "unknown";
        using var ledger = new Ledger(store, options, time, NullLogger<Ledger>.Instance, new WriterIdentity($"mcpgov {build}", "", "mcpgov", _ => ValueTask.FromResult<long?>(null)));
        await ledger.StartAsync(ct);
        var durable = await ledger.AppendAsync(record, ct);
        await ledger.StopAsync(CancellationToken.None);
        return durable;
    }
}
