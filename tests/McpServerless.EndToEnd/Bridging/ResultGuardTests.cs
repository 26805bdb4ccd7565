
namespace McpServerless.EndToEnd.Bridging;

/// <summary>What an upstream may not answer: each is a refusal with a name, and nothing of it is seen.</summary>
[Collection(nameof(BridgeGateway))]
public sealed class ResultGuardTests(BridgeGateway gateway) : IDisposable
{
    /// <summary>Stands in every bad answer, and in no refusal.</summary>
    private const string Leak = "leak-7f3a";

    private const string Form = """{"method":"elicitation/create","params":{"message":"leak-7f3a","requestedSchema":{"type":"object","properties":{"name":{"type":"string"}}}}}""";
    private const string Sampling = """{"method":"sampling/createMessage","params":{"messages":[{"role":"user","content":{"type":"text","text":"leak-7f3a"}}],"maxTokens":5}}""";
    private const string Roots = """{"method":"roots/list","params":{"x":"leak-7f3a"}}""";
    private const string Url = """{"method":"elicitation/create","params":{"mode":"url","url":"https://leak-7f3a.example/","message":"m"}}""";

    public void Dispose() => gateway.Reset();

    [Theory]
    [InlineData(Form, "{}")]
    [InlineData(Form, """{"elicitation":{"url":{}}}""")]
    [InlineData(Url, """{"elicitation":{}}""")]
    [InlineData(Url, """{"elicitation":{"form":{}}}""")]
    [InlineData(Sampling, """{"elicitation":{},"roots":{}}""")]
    [InlineData(Roots, """{"elicitation":{},"sampling":{}}""")]
    [InlineData("""{"method":"sampling/createMessage","params":{"messages":[],"maxTokens":5,"tools":[{"name":"leak-7f3a","inputSchema":{"type":"object"}}]}}""", """{"sampling":{}}""")]
    [InlineData("""{"method":"leak-7f3a/other"}""", BridgeWire.AllCapabilities)]
    [InlineData("""{"params":{"message":"leak-7f3a"}}""", BridgeWire.AllCapabilities)]
    [InlineData("\"leak-7f3a\"", BridgeWire.AllCapabilities)]
    [InlineData("""{"method":"elicitation/create","params":{"mode":"leak-7f3a","message":"m"}}""", BridgeWire.AllCapabilities)]
    [InlineData("""{"method":"elicitation/create","params":{"mode":7,"message":"leak-7f3a"}}""", BridgeWire.AllCapabilities)]
    [InlineData("""{"method":"elicitation/create"}""", BridgeWire.AllCapabilities)]
    public async Task RequestThatWasNotDeclared_IsABreach(string request, string capabilities) => await ExpectBreachAsync(BridgeGateway.Server, request, capabilities);

    [Theory]
    [InlineData(Form)]
    [InlineData(Url)]
    [InlineData(Sampling)]
    [InlineData(Roots)]
    public async Task RequestThatTheServerForbids_IsABreach_WhateverTheAgentDeclares(string request) => await ExpectBreachAsync(BridgeGateway.Silent, request, BridgeWire.AllCapabilities);

    [Theory]
    [InlineData("password", "")]
    [InlineData("api_key", "")]
    [InlineData("clientSecret", "")]
    [InlineData("newPassword", "")]
    [InlineData("answer", ",\"title\":\"Your password\"")]
    public async Task FormThatAsksForASecret_IsABreach(string property, string more) =>
        await ExpectBreachAsync(BridgeGateway.Server, "{\"method\":\"elicitation/create\",\"params\":{\"message\":\"" + Leak + "\",\"requestedSchema\":{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"" + property + "\":{\"type\":\"string\"" + more + "}}}}}", BridgeWire.AllCapabilities);

    [Theory]
    [InlineData("http://leak-7f3a.example/")]
    [InlineData("javascript:alert('leak-7f3a')")]
    [InlineData("file:///leak-7f3a")]
    [InlineData("ftp://127.0.0.1/leak-7f3a")]
    [InlineData("leak-7f3a")]
    public async Task UrlThatIsNotHttps_IsABreach(string url) =>
        await ExpectBreachAsync(BridgeGateway.Server, $$$$$"""{"method":"elicitation/create","params":{"mode":"url","url":"{{{{{url}}}}}","message":"m"}}""", BridgeWire.AllCapabilities);

