using System.Text.Json;
using FsCheck.Fluent;

namespace McpServerless.EndToEnd.Bridging;

/// <summary>What the gateway does not know passes with its meaning, to the last digit, in both directions and between both eras.</summary>
[Collection(nameof(BridgeGateway))]
public sealed class RawJsonTests(BridgeGateway gateway) : IDisposable
{
    private const int Cases = 40;

    public void Dispose() => gateway.Reset();

    [Fact]
    public async Task ResultsOfTools_KeepTheirMeaning_OnTheWayToTheAgent()
    {
        var session = await gateway.Wire().OpenAsync();
        foreach (var (members, meta, value, block) in Samples())
        {
            var content = $$$$$"""[{"type":"text","text":"t",{{{{{members}}}}}"z":0},{"type":"x-unknown",{{{{{members}}}}}"_meta":{{{{{{meta}}}}}"z":1}},{{{{{block}}}}}]""";
            var rest = $$$$$"""{{{{{members}}}}}"_meta":{{{{{{meta}}}}}"plain":1.0}""";
            foreach (var structured in new[] { value, "null", $"{{{members}\"z\":1E400}}" })
            {
                var result = $$$$$"""{"content":{{{{{content}}}}},"structuredContent":{{{{{structured}}}}},{{{{{rest}}}}}}""";
                gateway.New.Results("tools/call", "say", result);
                gateway.Old.Results("tools/call", "say", result);
                var expected = RawJson.Meaning(result);
                Assert.Equal(expected, Without((await gateway.Wire().ModernCallAsync("new.say")).Result, "resultType"));
                Assert.Equal(expected, Without((await gateway.Wire().ModernCallAsync("old.say")).Result, "resultType"));
                if (!structured.StartsWith('{')) continue;
                Assert.Equal(expected, RawJson.Meaning((await session.CallAsync("new.say")).Result));
                Assert.Equal(expected, RawJson.Meaning((await session.CallAsync("old.say")).Result));
            }
        }
    }

    [Fact]
    public async Task Arguments_AndUnknownMembers_KeepTheirMeaning_OnTheWayToTheUpstream()
    {
        gateway.New.Results("tools/call", "say", """{"content":[]}""");
        gateway.Old.Results("tools/call", "say", """{"content":[]}""");
        var session = await gateway.Wire().OpenAsync();
        foreach (var (members, meta, value, _) in Samples())
        {
            // The last four are members of other methods: here they are as unknown as any.
            var more = $$$$$""","arguments":{"v":{{{{{value}}}}},{{{{{members}}}}}"z":1.0},{{{{{members}}}}}"uri":{{{{{value}}}}},"ref":{{{{{value}}}}},"cursor":{{{{{value}}}}},"taskId":{{{{{value}}}}}""";
            var expected = RawJson.Meaning($$"""{"name":"say"{{more}}}""");
            await gateway.Wire().ModernCallAsync("new.say", more, meta: $",{meta}\"vendor.example/last\":-0");
            Check(gateway.New.Last("tools/call", "say"), true);
            await gateway.Wire().ModernCallAsync("old.say", more, meta: $",{meta}\"vendor.example/last\":-0");
            Check(gateway.Old.Last("tools/call", "say"), false);
            await session.CallAsync("old.say", $$$$"""{{{{more}}}},"_meta":{{{{{meta}}}}"vendor.example/last":-0}""");
            Check(gateway.Old.Last("tools/call", "say"), false);
            await session.CallAsync("new.say", $$$$"""{{{{more}}}},"_meta":{{{{{meta}}}}"vendor.example/last":-0}""");
            Check(gateway.New.Last("tools/call", "say"), true);

            void Check(EraMessage sent, bool modern)
            {
                Assert.Equal(expected, Without(sent.Params, "_meta"));
                var own = sent.Params.GetProperty("_meta").EnumerateObject().Where(m => !m.Name.StartsWith("io.modelcontextprotocol/", StringComparison.Ordinal)).Select(m => $"{JsonSerializer.Serialize(m.Name)}:{m.Value.GetRawText()}");
                Assert.Equal(RawJson.Meaning($"{{{meta}\"vendor.example/last\":-0}}"), RawJson.Meaning($"{{{string.Join(',', own)}}}"));
                Assert.Equal(modern, sent.Params.GetProperty("_meta").TryGetProperty("io.modelcontextprotocol/protocolVersion", out _));
            }
        }
    }

