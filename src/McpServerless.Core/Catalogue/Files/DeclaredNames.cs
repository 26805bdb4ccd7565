using System.Text.Json;

namespace McpServerless.Catalogue.Files;

/// <summary>What the files of a folder describe, by name, also where a file is broken elsewhere; and whether what they refer to is there.</summary>
internal sealed class DeclaredNames
{
    private static readonly string[] Selections = ["tools", "prompts", "resources"];

    private readonly IReadOnlyList<CatalogueFile> _files;
    private readonly Dictionary<(string Kind, string Name), CatalogueFile> _declared = [];

    /// <summary>Kinds of which a file lacks its name: what it would describe is not reported as missing.</summary>
    private readonly HashSet<string> _incomplete = new(StringComparer.Ordinal);

    public DeclaredNames(IReadOnlyList<CatalogueFile> files, List<CatalogueFinding> findings)
    {
        _files = files;
        foreach (var file in files)
        {
            if (Name(file) is not var (name, pointer))
            {
                _incomplete.Add(file.Kind);
                continue;
            }

            if (_declared.TryAdd((file.Kind, name), file)) continue;
            var first = _declared[(file.Kind, name)];
            var place = first.PlaceOf(pointer);
            findings.Add(file.Finding(FindingRule.DuplicateName, pointer, $"{file.Kind} {name} is described already in {first.Path}:{place.Line}"));
        }
    }

    public void CheckReferences(List<CatalogueFinding> findings)
    {
        foreach (var file in _files)
        {
            switch (file.Kind)
            {
                case FileSchemas.ToolContract or FileSchemas.PromptContract or FileSchemas.ResourceContract:
                    Check(file, "/upstream", FileSchemas.Upstream, file.Text("upstream"), findings);
                    break;
                case FileSchemas.VirtualServer:
                    foreach (var member in Selections) CheckSelections(file, member, findings);
                    break;
                case FileSchemas.Grant:
                    Check(file, "/server", FileSchemas.VirtualServer, file.Text("server"), findings);
                    CheckClient(file, findings);
                    break;
            }
        }
    }

    private void CheckSelections(CatalogueFile file, string member, List<CatalogueFinding> findings)
    {
        if (!file.Root.TryGetProperty(member, out var selections) || selections.ValueKind != JsonValueKind.Array) return;
        for (var i = 0; i < selections.GetArrayLength(); i++)
        {
            var pointer = $"/{member}/{i}/upstream";
            if (JsonPointers.Follow(file.Root, pointer) is { ValueKind: JsonValueKind.String } upstream)
            {
                Check(file, pointer, FileSchemas.Upstream, upstream.GetString(), findings);
            }
        }
    }

    private void Check(CatalogueFile file, string pointer, string kind, string? name, List<CatalogueFinding> findings)
    {
        if (name is null || _incomplete.Contains(kind) || _declared.ContainsKey((kind, name))) return;
        if (kind == FileSchemas.Upstream && name == GatewayTools.UpstreamName && file.Kind == FileSchemas.VirtualServer) return;
        findings.Add(file.Finding(FindingRule.ReferenceUnknown, pointer, $"no file describes the {kind} {name}"));
    }

    private void CheckClient(CatalogueFile file, List<CatalogueFinding> findings)
    {
        if (file.Text("clientId") is not { } id || _incomplete.Contains(FileSchemas.Client)) return;
        if (_files.Any(f => f.Kind == FileSchemas.Client && string.Equals(f.Text("clientId"), id, StringComparison.OrdinalIgnoreCase))) return;
        findings.Add(file.Finding(FindingRule.ReferenceUnknown, "/clientId", $"no file describes the {FileSchemas.Client} {id}"));
    }

    /// <summary>The name that has to be unique, and where it stands; null when the file lacks it.</summary>
    private static (string Name, string Pointer)? Name(CatalogueFile file) => file.Kind switch
    {
        FileSchemas.Upstream or FileSchemas.VirtualServer when file.Text("name") is { } name => (name, "/name"),
        FileSchemas.ToolContract or FileSchemas.PromptContract when file.Text("definition", "name") is { } name && file.Text("upstream") is { } upstream => ($"{upstream}/{name}", "/definition/name"),
        FileSchemas.ResourceContract when file.Text("definition", "uri") is { } uri && file.Text("upstream") is { } upstream => ($"{upstream}/{uri}", "/definition/uri"),
        FileSchemas.ResourceContract when file.Text("definition", "uriTemplate") is { } template && file.Text("upstream") is { } upstream =>
            ($"{upstream}/{template}", "/definition/uriTemplate"),
        FileSchemas.Client when file.Text("clientId") is { } id && file.Text("tenantId") is { } tenant => ($"{tenant}/{id}".ToLowerInvariant(), "/clientId"),
        FileSchemas.Grant when file.Text("grantId") is { } id => (id, "/grantId"),
        _ => null,
    };
}
