using System.IO.Compression;
using System.Security.Cryptography;

namespace McpServerless.Audit.Export;

/// <summary>A ZIP file whose bytes depend on its content alone: entries in the order in which they are written, all with the same time. Each has a digest.</summary>
public sealed class ArchiveWriter(Stream to) : IDisposable
{
    /// <summary>The earliest that the format can say.</summary>
    private static readonly DateTimeOffset Time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ZipArchive _zip = new(to, ZipArchiveMode.Create, leaveOpen: true);
    private readonly SortedDictionary<string, string> _digests = new(StringComparer.Ordinal);

    /// <summary>By entry, the SHA-256 of its content in lower-case hexadecimal.</summary>
    public IReadOnlyDictionary<string, string> Digests => _digests;

    public async Task WriteAsync(string name, ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        await using var entry = await BeginAsync(name, ct);
        await entry.WriteAsync(content, ct);
    }

    /// <summary>An entry that is written piece by piece. One at a time.</summary>
    public async Task<ArchiveEntry> BeginAsync(string name, CancellationToken ct)
    {
        var entry = _zip.CreateEntry(name, CompressionLevel.Fastest);
        entry.LastWriteTime = Time;
        return new ArchiveEntry(await entry.OpenAsync(ct), digest => _digests[name] = digest);
    }

    public void Dispose() => _zip.Dispose();
}

/// <summary>One entry while it is written.</summary>
public sealed class ArchiveEntry(Stream stream, Action<string> ended) : IAsyncDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        _hash.AppendData(content.Span);
        await stream.WriteAsync(content, ct);
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        ended(Convert.ToHexStringLower(_hash.GetHashAndReset()));
        _hash.Dispose();
    }
}
