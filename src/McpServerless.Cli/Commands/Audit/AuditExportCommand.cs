using System.CommandLine;
using System.Globalization;
using McpServerless.Audit.Export;
using McpServerless.Azure.Audit;

namespace McpServerless.Cli.Commands.Audit;

/// <summary><c>mcpgov audit export</c>: some days of the ledger in a file.</summary>
internal static class AuditExportCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("export", "Writes some days of the ledger, with checkpoints and public keys, into a ZIP file that can be verified offline.");
        var days = new DayRange();
        var file = new Argument<string>("file") { Description = "The ZIP file to make. One that is there is not overwritten." };
        var checkpoints = new Option<string?>("--checkpoints") { Description = "Where checkpoints are: the address of a blob container, or a folder." };
        command.Add(file);
        days.AddTo(command);
        command.Add(checkpoints);
        command.SetAction(async (result, ct) =>
        {
            var (from, to) = days.Of(result, context.Time);
            var path = result.GetValue(file)!;
            await using var stores = context.OpenStores(result);
            var place = result.GetValue(checkpoints) is { } where ? CheckpointPlace.Open(where) : null;
            var records = 0L;
            await NewFile.WriteAsync(path, async archive =>
            {
                var scope = new ExportScope(from, to);
                records = await LedgerExport.WriteAsync(archive, stores.Audit, place, scope, context.Progress("export"), ct);
                await LedgerExport.WriteManifestAsync(archive, scope, records, context.Time.GetUtcNow(), ct);
            });
            await context.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{records} records in {path}"));
            return ExitCode.Ok;
        });
        return command;
    }
}

/// <summary>An archive in a file that was not there: whole, or not there afterwards either.</summary>
internal static class NewFile
{
    public static async Task WriteAsync(string path, Func<ArchiveWriter, Task> write)
    {
        var finished = false;
        await using var stream = Create(path);
        try
        {
            using (var archive = new ArchiveWriter(stream)) await write(archive);
            finished = true;
        }
        finally
        {
            if (!finished)
            {
                await stream.DisposeAsync();
                File.Delete(path);
            }
        }
    }

    private static FileStream Create(string path)
    {
        try
        {
            return new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be made: {e.Message}");
        }
    }
}