    [Fact]
    public async Task PromptsResourcesAndErrors_KeepTheirMeaning()
    {
        var session = await gateway.Wire().OpenAsync();
        foreach (var (members, meta, value, block) in Samples())
        {
            var prompt = $$$$$"""{"messages":[{"role":"user","content":{{{{{block}}}}},{{{{{members}}}}}"z":1}],{{{{{members}}}}}"_meta":{{{{{{meta}}}}}"p":1.0}}""";
            var resource = $$$$$"""{"contents":[{"uri":"new://doc","text":"t","x":{{{{{value}}}}},{{{{{members}}}}}"_meta":{{{{{{meta}}}}}"p":1.0}}],{{{{{members}}}}}"z":1}""";
            var error = $$$$$"""{"code":-31999,"message":"m","data":{{{{{value}}}}},{{{{{members}}}}}"z":1}""";
            gateway.New.Results("prompts/get", "briefing", prompt);
            gateway.New.Results("resources/read", "new://doc", resource);
            gateway.New.Fails("tools/call", "say", error);
            Assert.Equal(RawJson.Meaning(prompt), Without((await gateway.Wire().ModernAsync("prompts/get", "\"name\":\"new.briefing\"")).Result, "resultType"));
            Assert.Equal(RawJson.Meaning(prompt), RawJson.Meaning((await session.RequestAsync("prompts/get", "\"name\":\"new.briefing\"")).Result));
            Assert.Equal(RawJson.Meaning(resource), Without((await gateway.Wire().ModernAsync("resources/read", "\"uri\":\"new://doc\"")).Result, "resultType", "ttlMs", "cacheScope"));
            Assert.Equal(RawJson.Meaning(resource), RawJson.Meaning((await session.RequestAsync("resources/read", "\"uri\":\"new://doc\"")).Result));
            Assert.Equal(RawJson.Meaning(error), RawJson.Meaning((await gateway.Wire().ModernCallAsync("new.say")).Json.GetProperty("error")));
            Assert.Equal(RawJson.Meaning(error), RawJson.Meaning((await session.CallAsync("new.say")).Json.GetProperty("error")));
        }
    }

    [Fact]
    public async Task StreamedMessages_KeepTheirMeaning()
    {
        foreach (var (members, meta, value, _) in Samples().Take(20))
        {
            var progress = $$$$$"""{"progress":1.50,"total":1E400,"x":{{{{{value}}}}},{{{{{members}}}}}"_meta":{{{{{{meta}}}}}"p":1.0}}""";
            gateway.New.On("tools/call", "say", async request =>
            {
                var token = request.Message.Params.GetProperty("_meta").GetProperty("progressToken").GetRawText();
                await request.EventAsync($$$$$"""{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":{{{{{token}}}}},{{{{{progress[1..]}}}}}}""");
                await request.ResultAsync($$$$$"""{"resultType":"complete","content":[],{{{{{members}}}}}"z":1}""");
            });
            var events = (await gateway.Wire().ModernCallAsync("new.say", meta: ",\"progressToken\":\"mine\"")).Events;
            Assert.Equal(2, events.Count);
            Assert.Equal("mine", events[0].GetProperty("params").GetProperty("progressToken").GetString());
            Assert.Equal(RawJson.Meaning(progress), Without(events[0].GetProperty("params"), "progressToken"));
            Assert.Equal(RawJson.Meaning($$$$$"""{"content":[],{{{{{members}}}}}"z":1}"""), Without(events[1].GetProperty("result"), "resultType"));
        }
    }

    private static IEnumerable<(string Members, string Meta, string Value, string Block)> Samples() =>
        RawJson.Samples.Sample(Cases).Select(s => (s.Members, s.Meta, s.Value, $"{{\"type\":\"text\",\"text\":\"t\",\"x-v\":{s.Value}}}"));

    private static string Without(JsonElement owner, params string[] names) =>
        RawJson.Meaning("{" + string.Join(',', owner.EnumerateObject().Where(m => !names.Contains(m.Name)).Select(m => $"{JsonSerializer.Serialize(m.Name)}:{m.Value.GetRawText()}")) + "}");
}
