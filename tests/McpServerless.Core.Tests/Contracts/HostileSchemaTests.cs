using System.Text.Json;
using McpServerless.Catalogue;
using McpServerless.Catalogue.Files;
using McpServerless.Contracts;
using McpServerless.Contracts.Comparing;
using McpServerless.Contracts.Guarding;
using McpServerless.Contracts.Importing;
using McpServerless.Contracts.Watching;
using McpServerless.Core.Tests.Catalogue;

namespace McpServerless.Core.Tests.Contracts;

/// <summary>Schemas that were made to cost time, memory or the process.</summary>
public class HostileSchemaTests
{
    private static readonly Dictionary<string, string> Schemas = new()
    {
        ["doubling by references"] = Chain(24, next => $$$"""{"allOf":[{"$ref":"{{{next}}}"},{"$ref":"{{{next}}}"}]}"""),
        ["doubling by anyOf"] = Chain(24, next => $$$"""{"anyOf":[{"$ref":"{{{next}}}"},{"$ref":"{{{next}}}"}]}"""),
        ["doubling by properties"] = Chain(24, next => $$$$"""{"properties":{"a":{"$ref":"{{{{next}}}}"},"b":{"$ref":"{{{{next}}}}"}}}"""),
        ["doubling by not and if"] = Chain(24, next => $$$"""{"not":{"$ref":"{{{next}}}"},"if":{"$ref":"{{{next}}}"}}"""),
        ["doubling by items"] = Chain(24, next => $$$"""{"items":{"$ref":"{{{next}}}"},"contains":{"$ref":"{{{next}}}"}}"""),
        ["long chain of references"] = Chain(1_500, next => $$$"""{"$ref":"{{{next}}}"}"""),
        ["reference to itself"] = """{"$ref":"#"}""",
        ["reference to itself by allOf"] = """{"allOf":[{"$ref":"#"}]}""",
        ["reference to itself by a pair"] = """{"$ref":"#/$defs/a","$defs":{"a":{"anyOf":[{"$ref":"#/$defs/b"}]},"b":{"not":{"$ref":"#/$defs/a"}}}}""",
        ["reference to itself by an anchor"] = """{"$ref":"#x","$defs":{"a":{"$anchor":"x","if":{"$ref":"#x"}}}}""",
        ["reference to itself by another spelling"] = """{"$ref":"#/%24defs/a","$defs":{"a":{"allOf":[{"$ref":"#/$defs/a"}]}}}""",
        ["reference to itself by dependentSchemas"] = """{"$ref":"#/$defs/a","$defs":{"a":{"dependentSchemas":{"x":{"$ref":"#/$defs/a"}}}}}""",
        ["reference to itself by $dynamicRef"] = """{"$dynamicAnchor":"m","allOf":[{"$dynamicRef":"#m"}]}""",
        ["deep nesting"] = string.Concat(Enumerable.Repeat("{\"not\":", 60)) + "{}" + new string('}', 60),
        ["deep nesting of lists"] = "{\"enum\":[" + new string('[', 60) + new string(']', 60) + "]}",
        ["megabyte of description"] = $$"""{"description":"{{new string('x', 1_000_000)}}"}""",
        ["many members"] = "{\"properties\":{" + string.Join(',', Enumerable.Range(0, 6_000).Select(i => $"\"p{i}\":{{}}")) + "}}",
        ["many alternatives"] = "{\"anyOf\":[" + string.Join(',', Enumerable.Repeat("{}", 6_000)) + "]}",
        ["many listed values"] = "{\"enum\":[" + string.Join(',', Enumerable.Range(0, 2_000)) + "]}",
        ["pattern with nested repetition and a look-ahead"] = """{"pattern":"^(?=(a+)+$)b"}""",
        ["pattern with a look-behind"] = """{"pattern":"(?<=(a|a)*)c"}""",
        ["pattern with a back-reference"] = """{"pattern":"^(a*)*\\1$"}""",
        ["pattern with huge repetition"] = """{"pattern":"(((a{1,1000}){1,1000}){1,1000}){1,1000}"}""",
        ["pattern of a name with a look-ahead"] = """{"patternProperties":{"^(?!x)(a+)+$":{}}}""",
        ["multipleOf beyond numbers"] = """{"multipleOf":1e-99999999}""",
        ["multipleOf of great length"] = $$"""{"multipleOf":0.{{new string('0', 5_000)}}1}""",
        ["reference to a file"] = """{"$ref":"file:///etc/passwd"}""",
        ["reference to a network"] = """{"$ref":"http://169.254.169.254/latest"}""",
        ["reference by $dynamicRef to a network"] = """{"$dynamicRef":"https://example.org/x#y"}""",
        ["dialect from a network"] = """{"$schema":"https://example.org/dialect"}""",
    };

