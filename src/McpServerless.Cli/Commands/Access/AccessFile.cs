using System.Text.Json;
using System.Text.Json.Nodes;
using McpServerless.Catalogue.Files;

namespace McpServerless.Cli.Commands.Access;

/// <summary>One file of a catalogue folder about a client or a grant, read alone.</summary>
internal static class AccessFile
{
    private static readonly string[] Unsaid = ["$schema", "kind", "tenantId", "clientId", "server", "grantId", "approver"];

    /// <exception cref="UsageException">It cannot be read, or is no YAML or JSON.</exception>
    public static JsonElement Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be read: {e.Message}");
        }

        var (root, faults) = DeclaredAccess.Parse(path, bytes);
        return root ?? throw new UsageException(string.Join('\n', faults));
    }

    /// <summary>What it says beside the names of the thing itself and who approves it.</summary>
    /// <param name="withState">Whether the state of a client counts too.</param>
    public static JsonElement Members(JsonElement file, bool withState = false)
    {
        var members = JsonNode.Parse(file.GetRawText())!.AsObject(); // a file with a kind is an object
        if (!withState) members.Remove("state");
        foreach (var name in Unsaid) members.Remove(name);
        using var document = JsonDocument.Parse(members.ToJsonString());
        return document.RootElement.Clone();
    }

    /// <exception cref="UsageException">It does not say so.</exception>
    public static string Text(JsonElement file, string name) => JsonMembers.Text(file, name) ?? throw new UsageException($"the file has no {name}");
}
