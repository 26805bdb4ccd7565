using System.IO.Enumeration;
using System.Text;

namespace McpServerless.Catalogue.Files;

/// <summary>Reads a folder of catalogue files: every error at once, over all files.</summary>
public static class CatalogueFolder
{
    /// <summary>The most files of one folder.</summary>
    public const int MaxFiles = 10_000;

    /// <summary>The most bytes of one file.</summary>
    public const int MaxFileBytes = 1024 * 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads and checks <c>*.json</c>, <c>*.yaml</c> and <c>*.yml</c> of a folder and the folders below it. Hidden ones are left out.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static async Task<LoadedCatalogue> LoadAsync(string folder, IReadOnlyList<FileOverride> overrides, TimeProvider time, CancellationToken ct)
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"There is no folder {folder}.");
        var findings = new List<CatalogueFinding>();
        var paths = Find(folder);
        if (paths.Count == 0) findings.Add(new CatalogueFinding(FindingRule.FolderEmpty, "", default, "", $"{folder} has no *.json, *.yaml or *.yml file"));
        if (paths.Count > MaxFiles) findings.Add(new CatalogueFinding(FindingRule.TooManyFiles, "", default, "", $"{folder} has {paths.Count} files; at most {MaxFiles} are read"));

        var files = new List<CatalogueFile>();
        var unreadable = false;
        foreach (var path in paths.Take(MaxFiles))
        {
            if (await ReadAsync(folder, path, findings, ct) is { } file) files.Add(file);
            else unreadable = true;
        }

        files = Override(files, overrides, findings);
        var sound = new List<CatalogueFile>();
        foreach (var file in files)
        {
            var broken = FileSchemas.Check(file);
            findings.AddRange(broken);
            if (broken.Count == 0) sound.Add(file);
        }

        return CatalogueChecks.Check(files, sound, referencesComplete: !unreadable, findings, time.GetUtcNow());
    }

    private static List<string> Find(string folder)
    {
        var found = new FileSystemEnumerable<string>(
            folder,
            (ref FileSystemEntry entry) => Path.GetRelativePath(folder, entry.ToFullPath()).Replace('\\', '/'),
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && Path.GetExtension(entry.FileName) is ".json" or ".yaml" or ".yml",
            // A link to a folder could lead in a circle.
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        };
        var paths = found.ToList();
        paths.Sort(StringComparer.Ordinal);
        return paths;
    }

    private static async Task<CatalogueFile?> ReadAsync(string folder, string path, List<CatalogueFinding> findings, CancellationToken ct)
    {
        byte[] bytes;
        try
        {
            var full = Path.Combine(folder, path);
            var length = new FileInfo(full).Length;
            if (length > MaxFileBytes)
            {
                findings.Add(new CatalogueFinding(FindingRule.FileTooLarge, path, default, "", $"has {length} bytes; at most {MaxFileBytes} are read"));
                return null;
            }

            bytes = await File.ReadAllBytesAsync(full, ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            findings.Add(new CatalogueFinding(FindingRule.FileUnreadable, path, default, "", $"cannot be read: {e.Message}"));
            return null;
        }

        return Parse(path, bytes, findings);
    }

    internal static CatalogueFile? Parse(string path, ReadOnlyMemory<byte> bytes, List<CatalogueFinding> findings)
    {
        if (bytes.Span.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        try
        {
            var text = StrictUtf8.GetString(bytes.Span);
            return path.EndsWith(".json", StringComparison.Ordinal) ? JsonFileReader.Read(path, bytes, findings) : YamlFileReader.Read(path, text, findings);
        }
        catch (DecoderFallbackException e)
        {
            var line = bytes.Span[..e.Index].Count((byte)'\n') + 1;
            findings.Add(new CatalogueFinding(FindingRule.InvalidUtf8, path, new TextPlace(line, 1), "", "is not UTF-8"));
            return null;
        }
    }

    private static List<CatalogueFile> Override(List<CatalogueFile> files, IReadOnlyList<FileOverride> overrides, List<CatalogueFinding> findings)
    {
        foreach (var change in overrides)
        {
            if (!files.Exists(change.Names)) findings.Add(new CatalogueFinding(FindingRule.OverrideUnknown, "", default, "", $"--set {change}: no file describes the upstream '{change.Upstream}'"));
            files = [.. files.Select(file => change.Names(file) ? change.ApplyTo(file) : file)];
        }

        return files;
    }
}
