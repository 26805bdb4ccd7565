using System.Text.Json;
using System.Text.Json.Nodes;
using McpServerless.Testing;

namespace McpServerless.Infra.Bicep;

/// <summary>
/// The Graph extension's types that infra/ uses, as a file for the compiler. The extension itself lies in Microsoft's registry, which
/// these checks do not ask; <c>graph-types.json</c> says where the types were read.
/// </summary>
public static class GraphTypes
{
    private const int Required = 1;
    private const int ReadOnly = 2;
    private const int KnownBeforehand = 8;
    private const int Identifier = 16;

    public const string Extension = "microsoftGraphV1";

    private static byte[]? _packed;

    /// <summary>Packs the types and makes the workspace's <c>bicepconfig.json</c> name the file.</summary>
    public static async Task GiveAsync(InfraWorkspace workspace, string bicep, CancellationToken cancellationToken)
    {
        _packed ??= await PackAsync(workspace.Combine("graph-types"), bicep, cancellationToken);
        await File.WriteAllBytesAsync(workspace.Combine("graph-types.tgz"), _packed, cancellationToken);
        var configuration = JsonNode.Parse(workspace.Read("infra/bicepconfig.json"))?.AsObject() ?? [];
        if (configuration["extensions"]?[Extension] is null) return; // Then what uses it does not compile, which is a finding.
        configuration["extensions"] = new JsonObject { [Extension] = "../graph-types.tgz" };
        workspace.Write("infra/bicepconfig.json", configuration.ToJsonString());
    }

    private static async Task<byte[]> PackAsync(string folder, string bicep, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        using var description = JsonDocument.Parse(Resources.Read("graph-types.json"));
        var (types, resources) = Describe(description.RootElement.GetProperty("resources"));
        await File.WriteAllTextAsync(Path.Combine(folder, "types.json"), types.ToJsonString(), cancellationToken);
        var index = new JsonObject
        {
            ["resources"] = resources,
            ["resourceFunctions"] = new JsonObject(),
            ["settings"] = new JsonObject { ["name"] = "MicrosoftGraph", ["version"] = "1.0.0", ["isSingleton"] = false },
        };
        await File.WriteAllTextAsync(Path.Combine(folder, "index.json"), index.ToJsonString(), cancellationToken);
        var target = Path.Combine(folder, "graph-types.tgz");
        await using var pack = ChildProcess.Start(new ChildProcessStart("bicep publish-extension", bicep, "publish-extension", Path.Combine(folder, "index.json"), "--target", target));
        return await pack.ExitAsync(cancellationToken) == 0
            ? await File.ReadAllBytesAsync(target, cancellationToken)
            : throw new InvalidOperationException($"The Graph types cannot be packed.\n{pack.LastLines(10)}");
    }

    private static (JsonArray Types, JsonObject Resources) Describe(JsonElement description)
    {
        var types = new JsonArray();
        var resources = new JsonObject();
        foreach (var resource in description.EnumerateObject())
        {
            var (type, version) = (resource.Name.Split('@')[0], resource.Name.Split('@')[1]);
            var properties = new JsonObject
            {
                ["type"] = Property(Add(types, Literal(type)), ReadOnly | KnownBeforehand),
                ["apiVersion"] = Property(Add(types, Literal(version)), ReadOnly | KnownBeforehand),
            };
            foreach (var member in resource.Value.EnumerateObject()) properties[member.Name] = Property(Add(types, member.Value), FlagsOf(member.Value));
            var body = Add(types, new JsonObject { ["$type"] = "ObjectType", ["name"] = type, ["properties"] = properties });
            var added = Add(types, new JsonObject { ["$type"] = "ResourceType", ["name"] = resource.Name, ["scopeType"] = 0, ["body"] = Reference(body), ["flags"] = 0 });
            resources[resource.Name] = new JsonObject { ["$ref"] = $"types.json#/{added}" };
        }

        return (types, resources);
    }

    private static int Add(JsonArray types, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => Add(types, new JsonObject { ["$type"] = "ArrayType", ["itemType"] = Reference(Add(types, value[0])) }),
        JsonValueKind.Object => AddObject(types, value),
        _ => Add(types, new JsonObject
        {
            ["$type"] = value.GetString()?.Split(' ')[0] switch { "integer" => "IntegerType", "boolean" => "BooleanType", _ => "StringType" },
        }),
    };

    private static int AddObject(JsonArray types, JsonElement value)
    {
        var properties = new JsonObject();
        foreach (var member in value.EnumerateObject()) properties[member.Name] = Property(Add(types, member.Value), 0);
        return Add(types, new JsonObject { ["$type"] = "ObjectType", ["name"] = $"Type{types.Count}", ["properties"] = properties });
    }

    private static int Add(JsonArray types, JsonObject type)
    {
        types.Add((JsonNode)type);
        return types.Count - 1;
    }

    private static int FlagsOf(JsonElement value) => value.ValueKind != JsonValueKind.String
        ? 0
        : value.GetString() switch
        {
            { } text when text.EndsWith(" key", StringComparison.Ordinal) => Required | KnownBeforehand | Identifier,
            // A key that may come from another resource.
            { } text when text.EndsWith(" id", StringComparison.Ordinal) => Required | Identifier,
            { } text when text.EndsWith(" required", StringComparison.Ordinal) => Required,
            { } text when text.EndsWith(" read-only", StringComparison.Ordinal) => ReadOnly,
            _ => 0,
        };

    private static JsonObject Literal(string value) => new() { ["$type"] = "StringLiteralType", ["value"] = value };

    private static JsonObject Property(int type, int flags) => new() { ["type"] = Reference(type), ["flags"] = flags };

    private static JsonObject Reference(int type) => new() { ["$ref"] = $"#/{type}" };
}
