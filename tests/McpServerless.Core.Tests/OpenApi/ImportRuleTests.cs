using System.Text;
using System.Text.Json;
using McpServerless.OpenApi.Import;

namespace McpServerless.Core.Tests.OpenApi;

/// <summary>For each rule a document that breaks it, and where.</summary>
public sealed class ImportRuleTests
{
    private const string Head = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\n";
    private const string Ok = "responses: {'200': {description: d, content: {application/json: {schema: {type: object}}}}}";

    private static readonly Dictionary<string, (string Document, string Pointer)> Cases = new()
    {
        ["document-unreadable"] = ("{\"openapi\": \"3.0.0\",", ""),
        ["version-not-supported"] = ("swagger: '2.0'\npaths: {}\n", ""),
        ["method-not-mapped"] = (Operation("head", Ok), "/paths/~1a/head"),
        ["path-not-mapped"] = ($"{Head}paths: {{'/a/../b': {{get: {{{Ok}}}}}}}", "/paths/~1a~1..~1b"),
        ["server-differs"] = (Operation("get", $"servers: [{{url: 'https://other.example'}}], {Ok}"), "/paths/~1a/get/servers"),
        ["parameter-not-mapped"] = (Operation("get", $"parameters: [{{name: Host, in: header, required: true, schema: {{type: string}}}}], {Ok}"), "/paths/~1a/get/parameters/0"),
        ["parameter-dropped"] = (Operation("get", $"parameters: [{{name: X-Forwarded-For, in: header, schema: {{type: string}}}}], {Ok}"), "/paths/~1a/get/parameters/0"),
        ["parameter-is-credential"] = (Operation("get", $"parameters: [{{name: Authorization, in: header, schema: {{type: string}}}}], {Ok}"), "/paths/~1a/get/parameters/0"),
        ["body-not-mapped"] = (Operation("post", $"requestBody: {{required: true, content: {{application/xml: {{}}}}}}, {Ok}"), "/paths/~1a/post/requestBody/content"),
        ["body-dropped"] = (Operation("post", $"requestBody: {{content: {{application/xml: {{}}}}}}, {Ok}"), "/paths/~1a/post/requestBody/content"),
        ["media-types-not-mapped"] = (Operation("post", $"requestBody: {{content: {{application/xml: {{}}, application/json: {{}}}}}}, {Ok}"), "/paths/~1a/post/requestBody/content"),
        ["input-not-mapped"] = (Head + $"paths: {{/a: {{get: {{parameters: [{string.Join(", ", Enumerable.Range(0, 1200).Select(i => $"{{name: {new string('p', 50)}{i}, in: query, description: {new string('d', 40)}, schema: {{type: string}}}}"))}], {Ok}}}}}}}", "/paths/~1a/get"),
        ["reference-unresolved"] = (Operation("get", $"parameters: [{{name: a, in: query, schema: {{$ref: 'other.yaml#/X'}}}}], {Ok}"), "/paths/~1a/get/parameters/0/schema"),
        ["style-undefined"] = (Operation("get", $"parameters: [{{name: a, in: query, style: deepObject, explode: true, schema: {{type: array, items: {{type: string}}}}}}], {Ok}"), "/paths/~1a/get/parameters/0/schema"),
        ["keyword-invalid"] = (Parameter("type: string, maxLength: -1"), "/paths/~1a/get/parameters/0/schema/maxLength"),
        ["pattern-not-checked"] = (Parameter("type: string, pattern: '(?=x)'"), "/paths/~1a/get/parameters/0/schema/pattern"),
        ["enum-not-checked"] = (Parameter("enum: []"), "/paths/~1a/get/parameters/0/schema/enum"),
        ["discriminator-not-mapped"] = (Parameter("type: object, discriminator: {propertyName: kind}"), "/paths/~1a/get/parameters/0/schema/discriminator"),
        ["input-widened"] = (Body(Tree(7)), "/paths/~1a/post"),
        ["output-widened"] = (Operation("get", $"responses: {{'200': {{description: d, content: {{application/json: {{schema: {Tree(7)}}}}}}}}}"), "/paths/~1a/get/responses/200"),
        ["output-not-mapped"] = (Operation("get", "responses: {'204': {description: d}}"), "/paths/~1a/get/responses/204"),
        ["success-assumed"] = (Operation("get", "responses: {'404': {description: d}}"), "/paths/~1a/get/responses"),
        ["redirect-not-followed"] = (Operation("get", "responses: {'302': {description: d}, '200': {description: d}}"), "/paths/~1a/get/responses/302"),
        ["text-cut"] = (Operation("get", $"description: '{new string('x', 17_000)}', {Ok}"), "/paths/~1a/get/description"),
        ["credential-needed"] = (Operation("get", Ok) + "\ncomponents: {securitySchemes: {key: {type: apiKey, in: query, name: k}}}\n", "/components/securitySchemes/key"),
        ["response-headers-not-mapped"] = (Operation("get", "responses: {'200': {description: d, headers: {X-A: {schema: {type: string}}}}}"), "/paths/~1a/get/responses/200/headers"),
        ["links-not-mapped"] = (Operation("get", "responses: {'200': {description: d, links: {next: {operationId: x}}}}"), "/paths/~1a/get/responses/200/links"),
        ["callbacks-not-mapped"] = (Operation("get", $"callbacks: {{done: {{'{{$request.query.u}}': {{post: {{{Ok}}}}}}}}}, {Ok}"), "/paths/~1a/get/callbacks"),
        ["document-invalid"] = (Operation("get", $"parameters: [{{$ref: 'other.yaml#/P'}}], {Ok}"), "/paths/~1a/get/parameters/0"),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void TheRule_IsNamedWithItsPlace(string rule)
    {
        var (document, pointer) = Cases[rule];
        var api = OpenApiImport.Read(Encoding.UTF8.GetBytes(document), new ImportSelection());
        Assert.Contains(api.Findings, f => f.Rule.Id == rule && f.Pointer == pointer);
        Assert.Equal(api.Findings.All(f => f.Rule.Severity == ImportSeverity.Part), api.Tools.Count == 1);
    }

    [Fact]
    public void EveryRule_HasACase() =>
        // A document of 64 MiB has a test of its own, below.
        Assert.Empty(ImportRule.All.Select(r => r.Id).Except(Cases.Keys).Except(["document-too-large"]));

    [Fact]
    public void ADocumentThatIsTooLarge_IsNotRead() =>
        Assert.Equal(ImportRule.DocumentTooLarge, Assert.Single(OpenApiImport.Read(new byte[(64 * 1024 * 1024) + 1], new ImportSelection()).Findings).Rule);

    [Theory]
    [InlineData("{key: {type: apiKey, in: query, name: k}}", """{"type":"apiKey","in":"query","name":"k","secret":"my-api--key"}""")]
    [InlineData("{basic: {type: http, scheme: Basic}}", """{"type":"http","scheme":"basic","secret":"my-api--login"}""")]
    [InlineData("{bearer: {type: http, scheme: bearer, bearerFormat: JWT}}", """{"type":"http","scheme":"bearer","secret":"my-api--token"}""")]
    [InlineData("{server: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://login.example/token', scopes: {write: w, read: r}}}}}", """{"type":"clientCredentials","tokenUrl":"https://login.example/token","clientId":"the-gateway","secret":"my-api--client-secret","scope":"read write"}""")]
    [InlineData("{user: {type: oauth2, flows: {implicit: {authorizationUrl: 'https://login.example/', scopes: {}}}}, digest: {type: http, scheme: digest}}", null)]
    // What the document requires of every operation comes before what is merely described.
    [InlineData("{a: {type: apiKey, in: query, name: k}, z: {type: http, scheme: bearer}}\nsecurity: [{a: [], z: []}, {z: []}]", """{"type":"http","scheme":"bearer","secret":"my-api--token"}""")]
    public void SecurityScheme_BecomesTheUpstreamsOwnCredential(string schemes, string? credential)
    {
        var api = OpenApiImport.Read(Encoding.UTF8.GetBytes($"{Operation("get", Ok)}\nservers: [{{url: 'https://api.example'}}]\ncomponents:\n  securitySchemes: {schemes}\n"), new ImportSelection());
        var owner = new ContractOwner("my.api", "team", null, null, "the-gateway");
        var upstream = JsonDocument.Parse(ContractFiles.Write(api, owner, null).First().Content).RootElement;
        Assert.Equal(credential, upstream.TryGetProperty("credential", out var written) ? string.Concat(written.GetRawText().Where(c => c != '\n')).Replace(": ", ":", StringComparison.Ordinal).Replace("  ", "", StringComparison.Ordinal) : null);
    }

    [Fact]
    public void ClientThatTheGatewayIsNotYet_IsNotMadeUp()
    {
        var api = OpenApiImport.Read(Encoding.UTF8.GetBytes($"{Operation("get", Ok)}\ncomponents:\n  securitySchemes: {{s: {{type: oauth2, flows: {{clientCredentials: {{tokenUrl: 'https://login.example/token', scopes: {{}}}}}}}}}}\n"), new ImportSelection());
        Assert.NotNull(api.Credential);
        Assert.Null(new ContractOwner("u", "team", null, null).Credential(api));
    }

    private static string Operation(string method, string content) => $"{Head}paths: {{/a: {{{method}: {{{content}}}}}}}";

    private static string Parameter(string schema) => Operation("get", $"parameters: [{{name: a, in: query, schema: {{{schema}}}}}], {Ok}");

    private static string Body(string schema) => Operation("post", $"requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}, {Ok}");

    /// <summary>A schema of more than 5,000 parts, by its depth and four members at each level.</summary>
    private static string Tree(int depth) =>
        depth == 0 ? "{type: string}" : $"{{type: object, properties: {{{string.Join(", ", "abcd".Select(c => $"{c}: {Tree(depth - 1)}"))}}}}}";
}
