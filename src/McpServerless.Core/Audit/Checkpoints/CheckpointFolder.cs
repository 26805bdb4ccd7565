using System.Globalization;

namespace McpServerless.Audit.Checkpoints;

/// <summary>Checkpoints as files of a folder, for one's own machine and in exports. Files are made and never opened for writing again.</summary>
/// <remarks>A file system keeps nobody from changing them; in Azure they go into an immutable container.</remarks>
public sealed class CheckpointFolder(string path) : ICheckpointStore
{
    public ValueTask<long> FindLastAsync(CancellationToken ct) => Guarded(() =>
        Directory.Exists(path)
            ? Directory.EnumerateFiles(path, "*.json").Select(f => long.TryParse(Path.GetFileNameWithoutExtension(f), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0).DefaultIfEmpty(0).Max()
            : 0);

    public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(long number, CancellationToken ct) => Guarded<ReadOnlyMemory<byte>?>(() =>
    {
        // A bare null would become an empty memory.
        if (!File.Exists(FileOf(number))) return null;
        return File.ReadAllBytes(FileOf(number));
    });

    public ValueTask<IReadOnlyList<string>> ReadKeysAsync(CancellationToken ct) => Guarded<IReadOnlyList<string>>(() =>
        Directory.Exists(path) ? [.. Directory.EnumerateFiles(path, "*.pem").Order(StringComparer.Ordinal).Select(File.ReadAllText)] : []);

    public ValueTask<bool> AddAsync(long number, ReadOnlyMemory<byte> file, CancellationToken ct) => Guarded(() => TryWrite(FileOf(number), file.Span));

    public async ValueTask AddKeyAsync(string keyId, string pem, CancellationToken ct) =>
        await Guarded(() => TryWrite(Path.Combine(path, keyId + ".pem"), System.Text.Encoding.ASCII.GetBytes(pem)));

    private string FileOf(long number) => Path.Combine(path, number.ToString("D12", CultureInfo.InvariantCulture) + ".json");

    /// <summary>Whole or not at all: a crash in the middle must not leave half a checkpoint under its name.</summary>
    private bool TryWrite(string file, ReadOnlySpan<byte> content)
    {
        Directory.CreateDirectory(path);
        if (File.Exists(file)) return false;
        var draft = Path.Combine(path, $".{Guid.NewGuid():N}.draft");
        using (var stream = new FileStream(draft, FileMode.CreateNew, FileAccess.Write))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(draft, file, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(file))
        {
            File.Delete(draft);
            return false;
        }
    }

    private ValueTask<T> Guarded<T>(Func<T> work)
    {
        try
        {
            return ValueTask.FromResult(work());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"The checkpoint folder {path} cannot be used.", e);
        }
    }
}
