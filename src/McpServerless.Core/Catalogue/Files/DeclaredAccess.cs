using System.Text.Json;
using System.Text.Json.Nodes;
using McpServerless.Access;

namespace McpServerless.Catalogue.Files;

/// <summary>Clients and grants that come one by one and not in a folder: the same schemas, the same checks.</summary>
public static class DeclaredAccess
{
    /// <summary>The schema of a client's file.</summary>
    public static JsonElement ClientSchema => FileSchemas.SourceOf(FileSchemas.Client);

    /// <summary>The schema of a grant's file.</summary>
    public static JsonElement GrantSchema => FileSchemas.SourceOf(FileSchemas.Grant);

    /// <summary>A file as it is written, YAML or JSON by its name; or what is wrong with it.</summary>
    public static (JsonElement? Root, IReadOnlyList<string> Faults) Parse(string path, ReadOnlyMemory<byte> bytes)
    {
        var findings = new List<CatalogueFinding>();
        var file = CatalogueFolder.Parse(path, bytes, findings);
        return (file?.Root, [.. findings.Select(f => f.ToString())]);
    }

    /// <param name="tenantId">The tenant whose tokens the gateway accepts.</param>
    /// <param name="members">What the file would say beside the ids.</param>
    /// <returns>The client, or what is wrong with it: a pointer and a message each.</returns>
    public static (Client? Client, IReadOnlyList<string> Faults) ReadClient(string tenantId, string clientId, JsonElement members, DateTimeOffset now)
    {
        var file = FileOf(FileSchemas.Client, members, ("tenantId", tenantId), ("clientId", clientId));
        var findings = Shape(file);
        if (findings.Count > 0) return (null, Faults(findings));
        var declared = FileContent.Client(file.Root, now);
        CatalogueChecks.CheckClient(file, declared, findings, now);
        return findings.Count > 0 ? (null, Faults(findings)) : (declared.Client, []);
    }

    /// <param name="client">Whose grant it is.</param>
    /// <param name="approver">Whoever gives it.</param>
    /// <param name="members">What the file would say beside the ids and the approver.</param>
    /// <param name="catalogue">What the grant's patterns are held against.</param>
    /// <returns>The grant, or what is wrong with it. What a folder is only warned of is wrong here: nobody is there to read a warning.</returns>
    public static (Grant? Grant, IReadOnlyList<string> Faults) ReadGrant(Client client, string server, string grantId, string approver, JsonElement members, CatalogueVersion catalogue, DateTimeOffset now)
    {
        var file = FileOf(FileSchemas.Grant, members, ("clientId", client.ClientId), ("server", server), ("grantId", grantId), ("approver", approver));
        var findings = Shape(file);
        if (findings.Count > 0) return (null, Faults(findings));
        var declared = FileContent.Grant(file.Root, now);
        var set = FileSet.From([], now) with { Clients = [(file, new DeclaredClient(client, null, StateGiven: false))] };
        GrantChecks.Check(file, declared, set, catalogue, complete: true, findings, now);

        // Two persons for what is sensitive are asked for where the grant is given, by who they are.
        findings.RemoveAll(f => f.Rule == FindingRule.RequesterMissing || f.Rule == FindingRule.ApproverIsRequester);
        return findings.Count > 0 ? (null, Faults(findings)) : (declared.Grant, []);
    }

    private static CatalogueFile FileOf(string kind, JsonElement members, params ReadOnlySpan<(string Name, string Value)> ids)
    {
        var root = new JsonObject { ["kind"] = kind };
        foreach (var (name, value) in ids) root[name] = value;
        foreach (var member in members.EnumerateObject()) root[member.Name] ??= JsonNode.Parse(member.Value.GetRawText());
        using var document = JsonDocument.Parse(root.ToJsonString());
        return new CatalogueFile("", document.RootElement.Clone(), new Dictionary<string, TextPlace>());
    }

    private static List<CatalogueFinding> Shape(CatalogueFile file)
    {
        var findings = FileSchemas.Check(file).ToList();
        if (findings.Count == 0) CatalogueChecks.CheckValues(file, findings);
        return findings;
    }

    private static IReadOnlyList<string> Faults(List<CatalogueFinding> findings) => [.. findings.Select(f => f.Pointer.Length == 0 ? f.Message : $"{f.Pointer}: {f.Message}")];
}
