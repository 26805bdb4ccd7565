using System.Text.Json;
using System.Text.Json.Nodes;
using McpServerless.Contracts.Watching;
using McpServerless.OpenApi.Import;

namespace McpServerless.Cli.Commands;

/// <param name="Left">Files of the upstream's tools that the document does not have, relative to the folder.</param>
internal sealed record WrittenContracts(int Changed, int Unchanged, IReadOnlyList<string> Left);

/// <summary>Writes contracts into a folder that a team owns, and keeps what the team added to them.</summary>
internal static class ContractFolder
{
    /// <summary>What an import decides; everything else in a file is a person's.</summary>
    private static readonly string[] Imported = ["version", "http", "definition"];

    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="UsageException">The folder cannot be written.</exception>
    public static async Task<WrittenContracts> WriteAsync(string folder, ImportedApi api, ContractOwner owner, string? schemas, CancellationToken ct)
    {
        try
        {
            var (changed, unchanged) = (0, 0);
            var paths = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (path, content) in ContractFiles.Write(api, owner, schemas))
            {
                paths.Add(path);
                var target = Path.Combine(folder, path);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!); // it has a folder: every path begins with one
                var before = File.Exists(target) ? await File.ReadAllBytesAsync(target, ct) : null;
                var after = before is null ? content : path.StartsWith("tools/", StringComparison.Ordinal) ? KeepOwn(before, content) : before;
                if (before is not null && before.AsSpan().SequenceEqual(after))
                {
                    unchanged++;
                    continue;
                }

                await File.WriteAllBytesAsync(target, after, ct);
                changed++;
            }

            return new WrittenContracts(changed, unchanged, api.Tools.Count == 0 ? [] : [.. Others(folder, owner.Upstream, paths)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{folder} cannot be written: {e.Message}");
        }
    }

    /// <summary>The new contract with a person's members, and with the person's rules for what the ledger keeps of fields that are still there.</summary>
    private static byte[] KeepOwn(byte[] before, byte[] content)
    {
        JsonNode? old;
        try
        {
            old = JsonNode.Parse(before);
        }
        catch (JsonException)
        {
            return content;
        }

        if (old is not JsonObject own) return content;
        var contract = (JsonObject)JsonNode.Parse(content)!; // it was just written
        var merged = new JsonObject();
        foreach (var (name, value) in contract) merged[name] = (Imported.Contains(name) || !own.ContainsKey(name) ? value : own[name])?.DeepClone();
        foreach (var (name, value) in own)
        {
            if (!merged.ContainsKey(name) && !Imported.Contains(name)) merged[name] = value?.DeepClone();
        }

        LiveDefinition.Carry(own["definition"]?["inputSchema"], merged["definition"]?["inputSchema"]);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options)) merged.WriteTo(writer);
        buffer.Write("\n"u8);
        return buffer.ToArray();
    }

    private static IEnumerable<string> Others(string folder, string upstream, HashSet<string> written)
    {
        var tools = Path.Combine(folder, "tools", upstream);
        return from file in Directory.Exists(tools) ? Directory.EnumerateFiles(tools, "*.json") : []
               let path = Path.GetRelativePath(folder, file).Replace('\\', '/')
               where !written.Contains(path)
               orderby path
               select path;
    }
}
