using System.Text.Json;
using System.Text.Json.Nodes;
using McpServerless.Audit;
using McpServerless.Audit.Shapes;
using McpServerless.Catalogue.Files;
using McpServerless.Contracts;
using McpServerless.Testing;

namespace McpServerless.Core.Tests.Catalogue;

public sealed class PublishedSchemaTests
{
    private static readonly string Schemas = RepositoryRoot.Combine("schemas");

    public static TheoryData<string> Names => [.. Directory.GetFiles(Schemas, "*.schema.json").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryMember_IsDescribed_ForEditors(string name)
    {
        var schema = Read(name);
        Assert.True(schema.TryGetProperty("description", out _));
        if (name.StartsWith("audit", StringComparison.Ordinal) || !schema.TryGetProperty("properties", out var properties)) return;
        Assert.All(properties.EnumerateObject(), p => Assert.True(p.Value.TryGetProperty("description", out _), p.Name));
    }

    [Fact]
    public async Task SampleFiles_AreEachOfExactlyOneKind()
    {
        var schema = ValueSchema.Build(WithReferencedFilesInside("catalogue-file.schema.json"));
        var files = Directory.GetFiles(RepositoryRoot.Combine("samples", "catalogue"), "*.yaml", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        foreach (var path in files)
        {
            var file = CatalogueFolder.Parse(path, await File.ReadAllBytesAsync(path), []);
            Assert.Empty(schema.Check(file!.Root));
        }
    }

    [Fact]
    public void SampleFiles_NameTheSchemaThatLiesWhereTheySay()
    {
        foreach (var path in Directory.GetFiles(RepositoryRoot.Combine("samples", "catalogue"), "*.yaml", SearchOption.AllDirectories))
        {
            const string Start = "# yaml-language-server: $schema=";
            var first = File.ReadLines(path).First();
            Assert.StartsWith(Start, first, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(path)!, first[Start.Length..])), path);
        }
    }

    [Fact]
    public void AuditRecords_KeepTheirPublishedSchema()
    {
        var schema = ValueSchema.Build(Read("audit-record.schema.json"));
        var id = Guid.CreateVersion7();
        var hash = new string('a', 64);
        var least = new AuditRecord { RecordId = id, Time = FixedTime.June2026.Now, Event = AuditEvent.Outcome, RequestId = id, Server = "demo", Decision = "refused" };
        var most = least with
        {
            Event = AuditEvent.Intent,
            TenantId = "t",
            ClientId = "c",
            UserId = "u",
            TokenId = "i",
            ModelId = "m",
            Method = "tools/call",
            Tool = "echo",
            ReadOnly = true,
            Prompt = "p",
            Resource = "test://r",
            SessionId = Guid.CreateVersion7(),
            Upstream = "everything",
            ContractVersion = "1",
            ContractHash = hash,
            CatalogueVersion = 3,
            GrantId = "g",
            Decision = "allowed",
            RefusalCode = "tool_unknown",
            Note = "n",
            ArgumentsJson = "{\"a\":1}"u8.ToArray(),
            ArgumentDigest = hash,
            InputVerdict = "valid",
            OutputVerdict = "unchecked",
            UpstreamStatus = 200,
            ResultDigest = hash,
            ResultBytes = 12,
            ResultIsError = false,
            Redactions = ["/a"],
            DurationMicroseconds = 5,
            ProtocolVersion = "2025-11-25",
            TraceId = "x",
            ClaimedClientName = "n",
            ClaimedClientVersion = "1",
            ClaimedUserAgent = "a",
            RuleIds = ["r"],
            ArgumentShapeJson = ArgumentShape.Of(JsonDocument.Parse("""{"a":[1,2.5,null,"x","yz",{"b":true},[1e30]]}""").RootElement).ToJson(),
            ResultJson = "{}"u8.ToArray(),
            DetailsJson = "{}"u8.ToArray(),
        };
        foreach (var kind in Enum.GetValues<AuditEvent>()) Assert.Empty(schema.Check(JsonDocument.Parse((least with { Event = kind }).ToJson(hash[..32], 1, "")).RootElement));
        var writer = Guid.CreateVersion7().ToString("N");

        Assert.Empty(schema.Check(JsonDocument.Parse(least.ToJson(writer, 1, "")).RootElement));
        var record = JsonDocument.Parse(most.ToJson(writer, 2, hash)).RootElement;
        Assert.Empty(schema.Check(record));
        // Every member that can be written is described.
        Assert.Equal(
            Read("audit-record.schema.json").GetProperty("properties").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal),
            record.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    private static JsonElement Read(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Schemas, name))).RootElement;

    /// <summary>References to files beside the schema, which an editor follows, as parts of it.</summary>
    private static JsonElement WithReferencedFilesInside(string name)
    {
        var schema = JsonNode.Parse(File.ReadAllText(Path.Combine(Schemas, name)))!.AsObject();
        var definitions = new JsonObject();
        foreach (var branch in schema["oneOf"]!.AsArray())
        {
            var file = branch!["$ref"]!.GetValue<string>();
            var part = JsonNode.Parse(File.ReadAllText(Path.Combine(Schemas, file)))!.AsObject();
            part.Remove("$schema");
            // The parts refer to their own definitions from their own root.
            part["$id"] = $"https://schemas.invalid/{file}";
            branch["$ref"] = $"https://schemas.invalid/{file}";
            definitions[file] = part;
        }

        schema["$defs"] = definitions;
        return JsonSerializer.SerializeToElement(schema);
    }
}
