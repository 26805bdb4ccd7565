using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpServerless.Contracts;
using Xunit.Abstractions;

namespace McpServerless.Http.Tests.Manage;

/// <summary>
/// Calls every operation of the document that the gateway serves with valid and invalid input made from the document's own schemas, and holds every answer to it.
/// A seed replays a run: <c>MCPSERVERLESS_SEED</c>; <c>MCPSERVERLESS_REQUESTS</c> is how many requests each operation gets (by default 60).
/// </summary>
public sealed class GeneratedRequestTests(ManageHost host, ITestOutputHelper output) : IClassFixture<ManageHost>
{
    [Fact]
    public async Task EveryAnswer_IsOneThatTheDocumentDescribes()
    {
        var served = await host.GetAsync("openapi.json", null);
        Assert.Equal((200, "application/json"), (served.Status, served.ContentType));
        Assert.Equal("3.1", served.Body.GetProperty("openapi").GetString()![..3]);
        var seed = int.TryParse(Environment.GetEnvironmentVariable("MCPSERVERLESS_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        var each = int.TryParse(Environment.GetEnvironmentVariable("MCPSERVERLESS_REQUESTS"), CultureInfo.InvariantCulture, out var count) ? count : 60;
        output.WriteLine($"MCPSERVERLESS_SEED={seed} MCPSERVERLESS_REQUESTS={each}");
        var run = new Run(host, new ApiDocument(served.Text), new Random(seed));
        foreach (var operation in run.Document.Operations)
        {
            await run.CallAsync(operation, each);
        }

        foreach (var (what, times) in run.Statuses.OrderBy(s => s.Key, StringComparer.Ordinal)) output.WriteLine($"{what}: {times}");
        Assert.True(run.Findings.Count == 0, $"seed {seed}: {run.Findings.Count} finding(s)\n{string.Join('\n', run.Findings.Take(20))}");

        // The generator is worth something only where it reaches the operations themselves.
        Assert.Empty(run.Document.Operations.Where(o => !run.Succeeded.Contains(o.Id)).Select(o => o.Id).Except(["replayNotice", "acceptDrift", "rejectDrift", "resumeRunaway", "resetCounter"]));
    }

    private sealed class Run(ManageHost host, ApiDocument document, Random random)
    {
        private static readonly string[] Roles = ["Governance.Admin", "Governance.Admin", "Governance.Admin", "Governance.Owner", "Governance.Reviewer", "Governance.Auditor"];

        private readonly ValueMaker _values = new(random);

        /// <summary>Values that exist, so that requests get beyond "there is no such thing".</summary>
        private readonly Dictionary<string, string[]> _known = new(StringComparer.Ordinal)
        {
            ["clientId"] = [ManageHost.SupportClient, ManageHost.PaymentsClient, "10000000-0000-0000-0000-000000000001", "10000000-0000-0000-0000-000000000002"],
            ["server"] = [ManageHost.Server],
            ["grantId"] = ["g-support", "g-payments", "made"],
            ["number"] = ["1", "2", "3"],
            ["upstream"] = ["desk"],
            ["tool"] = ["close", "lookup"],
            ["team"] = [ManageHost.Support, "made"],
            ["name"] = ["lookup", "pay"],
            ["id"] = ["0199d0c2-0000-7000-8000-000000000001"],
            ["requestId"] = [ManageHost.WaitingRequest],
            ["campaign"] = [ManageHost.Campaign],
            ["endpoint"] = ["ops"],
        };

        public ApiDocument Document => document;

        public SortedDictionary<string, int> Statuses { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Succeeded { get; } = [];

        public List<string> Findings { get; } = [];

        public async Task CallAsync(ApiOperation operation, int times)
        {
            for (var i = 0; i < times; i++)
            {
                // What one request ended is there again for those after it.
                if (i % 20 == 0) await host.SeedAccessAsync();
                var (path, query, body, headers, isValid) = Make(operation, valid: i % 2 == 0);
                var role = Roles[random.Next(Roles.Length)];
                var token = isValid ? host.Token(ManageHost.SecondAdminId, "Governance.Admin", role) : host.Token(ManageHost.OwnerId, role);
                var answer = await host.SendAsync(operation.Method, path + query, token, body, headers);
                Judge(operation, answer, $"{operation.Method} {path}{query} {string.Join(' ', headers)} {body}");
                if (operation.Id == "listNotices" && answer.Status == 200 && answer.Body.GetProperty("items").GetArrayLength() > 0) _known["noticeId"] = [.. answer.Body.GetProperty("items").EnumerateArray().Select(n => n.GetProperty("notice").GetProperty("noticeId").GetString()!).Take(20)];
                if (operation.Id == "createRequest" && answer.Status == 201) _known["requestId"] = [ManageHost.WaitingRequest, .. _known["requestId"].Skip(1).TakeLast(2), answer.Body.GetProperty("requestId").GetString()!];
            }
        }

        private (string Path, string Query, string? Body, (string, string)[] Headers, bool IsValid) Make(ApiOperation operation, bool valid)
        {
            var path = operation.Path;
            foreach (var parameter in operation.Parameters.Where(p => p.In == "path"))
            {
                if (parameter.Name == "grantId" && random.Next(4) > 0 && path.Contains(ManageHost.SupportClient, StringComparison.Ordinal))
                {
                    // A grant of the client that stands before it.
                    path = path.Replace("{grantId}", "g-support", StringComparison.Ordinal);
                    continue;
                }

                var value = random.Next(valid ? 20 : 3) > 0 && _known.GetValueOrDefault(parameter.Name) is { Length: > 0 } known ? known[random.Next(known.Length)] : _values.Text(parameter.Schema, valid);

                // A null character in a path is answered by the web server, before anything of ours.
                value = value.Replace("\0", "", StringComparison.Ordinal);
                path = path.Replace($"{{{parameter.Name}}}", Uri.EscapeDataString(value.Length == 0 ? "-" : value), StringComparison.Ordinal);
            }

            var query = new List<string>();
            foreach (var parameter in operation.Parameters.Where(p => p.In == "query"))
            {
                var needed = parameter.Name == "name";
                if (!needed && random.Next(5) > 0) continue;
                if (parameter.Name is "from" or "until" or "cursor" && valid) continue;
                var value = needed && valid ? _known["name"][random.Next(2)] : _values.Text(parameter.Schema, valid);
                query.Add($"{parameter.Name}={Uri.EscapeDataString(value)}");
            }

            if (!valid && random.Next(10) == 0) query.Add("unknown=1");
            var headers = new List<(string, string)>();
            foreach (var parameter in operation.Parameters.Where(p => p.In == "header"))
            {
                if (parameter.Name == "If-Match" && random.Next(valid && !parameter.IsRequired ? 2 : valid ? 20 : 2) > 0) headers.Add(("If-Match", valid ? "*" : new[] { "*", "\"x\"", "W/\"x\"", "nonsense", "" }[random.Next(5)]));
                if (parameter.Name == "Idempotency-Key" && random.Next(2) == 0) headers.Add(("Idempotency-Key", valid ? Guid.NewGuid().ToString() : _values.Key()));
            }

            string? body = null;
            if (operation.Body is { } schema)
            {
                // Half of the valid bodies are the document's own examples: they are about what may exist.
                var node = valid && operation.Example is { } example && random.Next(2) == 0 ? example.DeepClone() : _values.Make(schema);
                Known(node);
                if (!valid) node = _values.Damage(node);
                body = random.Next(valid ? 1000 : 12) == 0 ? "{\"reason\":" : node?.ToJsonString() ?? "null";
            }

            return (path["/manage/".Length..], query.Count > 0 ? "?" + string.Join('&', query) : "", body, [.. headers], valid);
        }

        /// <summary>Names of what exists, where a body names something.</summary>
        private void Known(JsonNode? node)
        {
            if (node is not JsonObject body) return;
            if (body["reviews"] is JsonArray { Count: > 0 } reviews)
            {
                foreach (var review in reviews) Known(review);
                if (random.Next(2) == 0 && reviews[0] is JsonObject first) first["grantId"] = "g-support";
            }

            if (body.ContainsKey("server")) body["server"] = ManageHost.Server;
            if (body.ContainsKey("clientId")) body["clientId"] = ManageHost.SupportClient;
            if (body.ContainsKey("tools")) body["tools"] = new JsonArray("lookup");
            if (body.ContainsKey("subject")) body["subject"] = random.Next(2) == 0 ? "server/test" : "tool/desk/pay";
            if (body["expiresAt"] is not null || body["expiresIn"] is not null)
            {
                body.Remove("expiresAt");
                body["expiresIn"] = "P5D";
            }

            if (body.ContainsKey("nextReview")) body["nextReview"] = TimeProvider.System.GetUtcNow().AddDays(3).ToString("O", CultureInfo.InvariantCulture);
            foreach (var free in (string[])["constraints", "context", "prompts", "resources", "budgets"]) body.Remove(free);
        }

        private void Judge(ApiOperation operation, Answer answer, string request)
        {
            var key = $"{operation.Id} {answer.Status}{(answer.Code is { } code ? " " + code : "")}";
            Statuses[key] = Statuses.GetValueOrDefault(key) + 1;
            if (answer.Status < 300) Succeeded.Add(operation.Id);
            if (answer.Status >= 500) Findings.Add($"{request}: {answer}");
            if (!operation.Answers.TryGetValue(answer.Status, out var described))
            {
                Findings.Add($"{request}: the document has no {answer.Status} for {operation.Id}: {answer.Text}");
                return;
            }

            if (answer.ContentType != described.ContentType) Findings.Add($"{request}: {answer.Status} is {answer.ContentType} and not {described.ContentType}");
            else if (described.Schema.Check(answer.Body) is { Count: > 0 } faults) Findings.Add($"{request}: {answer.Status} breaks its schema: {string.Join("; ", faults)}: {answer.Text}");
            foreach (var name in described.Headers.Where(h => h is "ETag" or "Location" or "WWW-Authenticate" or "Retry-After"))
            {
                if (answer.Header(name) is null) Findings.Add($"{request}: {answer.Status} has no {name}");
            }
        }
    }
}

/// <summary>What the document says of an answer.</summary>
internal sealed record ApiAnswer(string ContentType, ValueSchema Schema, IReadOnlyList<string> Headers);

internal sealed record ApiParameter(string Name, string In, JsonObject Schema, bool IsRequired);

internal sealed record ApiOperation(string Id, string Method, string Path, IReadOnlyList<ApiParameter> Parameters, JsonObject? Body, JsonNode? Example, IReadOnlyDictionary<int, ApiAnswer> Answers);

/// <summary>An OpenAPI 3.1 document, with its references resolved.</summary>
internal sealed class ApiDocument
{
    private readonly JsonObject _root;

    public ApiDocument(string text)
    {
        _root = JsonNode.Parse(text)!.AsObject();
        Operations =
        [
            .. from path in _root["paths"]!.AsObject()
               from method in path.Value!.AsObject()
               select Read(path.Key, method.Key, method.Value!.AsObject()),
        ];
    }

    public IReadOnlyList<ApiOperation> Operations { get; }

    private ApiOperation Read(string path, string method, JsonObject operation)
    {
        var content = operation["requestBody"]?["content"]?["application/json"];
        return new ApiOperation(
            operation["operationId"]!.GetValue<string>(),
            method.ToUpperInvariant(),
            path,
            [.. (operation["parameters"]?.AsArray() ?? []).Select(p => new ApiParameter(p!["name"]!.GetValue<string>(), p["in"]!.GetValue<string>(), p["schema"]!.DeepClone().AsObject(), p["required"]?.GetValue<bool>() == true))],
            content?["schema"] is { } schema ? Resolve(schema).AsObject() : null,
            content?["example"]?.DeepClone(),
            operation["responses"]!.AsObject().ToDictionary(r => int.Parse(r.Key, CultureInfo.InvariantCulture), r => ReadAnswer(r.Value!.AsObject())));
    }

    private ApiAnswer ReadAnswer(JsonObject answer)
    {
        var (type, content) = answer["content"]!.AsObject().Single();
        using var schema = JsonDocument.Parse(Resolve(content!["schema"]!).ToJsonString());
        return new ApiAnswer(type, ValueSchema.Build(schema.RootElement), [.. (answer["headers"]?.AsObject() ?? []).Select(h => h.Key)]);
    }

    private JsonNode Resolve(JsonNode node)
    {
        if (node is JsonArray list) return new JsonArray([.. list.Select(i => i is null ? null : Resolve(i))]);
        if (node is not JsonObject members) return node.DeepClone();
        if (members["$ref"]?.GetValue<string>() is { } reference) return Resolve(_root["components"]!["schemas"]![reference["#/components/schemas/".Length..]]!);
        var made = new JsonObject();
        foreach (var (name, value) in members) made[name] = value is null ? null : Resolve(value);
        return made;
    }
}
