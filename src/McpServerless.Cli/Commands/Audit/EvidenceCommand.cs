using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using McpServerless.Access;
using McpServerless.Audit.Evidence;
using McpServerless.Audit.Export;
using McpServerless.Azure.Audit;
using McpServerless.Catalogue.Publishing;
using McpServerless.Cli.Evidence;
using McpServerless.Cli.Stores;

namespace McpServerless.Cli.Commands.Audit;

/// <summary><c>mcpgov evidence</c>: everything that an auditor asks for about some days, in one archive that verifies itself.</summary>
internal static class EvidenceCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("evidence", "Makes one archive of some days: records, checkpoints, public keys, who had access when and who approved it, a page that says which question is answered where, and a verifier that needs the .NET SDK alone.");
        var days = new DayRange();
        var file = new Option<string>("--out") { Description = "The ZIP file to make. One that is there is not overwritten.", Required = true };
        var client = new Option<string?>("--client") { Description = "Only this application (client) id, with the gateway's own records." };
        var checkpoints = new Option<string?>("--checkpoints") { Description = "Where checkpoints are: the address of a blob container, or a folder. Without it nothing in the archive is signed." };
        days.AddTo(command);
        foreach (var option in (Option[])[client, checkpoints, file]) command.Add(option);
        command.SetAction(async (result, ct) =>
        {
            var (from, to) = days.Of(result, context.Time);
            var scope = new ExportScope(from, to, result.GetValue(client)?.ToLowerInvariant());
            var path = result.GetRequiredValue(file);
            await using var stores = context.OpenStores(result);
            var place = result.GetValue(checkpoints) is { } where ? CheckpointPlace.Open(where) : null;
            var progress = context.Progress("evidence");
            var (records, signed) = (0L, 0);
            await NewFile.WriteAsync(path, async archive =>
            {
                records = await LedgerExport.WriteAsync(archive, stores.Audit, place, scope, progress, ct);
                signed = archive.Digests.Keys.Count(n => n.StartsWith("checkpoints/", StringComparison.Ordinal));
                progress.Report("who had access");
                var history = await WriteAccessAsync(archive, stores, scope, DateOnly.FromDateTime(context.Time.GetUtcNow().UtcDateTime), ct);
                await archive.WriteAsync("README.md", Encoding.UTF8.GetBytes(EvidencePages.Readme(scope)), ct);
                await archive.WriteAsync("index.html", Encoding.UTF8.GetBytes(EvidencePages.Index(scope, history, records, signed)), ct);
                await archive.WriteAsync("record.schema.json", Resource("audit-record.schema.json"), ct);
                await archive.WriteAsync("verify.cs", Resource("verify.cs"), ct);
                await LedgerExport.WriteManifestAsync(archive, scope, records, exportedAt: null, ct);
            });
            if (place is null) await context.Error.WriteLineAsync("evidence: no checkpoints were given (--checkpoints), so nothing in the archive is signed");
            await context.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{records} records and {signed} checkpoints in {path}"));
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<AccessHistory> WriteAccessAsync(ArchiveWriter archive, GovernanceStores stores, ExportScope scope, DateOnly today, CancellationToken ct)
    {
        var clients = await stores.Clients.ReadClientsAsync(ct).Where(c => scope.ClientId is null || c.ClientId == scope.ClientId).ToListAsync(ct);
        var grants = new List<Grant>();
        foreach (var client in clients) grants.AddRange(await stores.Access.ReadGrantsAsync(client.ClientId, ct));
        var history = await AccessHistory.ReadAsync(stores.Audit, scope.First, scope.Last, scope.ClientId, today, grants, ct);
        await archive.WriteAsync("access/clients.json", JsonSerializer.SerializeToUtf8Bytes(clients, GovernanceJson.Default.IReadOnlyListClient), ct);
        await archive.WriteAsync("access/grants.json", Text(json =>
        {
            json.WriteStartArray();
            foreach (var span in history.Spans) Write(json, span);
            json.WriteEndArray();
        }), ct);
        await using var changes = await archive.BeginAsync("access/changes.jsonl", ct);
        foreach (var change in history.Changes)
        {
            await changes.WriteAsync(Text(json => Write(json, change)), ct);
            await changes.WriteAsync("\n"u8.ToArray(), ct);
        }

        return history;
    }

    private static void Write(Utf8JsonWriter json, AccessSpan span)
    {
        json.WriteStartObject();
        json.WriteString("clientId"u8, span.ClientId);
        json.WriteString("server"u8, span.Server);
        json.WriteString("grantId"u8, span.GrantId);
        json.WriteString("effect"u8, span.Effect);
        WriteList(json, "names"u8, span.Names);
        foreach (var (name, value) in new[]
        {
            ("from", span.Began), ("expiresAt", span.ExpiresAt), ("ended", span.Ended), ("endedWhy", span.EndedWhy), ("requestedBy", span.RequestedBy), ("approvedBy", span.ApprovedBy), ("justification", span.Justification),
        })
        {
            if (value is not null) json.WriteString(name, value);
        }

        WriteList(json, "reviews"u8, span.Reviews);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, AccessChange change)
    {
        json.WriteStartObject();
        json.WriteString("time"u8, change.Time);
        json.WriteString("happening"u8, change.Happening);
        json.WriteString("by"u8, change.By);
        json.WriteBoolean("byTimer"u8, change.ByTimer);
        json.WriteString("reason"u8, change.Reason);
        if (change.ClientId is { } client) json.WriteString("clientId"u8, client);
        if (change.GrantId is { } grant) json.WriteString("grantId"u8, grant);
        json.WriteString("record"u8, change.Place);
        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, ReadOnlySpan<byte> name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static byte[] Text(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer)) write(json);
        return buffer.ToArray();
    }

    private static byte[] Resource(string name)
    {
        using var stream = typeof(EvidenceCommand).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not in the program.");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