    [Fact]
    public async Task WhatWasDeclaredAndIsAllowed_Passes()
    {
        gateway.New.Results("tools/call", "say", $$$$$"""{"resultType":"input_required","inputRequests":{"form":{{{{{Form}}}}},"url":{{{{{Url}}}}},"sampling":{{{{{Sampling}}}}},"roots":{{{{{Roots}}}}}},"x-vendor":1.0}""");
        var result = (await gateway.Wire().ModernCallAsync("new.say", "", BridgeWire.AllCapabilities)).Result;
        Assert.Equal($$$$$"""{"form":{{{{{Form}}}}},"url":{{{{{Url}}}}},"sampling":{{{{{Sampling}}}}},"roots":{{{{{Roots}}}}}}""", result.GetProperty("inputRequests").GetRawText());
        Assert.Equal("1.0", result.GetProperty("x-vendor").GetRawText());
        foreach (var member in new[] { "ttlMs", "cacheScope", "requestState" }) Assert.False(result.TryGetProperty(member, out _));
    }

    [Theory]
    [InlineData("""{"resultType":"input_required"}""")]
    [InlineData("""{"resultType":"input_required","inputRequests":{}}""")]
    [InlineData("""{"resultType":"input_required","inputRequests":["leak-7f3a"]}""")]
    [InlineData("""{"resultType":"input_required","requestState":{"leak-7f3a":1}}""")]
    [InlineData("""{"resultType":"leak-7f3a","content":[]}""")]
    [InlineData("""{"resultType":null,"content":[{"type":"text","text":"leak-7f3a"}]}""")]
    [InlineData("""{"resultType":7,"content":[{"type":"text","text":"leak-7f3a"}]}""")]
    [InlineData("""{"resultType":"task","taskId":"leak-7f3a","status":"working"}""")]
    [InlineData("""{"resultType":"complete","content":"leak-7f3a"}""")]
    [InlineData("""{"resultType":"complete","leak-7f3a":[]}""")]
    [InlineData("""["leak-7f3a"]""")]
    [InlineData("\"leak-7f3a\"")]
    [InlineData("null")]
    public async Task ResultThatACallCannotHave_IsABreach(string result)
    {
        gateway.New.On("tools/call", "say", request => request.ResultAsync(result));
        Expect("upstream_protocol_error", await gateway.Wire().ModernCallAsync("new.say"), isError: true);
    }

    [Theory]
    [InlineData("""{"resultType":"task","status":"working","x":"leak-7f3a"}""")]
    [InlineData("""{"resultType":"task","taskId":"","status":"working","x":"leak-7f3a"}""")]
    [InlineData("""{"resultType":"task","taskId":7,"status":"working","x":"leak-7f3a"}""")]
    [InlineData("""{"resultType":"task","taskId":"t"}""")]
    [InlineData("""{"resultType":"task","taskId":"t","status":"leak-7f3a"}""")]
    public async Task TaskWithoutItsMembers_IsABreach(string result)
    {
        gateway.New.On("tools/call", "say", request => request.ResultAsync(result));
        Expect("upstream_protocol_error", await gateway.Wire().ModernCallAsync("new.say", "", BridgeWire.AllCapabilities), isError: true);
    }

    [Theory]
    [InlineData("""{"taskId":"t-1","status":"completed","result":{"content":[],"structuredContent":{"count":"leak-7f3a"}}}""", "result_invalid")]
    [InlineData("""{"taskId":"t-1","status":"completed","result":{"content":[{"type":"text","text":"leak-7f3a"}]}}""", "result_invalid")]
    [InlineData("""{"taskId":"t-1","status":"completed","result":{"x":"leak-7f3a"}}""", "upstream_protocol_error")]
    [InlineData("""{"taskId":"t-1","status":"completed","x":"leak-7f3a"}""", "upstream_protocol_error")]
    [InlineData("""{"taskId":"t-2","status":"working","x":"leak-7f3a"}""", "upstream_protocol_error")]
    [InlineData("""{"taskId":"t-1","status":"leak-7f3a"}""", "upstream_protocol_error")]
    [InlineData("""{"status":"working","x":"leak-7f3a"}""", "upstream_protocol_error")]
    [InlineData("""{"taskId":"t-1","status":"input_required","inputRequests":{"a":{"method":"elicitation/create","params":{"message":"leak-7f3a","requestedSchema":{"type":"object","properties":{"password":{"type":"string"}}}}}}}""", "upstream_protocol_error")]
    public async Task TaskThatBreaksItsToolsContract_IsWithheld(string task, string refusal)
    {
        gateway.New.Results("tools/call", "count", """{"resultType":"task","taskId":"t-1","status":"working"}""");
        var id = (await gateway.Wire().ModernCallAsync("new.count", "", BridgeWire.AllCapabilities)).Result.GetProperty("taskId").GetString()!;
        gateway.New.Results("tasks/get", "t-1", task);
        Expect(refusal, await gateway.Wire().ModernAsync("tasks/get", $"\"taskId\":\"{id}\"", BridgeWire.AllCapabilities), isError: false);
    }

