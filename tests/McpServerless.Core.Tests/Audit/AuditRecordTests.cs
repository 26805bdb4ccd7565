using System.Text;
using System.Text.Json;
using McpServerless.Audit;

namespace McpServerless.Core.Tests.Audit;

public class AuditRecordTests
{
    private static AuditRecord Full => new()
    {
        RecordId = Guid.Parse("0199aaaa-0000-7000-8000-000000000001"),
        Time = new DateTimeOffset(2026, 11, 21, 8, 9, 10, 123, TimeSpan.FromHours(2)),
        Event = AuditEvent.Outcome,
        RequestId = Guid.Parse("0199aaaa-0000-7000-8000-000000000002"),
        TenantId = "t",
        ClientId = "c",
        UserId = "u",
        TokenId = "uti",
        ModelId = "m",
        Server = "demo",
        Method = "tools/call",
        Tool = "echo \"quoted\" \u0007 注文 🚚",
        ReadOnly = true,
        Prompt = "p",
        Resource = "test://r",
        SessionId = Guid.CreateVersion7(),
        RuleIds = ["r1", "r2"],
        ArgumentShapeJson = """{"/a":{"range":[1,2],"type":"integer"}}"""u8.ToArray(),
        ResultJson = """{"content":[]}"""u8.ToArray(),
        DetailsJson = """{"x":1}"""u8.ToArray(),
        Upstream = "up",
        ContractVersion = "1",
        ContractHash = "h",
        CatalogueVersion = 3,
        GrantId = "g",
        Decision = "refused",
        RefusalCode = "arguments_invalid",
        Note = "n",
        ArgumentsJson = """{"a":1}"""u8.ToArray(),
        ArgumentDigest = "d",
        InputVerdict = "invalid",
        OutputVerdict = "unchecked",
        UpstreamStatus = 200,
        ResultDigest = "r",
        ResultBytes = 9,
        ResultIsError = false,
        Redactions = ["/a", "/b~1c"],
        DurationMicroseconds = 77,
        ProtocolVersion = "2026-07-28",
        TraceId = "0af7651916cd43dd8448eb211c80319c",
        ClaimedClientName = "name",
        ClaimedClientVersion = "1.0",
        ClaimedUserAgent = "agent",
    };

    [Fact]
    public void Record_IsCanonicalAsWritten()
    {
        var json = Full.ToJson("w", 42, "previous");
        Assert.Equal(Encoding.UTF8.GetString(json), CanonicalJson.Write(JsonDocument.Parse(json).RootElement));
    }

    [Fact]
    public void Record_HoldsEveryPropertyThatIsSet()
    {
        using var document = JsonDocument.Parse(Full.ToJson("w", 42, "previous"));
        var members = document.RootElement.EnumerateObject().Select(m => m.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var renamed = new Dictionary<string, string> { ["ArgumentsJson"] = "arguments", ["ArgumentShapeJson"] = "argumentShape", ["ResultJson"] = "result", ["DetailsJson"] = "details", ["Partition"] = "clientId", ["ClaimedClientName"] = "claimed", ["ClaimedClientVersion"] = "claimed", ["ClaimedUserAgent"] = "claimed" };
        foreach (var property in typeof(AuditRecord).GetProperties()) Assert.Contains(renamed.GetValueOrDefault(property.Name, property.Name), members);
    }

    [Fact]
    public void Time_IsUtcWithMicroseconds() => Assert.Contains("\"time\":\"2026-11-21T06:09:10.123000Z\"", Encoding.UTF8.GetString(Full.ToJson("w", 1, "")), StringComparison.Ordinal);

    [Fact]
    public void AbsentMembers_AreLeftOut()
    {
        var json = (Full with { Tool = null, ArgumentsJson = default, ClaimedClientName = null, ClaimedClientVersion = null, ClaimedUserAgent = null, Redactions = [] }).ToJson("w", 1, "");
        using var document = JsonDocument.Parse(json);
        Assert.False(document.RootElement.TryGetProperty("tool", out _));
        Assert.False(document.RootElement.TryGetProperty("arguments", out _));
        Assert.False(document.RootElement.TryGetProperty("claimed", out _));
        Assert.False(document.RootElement.TryGetProperty("redactions", out _));
    }
}
