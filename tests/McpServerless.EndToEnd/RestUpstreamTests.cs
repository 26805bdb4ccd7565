using McpServerless.Testing;

namespace McpServerless.EndToEnd;

/// <summary>An API's document becomes contracts, contracts are published, and agents call the API as tools. On a gateway of its own.</summary>
public sealed class RestUpstreamTests : IAsyncLifetime
{
    private readonly Gateway _gateway = new(keepsRows: false, new Dictionary<string, string> { ["Upstreams__Secrets__orders--key"] = "the gateway's own" });
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mcpserverless-rest-");
    private OrdersApi _api = null!;

    private McpWire Wire => new(_gateway.App.Endpoint("orders"), _gateway.Issuer.Token());

    public async Task InitializeAsync()
    {
        _api = await OrdersApi.StartAsync();
        await _gateway.InitializeAsync();
        await McpgovAsync("import", "openapi", _api.Document.AbsoluteUri, "--upstream", "orders", "--team", "orders-team", "--into", _folder.FullName);
        File.WriteAllText(Path.Combine(_folder.FullName, "access.yaml"), $"kind: Client\ntenantId: {TestIssuer.TenantId}\nclientId: {TestIssuer.AgentClientId}\ndisplayName: Agent\nowner: owner@contoso.example\npurpose: Tests.\nexpiresIn: P30D\n");
        File.WriteAllText(Path.Combine(_folder.FullName, "server.yaml"), "kind: VirtualServer\nname: orders\ntools: [{ upstream: orders, names: ['*'] }]\n");
        File.WriteAllText(Path.Combine(_folder.FullName, "grant.yaml"), $"kind: Grant\ngrantId: orders-agent\nclientId: {TestIssuer.AgentClientId}\nserver: orders\ntools: [getOrder, createOrder, deleteOrder, getLabel]\nexpiresIn: P20D\njustification: Tests.\napprover: approver@contoso.example\n");
        await McpgovAsync("apply", _folder.FullName, "--set", "upstream.orders.allowPrivateNetwork=true");
        var answer = await Wire.CallAsync("getLabel", """{"id":"first"}""");
        for (var attempt = 0; attempt < 200 && !answer.Text.Contains("\"image\"", StringComparison.Ordinal); attempt++)
        {
            await Task.Delay(100);
            answer = await Wire.CallAsync("getLabel", """{"id":"first"}""");
        }

        Assert.True(answer.Text.Contains("\"image\"", StringComparison.Ordinal), answer.Text);
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        if (_api is not null) await _api.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task OperationsAreTools_CalledAsTheirContractsSay_AndHeldToThem()
    {
        // An argument in each place; what is in the path stays in its segment, and the result is what the API said, digit by digit.
        var answer = await Wire.CallAsync("getOrder", """{"id":"a/b","fields":["id","total"],"X-Region":"north"}""");
        Assert.Equal("""{"id":"a/b","total":1.50}""", answer.Result.GetProperty("structuredContent").GetRawText());
        Assert.Equal("""{"id":"a/b","total":1.50}""", Text(answer));
        var request = _api.Received.Last();
        Assert.StartsWith("GET /v1/orders/a%2Fb?fields=id,total ", request, StringComparison.Ordinal);
        Assert.Contains("X-Region: north", request, StringComparison.Ordinal);
        Assert.DoesNotContain("Authorization", request, StringComparison.OrdinalIgnoreCase);
        // The document asks for a key: the import wrote the credential, and the secret is the gateway's.
        Assert.Contains("X-Api-Key: the gateway's own", request, StringComparison.Ordinal);

        // A body, and a success without one.
        Assert.Equal("new", (await Wire.CallAsync("createOrder", """{"body":{"id":"new","total":2}}""")).Result.GetProperty("structuredContent").GetProperty("id").GetString());
        Assert.EndsWith("""{"id":"new","total":2}""", _api.Received.Last(), StringComparison.Ordinal);
        Assert.Equal("HTTP 204, with no content.", Text(await Wire.CallAsync("deleteOrder", """{"id":"1"}""")));

        // A picture.
        var picture = (await Wire.CallAsync("getLabel", """{"id":"1"}""")).Result.GetProperty("content")[0];
        Assert.Equal("image", picture.GetProperty("type").GetString());
        Assert.Equal("PNG"u8.ToArray(), picture.GetProperty("data").GetBytesFromBase64());

        // What is wrong with the call is said to the model.
        var missing = await Wire.CallAsync("getOrder", """{"id":"missing"}""");
        Assert.True(missing.Result.GetProperty("isError").GetBoolean());
        Assert.Equal("HTTP 404 Not found: No such order; Orders are kept for a year.", Text(missing));

        // What breaks the contract, on either side, stops at the gateway.
        var sent = _api.Received.Count;
        foreach (var arguments in new[] { """{"id":".."}""", """{"id":"%2e%2e"}""", """{"id":""}""", "{}", """{"id":"1","host":"evil.example"}""", """{"id":"1","fields":["password"]}""", """{"id":"1","X-Region":"a\r\nAuthorization: x"}""" })
            Assert.Equal("arguments_invalid", (await Wire.CallAsync("getOrder", arguments)).Refusal);
        Assert.Equal("arguments_invalid", (await Wire.CallAsync("createOrder", """{"body":{"id":"new","total":-1}}""")).Refusal);
        Assert.Equal(sent, _api.Received.Count);
        Assert.Equal("result_invalid", (await Wire.CallAsync("getOrder", """{"id":"broken"}""")).Refusal);
        Assert.Equal("result_too_large", (await Wire.CallAsync("getOrder", """{"id":"huge"}""")).Refusal);
        Assert.Equal("upstream_protocol_error", (await Wire.CallAsync("getOrder", """{"id":"moved"}""")).Refusal);
        var busy = await Wire.CallAsync("getOrder", """{"id":"busy"}""");
        Assert.Equal("upstream_unavailable", busy.Refusal);
        Assert.DoesNotContain("secret of the operator", busy.Text, StringComparison.Ordinal);

        // And it is on record, with the API's own status.
        var record = (await _gateway.RecordsAsync(r => r.TryGetProperty("upstreamStatus", out var status) && status.GetInt32() == 404))[0];
        Assert.Equal("getOrder", record.GetProperty("tool").GetString());
        Assert.True(record.GetProperty("resultIsError").GetBoolean());
        Assert.Equal("2.1", record.GetProperty("contractVersion").GetString());
    }

    private static string? Text(WireAnswer answer) => answer.Result.GetProperty("content")[0].GetProperty("text").GetString();

    private async Task McpgovAsync(params string[] arguments)
    {
        var result = await Mcpgov.RunAsync(arguments, _gateway.Azurite.ConnectionString);
        Assert.True(result.ExitCode == 0, result.Everything);
    }
}
