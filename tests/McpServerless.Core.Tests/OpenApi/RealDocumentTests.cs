using System.Text.Json;
using System.Text.Json.Nodes;
using McpServerless.Catalogue.Files;
using McpServerless.Contracts;
using McpServerless.Core.Tests.Catalogue;
using McpServerless.OpenApi;
using McpServerless.OpenApi.Import;
using McpServerless.Testing;
using Xunit.Abstractions;

namespace McpServerless.Core.Tests.OpenApi;

public sealed class RealDocumentTests(ITestOutputHelper output) : IDisposable
{
    private static readonly ContractOwner Owner = new("api", "tests", null, new Uri("https://api.contoso.example/v1"));

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, int, int> All => RealDocuments.All;

    /// <summary>Set to <c>whole</c>, it has every tool of every document asked of the mock; that takes minutes.</summary>
    private const string WholeVariable = "OPENAPI_MOCK";

    private static bool IsWhole => Environment.GetEnvironmentVariable(WholeVariable) == "whole";

    /// <summary>The documents whose tools are asked of the mock, and how many of them: of large ones some, the same in every run.</summary>
    public static TheoryData<string, int> ForTheMock
    {
        get
        {
            var documents = new TheoryData<string, int>();
            foreach (var (path, some) in Asked.Where(a => a.Some > 0 || IsWhole)) documents.Add(path, some);
            return documents;
        }
    }

    /// <summary>0 for one whose document alone keeps the mock busy for a long time before it answers: with all of them, or not at all.</summary>
    private static readonly (string Path, int Some)[] Asked =
    [
        ("@readme/oas-examples/3.0/json/petstore.json", int.MaxValue),
        ("@readme/oas-examples/3.1/json/petstore.json", int.MaxValue),
        ("@readme/oas-examples/3.1/json/train-travel.json", int.MaxValue),
        ("@scalar/galaxy/dist/3.1.yaml", int.MaxValue),
        ("@readme/oas-examples/3.0/yaml/star-trek.yaml", 8),
        ("@readme/oas-examples/3.1/json/readme.json", 8),
        ("@figma/rest-api-spec/openapi/openapi.yaml", 0),
        ("@blockfrost/openapi/openapi.yaml", 8),
    ];

