using McpServerless.Audit.Sinks.Formats;

namespace McpServerless.Audit.Sinks;

/// <summary>Appends records to a file for each day and instance.</summary>
internal sealed class FolderSink(string folder, SinkFormat format) : IRecordSink
{
    public string Name => "folder";

    public int MaxBatchBytes => 4 * 1024 * 1024;

    public async ValueTask SendAsync(IReadOnlyList<OutgoingRecord> records, CancellationToken ct)
    {
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var file in records.GroupBy(r => Path.Combine(folder, $"mcp-audit-{r.Day}-{r.Writer}.{ExtensionOf(format)}")))
            {
                using var text = new PooledBytes(64 * 1024);
                foreach (var record in file) RecordText.WriteLine(format, record, text);
                await using var stream = new FileStream(file.Key, FileMode.Append, FileAccess.Write, FileShare.Read);
                await stream.WriteAsync(text.Memory, ct);
                stream.Flush(flushToDisk: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SinkUnavailableException($"The folder cannot be written: {e.GetType().Name}.", e);
        }
    }

    private static string ExtensionOf(SinkFormat format) => format is SinkFormat.Cef ? "cef" : format is SinkFormat.Leef ? "leef" : "jsonl";
}