    [Theory]
    [InlineData("""{"content":[{"type":"text","text":"leak-7f3a"}]}""")]
    [InlineData("""{"content":[],"structuredContent":{"count":"leak-7f3a"}}""")]
    [InlineData("""{"content":[],"structuredContent":null,"x":"leak-7f3a"}""")]
    [InlineData("""{"content":[],"structuredContent":["leak-7f3a"]}""")]
    public async Task ResultThatBreaksItsContract_IsWithheld_FromUpstreamsOfBothEras(string result)
    {
        gateway.New.Results("tools/call", "count", result);
        gateway.Old.Results("tools/call", "count", result);
        Expect("result_invalid", await gateway.Wire().ModernCallAsync("new.count"), isError: true);
        Expect("result_invalid", await gateway.Wire().ModernCallAsync("old.count"), isError: true);
        var session = await gateway.Wire().OpenAsync();
        Expect("result_invalid", await session.CallAsync("new.count"), isError: true);
        Expect("result_invalid", await session.CallAsync("old.count"), isError: true);
    }

    [Theory]
    [InlineData("resources/read", "\"uri\":\"new://doc\"", "new://doc", """{"contents":[]}""")]
    [InlineData("resources/read", "\"uri\":\"new://doc\"", "new://doc", """{"contents":"leak-7f3a"}""")]
    [InlineData("resources/read", "\"uri\":\"new://doc\"", "new://doc", """{"contents":[{"uri":"new://doc"}],"x":"leak-7f3a"}""")]
    [InlineData("resources/read", "\"uri\":\"new://doc\"", "new://doc", """{"contents":[{"text":"leak-7f3a"}]}""")]
    [InlineData("resources/read", "\"uri\":\"new://doc\"", "new://doc", """{"contents":[{"uri":"new://doc","text":"leak-7f3a"},7]}""")]
    [InlineData("prompts/get", "\"name\":\"new.briefing\"", "briefing", """{"messages":"leak-7f3a"}""")]
    [InlineData("prompts/get", "\"name\":\"new.briefing\"", "briefing", """{"messages":[{"role":"user","content":"leak-7f3a"}]}""")]
    [InlineData("prompts/get", "\"name\":\"new.briefing\"", "briefing", """{"messages":[{"content":{"type":"text","text":"leak-7f3a"}}]}""")]
    [InlineData("prompts/get", "\"name\":\"new.briefing\"", "briefing", """{"resultType":"task","taskId":"leak-7f3a","status":"working"}""")]
    [InlineData("completion/complete", "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"new.briefing\"},\"argument\":{\"name\":\"topic\",\"value\":\"\"}", "briefing", """{"completion":{"values":[7],"x":"leak-7f3a"}}""")]
    [InlineData("completion/complete", "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"new.briefing\"},\"argument\":{\"name\":\"topic\",\"value\":\"\"}", "briefing", """{"values":["leak-7f3a"]}""")]
    [InlineData("completion/complete", "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"new.briefing\"},\"argument\":{\"name\":\"topic\",\"value\":\"\"}", "briefing", """{"resultType":"input_required","requestState":"leak-7f3a"}""")]
    public async Task ResultThatItsMethodCannotHave_IsABreach(string method, string members, string subject, string result)
    {
        gateway.New.Results(method, subject, result);
        Expect("upstream_protocol_error", await gateway.Wire().ModernAsync(method, members, BridgeWire.AllCapabilities), isError: false);
    }

    [Theory]
    [InlineData(100, null)]
    [InlineData(101, "upstream_protocol_error")]
    public async Task Completions_AreAHundredAtMost(int count, string? refusal)
    {
        gateway.New.Results("completion/complete", "briefing", $$$"""{"completion":{"values":[{{{string.Join(',', Enumerable.Repeat($"\"{Leak}\"", count))}}}]}}""");
        var answer = await gateway.Wire().ModernAsync("completion/complete", "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"new.briefing\"},\"argument\":{\"name\":\"topic\",\"value\":\"\"}");
        if (refusal is null) Assert.Equal(count, answer.Result.GetProperty("completion").GetProperty("values").GetArrayLength());
        else Expect(refusal, answer, isError: false);
    }

    private async Task ExpectBreachAsync(string server, string request, string capabilities)
    {
        gateway.New.Results("tools/call", "say", $$$$$"""{"resultType":"input_required","requestState":"{{{{{Leak}}}}}","inputRequests":{"a":{{{{{request}}}}}}}""");
        Expect("upstream_protocol_error", await gateway.Wire(server).ModernCallAsync("new.say", "", capabilities), isError: true);
    }

    private static void Expect(string refusal, WireAnswer answer, bool isError)
    {
        Assert.Equal(200, answer.Status);
        Assert.True(answer.Json.TryGetProperty("result", out var result) ? isError && result.GetProperty("isError").GetBoolean() : !isError, answer.Text);
        Assert.Equal(refusal, answer.Refusal);
        Assert.DoesNotContain(Leak, answer.Text, StringComparison.Ordinal);
    }
}