    /// <summary>The mock leaves members that are read-only out of what a request needs, but not within oneOf, where it should do no less.</summary>
    private static readonly string[] Disputed = ["createCelestialBody"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(All))]
    public async Task Import_GivesContractsThatTheCatalogueTakes_AndAReasonForTheRest(string path, int operations, int tools)
    {
        var api = OpenApiImport.Read(RealDocuments.Read(path), new ImportSelection());

        Assert.Equal((operations, tools), (api.Operations, api.Tools.Count));
        Assert.Equal(operations - tools, api.Findings.Count(f => f.Rule.Severity == ImportSeverity.Operation));
        var source = OpenApiSource.Read(RealDocuments.Read(path), [])!;
        Assert.All(api.Findings, finding => Assert.True(finding.Pointer.Length == 0 || source.Find(finding.Pointer) is not null, finding.ToString()));

        Write(api);
        var loaded = await CatalogueFolder.LoadAsync(_folder.Path, [], FixedTime.June2026, CancellationToken.None);
        Assert.Empty(loaded.Findings);
        Assert.Equal(tools, loaded.Content!.Catalogue.Tools.Count);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Import_GivesTheSameBytesAgain(string path, int operations, int tools)
    {
        Assert.True(tools <= operations);
        var first = ContractFiles.Write(OpenApiImport.Read(RealDocuments.Read(path), new ImportSelection()), Owner, "../schemas").ToList();
        var second = ContractFiles.Write(OpenApiImport.Read(RealDocuments.Read(path), new ImportSelection()), Owner, "../schemas").ToList();
        Assert.Equal(first.Select(f => f.Path), second.Select(f => f.Path));
        Assert.Equal(first.Select(f => Convert.ToHexString(f.Content)), second.Select(f => Convert.ToHexString(f.Content)));
    }

    [Theory]
    [MemberData(nameof(ForTheMock))]
    public async Task GeneratedArguments_MakeRequestsThatAValidatingMockTakes_AndWrongOnesAreRefusedBefore(string path, int some)
    {
        var api = OpenApiImport.Read(RealDocuments.Read(path), new ImportSelection());
        await using var prism = await PrismMock.StartAsync(RealDocuments.WithoutSecurity(path, _folder.Path));
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        var refused = new List<string>();
        var without = new List<string>();
        var (sent, wrong) = (0, 0);
        var asked = IsWhole || some >= api.Tools.Count
            ? api.Tools
            : [.. api.Tools.Where((_, i) => i % (api.Tools.Count / some) == 0).Take(some)];
        foreach (var tool in asked)
        {
            var sets = new ArgumentSets(tool);
            var valid = sets.Valid().ToList();
            if (valid.Count == 0) without.Add(tool.Name);
            foreach (var arguments in valid)
            {
                Assert.True(ToolRequest.Create(prism.Url, HttpBinding.Read(tool.Http), arguments).Succeeded(out var request, out var refusal), $"{tool.Name} {arguments}: {refusal?.Detail}");
                using (request)
                {
                    sent++;
                    if (await AskAsync(http, request, prism) is { } why && !Disputed.Contains(tool.Name)) refused.Add($"{tool.Name} {request.Method} {request.RequestUri} {arguments}: {why}");
                }
            }

            foreach (var arguments in sets.Invalid())
            {
                wrong++;
                Assert.NotEmpty(sets.Schema.Check(arguments));
            }
        }

        output.WriteLine($"{path}: {asked.Count} of {api.Tools.Count} tools, {sent} requests, {refused.Count} refused by the mock, {without.Count} tools without arguments, {wrong} wrong argument sets refused before");
        Assert.True(refused.Count == 0, string.Join("\n", refused));
        Assert.True(without.Count == 0, string.Join(", ", without));
        Assert.True(wrong >= asked.Count);
    }

    private static async Task<string?> AskAsync(HttpClient http, HttpRequestMessage request, PrismMock prism)
    {
        try
        {
            using var response = await http.SendAsync(request);
            return PrismMock.Refusal(await response.Content.ReadAsStringAsync());
        }
        catch (HttpRequestException e)
        {
            throw new InvalidOperationException($"{request.Method} {request.RequestUri} {request.Headers}: {e.Message}\n{prism.LastLines}", e);
        }
    }

    private void Write(ImportedApi api)
    {
        foreach (var (path, content) in ContractFiles.Write(api, Owner, schemas: null))
        {
            var target = Path.Combine(_folder.Path, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, content);
        }
    }

    /// <summary>Arguments for one tool, the same in every run.</summary>
    private sealed class ArgumentSets
    {
        private const int Tries = 60;

        private readonly ImportedTool _tool;
        private readonly JsonObject _schema;
        private readonly Random _random;

        public ArgumentSets(ImportedTool tool)
        {
            _tool = tool;
            _schema = (JsonObject)JsonNode.Parse(tool.Definition.GetProperty("inputSchema").GetRawText())!;
            _random = new Random(tool.Pointer.Sum(c => c) + tool.Pointer.Length);
            Schema = ValueSchema.Build(tool.Definition.GetProperty("inputSchema"));
        }

        public ValueSchema Schema { get; }

        /// <summary>One set with what is required, one with everything, one with some.</summary>
        public IEnumerable<JsonElement> Valid()
        {
            foreach (var share in (double[])[0, 1, 0.5])
            {
                for (var i = 0; i < Tries; i++)
                {
                    var arguments = Element(new SchemaInstances(_schema, _random).Of(_schema, share)!);
                    if (Schema.Check(arguments).Count > 0 || !Sendable(arguments)) continue;
                    yield return arguments;
                    break;
                }
            }
        }

        /// <summary>One with an argument that is none, one without each that is required, and one with each of a wrong type.</summary>
        public IEnumerable<JsonElement> Invalid()
        {
            yield return Element(new JsonObject { ["no-such-argument"] = 1 });
            foreach (var required in _schema["required"] as JsonArray ?? [])
            {
                var arguments = (JsonObject)new SchemaInstances(_schema, _random).Of(_schema, 0)!;
                arguments.Remove(required!.GetValue<string>());
                yield return Element(arguments);
            }

            foreach (var (name, property) in (JsonObject)_schema["properties"]!)
            {
                if (property!["type"]?.ToString() is not ("string" or "integer" or "number" or "boolean" or "object")) continue;
                var arguments = (JsonObject)new SchemaInstances(_schema, _random).Of(_schema, 0)!;
                arguments[name] = new JsonArray(1, "two");
                yield return Element(arguments);
            }
        }

        /// <summary>Whether what the schema cannot say holds too: what stands in a path or a header.</summary>
        private bool Sendable(JsonElement arguments)
        {
            var sendable = ToolRequest.Create(new Uri("https://contoso.example"), HttpBinding.Read(_tool.Http), arguments).Succeeded(out var request, out _);
            request?.Dispose();
            return sendable;
        }

        private static JsonElement Element(JsonNode node) => JsonDocument.Parse(node.ToJsonString()).RootElement;
    }
}