    public static TheoryData<string> Names => [.. Schemas.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void IsRefusedByName_AndNeverCompared(string name)
    {
        var schema = JsonDocument.Parse(Schemas[name], new JsonDocumentOptions { MaxDepth = 256 }).RootElement;
        Assert.All(SchemaAdmission.Check(schema), finding => Assert.NotEmpty(finding.Message));
        Assert.NotEmpty(SchemaAdmission.Check(schema));
        var change = Assert.Single(SchemaComparison.Compare(JsonDocument.Parse("{}").RootElement, schema, SchemaSide.Input, "s"));
        Assert.Equal(ChangeRule.InputSchemaRefused, change.Rule);
    }

    /// <summary>Nothing of it reaches a file, a catalogue, or a call.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task IsRefusedAtImport_AtApply_AndByTheWatch(string name)
    {
        var schema = Schemas[name].Insert(1, Schemas[name].Length > 2 ? "\"type\":\"object\"," : "\"type\":\"object\"");
        var definition = JsonDocument.Parse($$"""{"name":"t","description":"d","inputSchema":{{schema}}}""", new JsonDocumentOptions { MaxDepth = 256 }).RootElement;
        var tool = new ToolContract { Upstream = "u", Name = "t", Definition = definition, Hash = "", Version = "1", Team = "team" };
        using var folder = new TemporaryFolder();
        var upstream = new Upstream { Name = "u", Url = new Uri("https://u.example/mcp") };
        var imported = Assert.Single(await new ContractFiles(folder.Path).WriteAsync(upstream, [tool], "team", CancellationToken.None));
        Assert.Equal(ImportAction.Refused, imported.Action);
        Assert.Contains(imported.Findings, f => f.Rule == GuardRule.SchemaRefused && f.Pointer.StartsWith("/inputSchema", StringComparison.Ordinal));
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "tools")));

        folder.Write("tools/t.json", $$"""{"kind":"ToolContract","upstream":"u","version":"1","team":"team","definition":{{definition.GetRawText()}}}""");
        var loaded = await CatalogueFolder.LoadAsync(folder.Path, [], FixedTime.June2026, CancellationToken.None);
        Assert.Null(loaded.Content);
        Assert.Contains(loaded.Findings, f => f.Rule == FindingRule.SchemaRefused || f.Rule == FindingRule.FileTooLarge || f.Rule == FindingRule.ObjectTooLarge || f.Rule == FindingRule.NestedTooDeep || f.Rule == FindingRule.InvalidValue);

        var judgement = DriftJudgement.Of(tool with { Definition = JsonElement.Parse("""{"name":"t","description":"d","inputSchema":{"type":"object"}}""") }, [definition]);
        Assert.Equal((DriftVerdict.Suspicious, DriftJudgement.SchemaRefused), (judgement.Verdict, judgement.Rules.First(r => r == DriftJudgement.SchemaRefused)));
    }

    /// <summary>Counted in the work of one thread and not by the clock on the wall, which others share: a look at all of them costs less than what one may.</summary>
    [Fact]
    public void AllOfThem_CostLittleToRefuse()
    {
        var parsed = Schemas.Values.Select(s => JsonDocument.Parse(s, new JsonDocumentOptions { MaxDepth = 256 }).RootElement).ToList();
        foreach (var schema in parsed) SchemaAdmission.Check(schema);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var schema in parsed) SchemaAdmission.Check(schema);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 50_000_000);
    }

    private static string Chain(int length, Func<string, string> link) =>
        "{\"$ref\":\"#/$defs/d0\",\"$defs\":{" + string.Join(',', Enumerable.Range(0, length).Select(i => $"\"d{i}\":{link($"#/$defs/d{i + 1}")}")) + $",\"d{length}\":{{\"type\":\"string\"}}}}}}";
}
