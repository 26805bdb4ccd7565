using System.Diagnostics;
using System.Text;
using System.Text.Json;
using McpServerless.Audit.Sinks;
using McpServerless.Audit.Sinks.Formats;
using McpServerless.Testing;

namespace McpServerless.Core.Tests.Audit.Sinks;

public sealed class RecordTextTests
{
    private const string Allowed =
        """{"clientId":"app-1","contractHash":"cc","decision":"allowed","durationMicroseconds":2500,"event":"outcome","grantId":"g-1","method":"tools/call","recordId":"r-1","requestId":"q-1","sequence":7,"server":"demo","sessionId":"s-1","time":"2026-11-21T06:09:10.123456Z","tool":"echo","traceId":"t-1","upstreamStatus":200,"userId":"u-1","writer":"w1"}""";

    private const string Refused =
        """{"clientId":"app-1","decision":"refused","event":"outcome","method":"tools/call","note":"a=b|c\\d \"e]\"\nnext\ttab","recordId":"r-2","refusalCode":"grant_missing","requestId":"q-2","sequence":8,"server":"de|mo","time":"2026-11-21T06:09:11.000000Z","tool":"de|l\\ete=all ] \"x\"","writer":"w1"}""";

    private const string Recorded = """{"decision":"recorded","event":"writerStarted","recordId":"r-3","requestId":"q-3","sequence":1,"server":"gateway","time":"2026-11-21T06:09:12.000000Z","writer":"w1"}""";

    [Fact]
    public void JsonLines_AreTheRecordsAsTheyWereWritten() => Assert.Equal(Allowed, Text(SinkFormat.JsonLines, Allowed));

    [Theory]
    [InlineData(SinkFormat.Ocsf)]
    [InlineData(SinkFormat.Cef)]
    [InlineData(SinkFormat.Leef)]
    [InlineData(SinkFormat.JsonLines)]
    public void EveryFormat_IsOneLine_WhateverTheRecordHolds(SinkFormat format)
    {
        Assert.DoesNotContain('\n', Text(format, Refused));
        Assert.DoesNotContain('\r', Text(format, Refused.Replace("\\n", "\\r\\n", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(SinkFormat.Ocsf)]
    [InlineData(SinkFormat.Cef)]
    [InlineData(SinkFormat.Leef)]
    public void ARecordThatCannotBeRead_GoesOutAsItStands(SinkFormat format) => Assert.Equal("{broken", Text(format, "{broken"));

    [Fact]
    public void Cef_EscapesWhatItsHeaderAndItsExtensionSeparateBy()
    {
        var text = Text(SinkFormat.Cef, Refused);
        Assert.StartsWith("""CEF:0|McpServerless|McpServerless|1|grant_missing|de\|l\\ete=all ] "x"|6|rt=1795241351000 externalId=r-2""", text, StringComparison.Ordinal);
        Assert.Contains("""cs1Label=tool cs1=de|l\\ete\=all ] "x" """, text, StringComparison.Ordinal);
        Assert.EndsWith("""msg=a\=b|c\\d "e]"\nnext tab""", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Leef_HasNoSeparatorInsideOfAValue()
    {
        var text = Text(SinkFormat.Leef, Refused);
        Assert.StartsWith("LEEF:2.0|McpServerless|McpServerless|1|grant_missing|x09|devTime=1795241351000\tsev=6\t", text, StringComparison.Ordinal);
        var attributes = text.Split('|', 7)[6].Split('\t').ToDictionary(a => a[..a.IndexOf('=', StringComparison.Ordinal)], a => a[(a.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        Assert.Equal(("de|mo", "a=b|c\\d \"e]\" next tab", "8"), (attributes["server"], attributes["note"], attributes["sequence"]));
    }

    [Fact]
    public void Syslog_EscapesItsStructuredData_AndHasThePriorityOfTheDecision()
    {
        Assert.StartsWith("<108>1 2026-11-21T06:09:11.000000Z - McpServerless w1 outcome [mcp@32473 recordId=\"r-2\"", Syslog(SinkFormat.JsonLines, Refused), StringComparison.Ordinal);
        Assert.Contains("""tool="de|l\\ete=all \] \"x\"" """, Syslog(SinkFormat.JsonLines, Refused), StringComparison.Ordinal);
        Assert.StartsWith("<110>1 ", Syslog(SinkFormat.JsonLines, Allowed), StringComparison.Ordinal);
        Assert.StartsWith("<109>1 ", Syslog(SinkFormat.JsonLines, Recorded), StringComparison.Ordinal);
        Assert.StartsWith("<109>1 - - McpServerless w1 - [mcp@32473] ", Syslog(SinkFormat.JsonLines, "{}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnIndependentParser_ReadsWhatIsWritten()
    {
        string[] lines =
        [
            Text(SinkFormat.Cef, Allowed),
            // It does not know the hexadecimal spelling of the separator that the format has.
            Text(SinkFormat.Leef, Allowed).Replace("|x09|", "|\t|", StringComparison.Ordinal),
            Syslog(SinkFormat.JsonLines, Allowed),
            Syslog(SinkFormat.Cef, Allowed),
        ];
        var parsed = await ParseAsync(lines);

        var cef = parsed[0];
        Assert.Equal("CEF", cef.GetProperty("type").GetString());
        Assert.Equal(("McpServerless", "outcome", "echo", "3"), (Member(cef, "cef", "deviceVendor"), Member(cef, "cef", "deviceEventClassID"), Member(cef, "cef", "name"), Member(cef, "cef", "severity")));
        Assert.Equal(("r-1", "app-1", "u-1", "allowed", "tool", "echo", "2500"), (Member(cef, "fields", "externalId"), Member(cef, "fields", "suid"), Member(cef, "fields", "suser"), Member(cef, "fields", "act"), Member(cef, "fields", "cs1Label"), Member(cef, "fields", "cs1"), Member(cef, "fields", "cn1")));

        var leef = parsed[1];
        Assert.Equal("LEEF", leef.GetProperty("type").GetString());
        Assert.Equal(("McpServerless", "outcome", "u-1", "echo", "allowed"), (Member(leef, "leef", "vendor"), Member(leef, "leef", "eventID"), Member(leef, "fields", "usrName"), Member(leef, "fields", "tool"), Member(leef, "fields", "decision")));

        var syslog = parsed[2];
        Assert.Equal("RFC5424", syslog.GetProperty("type").GetString());
        Assert.Equal((13, 6), (syslog.GetProperty("facilityval").GetInt32(), syslog.GetProperty("levelval").GetInt32()));
        Assert.Equal(("McpServerless", "w1", "outcome"), (syslog.GetProperty("appName").GetString(), syslog.GetProperty("pid").GetString(), syslog.GetProperty("messageid").GetString()));
        var data = syslog.GetProperty("structuredData")[0];
        Assert.Equal(("mcp@32473", "r-1", "echo", "7"), (data.GetProperty("$id").GetString(), data.GetProperty("recordId").GetString(), data.GetProperty("tool").GetString(), data.GetProperty("sequence").GetString()));
        Assert.Equal(Allowed, syslog.GetProperty("message").GetString());
        Assert.Equal("CEF", parsed[3].GetProperty("type").GetString());
    }

    /// <remarks>What schema.ocsf.io lists as required for the class, its objects and the profile. No package publishes the schema.</remarks>
    [Theory]
    [InlineData(Allowed, 1, 600399)]
    [InlineData(Refused, 2, 600399)]
    [InlineData(Recorded, 0, 600300)]
    public void Ocsf_HasWhatTheClassRequires(string record, int status, int type)
    {
        var activity = JsonDocument.Parse(Text(SinkFormat.Ocsf, record)).RootElement;
        foreach (var name in new[] { "activity_id", "actor", "api", "category_uid", "class_uid", "metadata", "severity_id", "src_endpoint", "time", "type_uid" }) Assert.True(activity.TryGetProperty(name, out _), name);
        Assert.Equal((6, 6003, type, status), (activity.GetProperty("category_uid").GetInt32(), activity.GetProperty("class_uid").GetInt32(), activity.GetProperty("type_uid").GetInt32(), activity.GetProperty("status_id").GetInt32()));
        Assert.Equal((activity.GetProperty("class_uid").GetInt32() * 100) + activity.GetProperty("activity_id").GetInt32(), activity.GetProperty("type_uid").GetInt32());
        foreach (var name in new[] { "product", "version" }) Assert.True(activity.GetProperty("metadata").TryGetProperty(name, out _), name);
        Assert.True(activity.GetProperty("metadata").GetProperty("product").TryGetProperty("vendor_name", out _));
        Assert.True(activity.GetProperty("api").TryGetProperty("operation", out _));
        Assert.Equal(record, activity.GetProperty("unmapped").GetProperty("record").GetRawText().Length == 0 ? "" : JsonSerializerText(activity.GetProperty("unmapped").GetProperty("record"), record));
    }

    [Fact]
    public void MonitorRow_HasTheColumnsOfTheTable_AndNothingElse()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes)) MonitorRow.Write(Record("""{"arguments":{"a":1},"argumentShape":{"/a":{"type":"integer"}},"claimed":{"clientName":"n"},""" + Allowed[1..]), json);
        var row = JsonDocument.Parse(bytes.ToArray()).RootElement;
        var columns = JsonDocument.Parse(File.ReadAllText(RepositoryRoot.Combine("schemas", "mcp-audit-table.json"))).RootElement.EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!, c => c.GetProperty("type").GetString());
        foreach (var member in row.EnumerateObject())
        {
            var fits = columns[member.Name] switch
            {
                "string" or "datetime" => member.Value.ValueKind == JsonValueKind.String,
                "int" or "long" or "real" => member.Value.ValueKind == JsonValueKind.Number,
                "boolean" => member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False,
                _ => true,
            };
            Assert.True(fits, $"{member.Name}: {member.Value.GetRawText()}");
        }

        Assert.Equal(("r-1", """{"a":1}""", "n", "2026-11-21T06:09:10.123456Z"), (Value("EventUid"), Value("EventOriginalRequestDetails"), Value("ClaimedClientName"), Value("TimeGenerated")));
        Assert.Equal(JsonValueKind.Object, row.GetProperty("ArgumentShape").ValueKind);

        string? Value(string name) => row.GetProperty(name).GetString();
    }

    /// <summary>The parts are compared as values: only spacing and escapes may differ.</summary>
    private static string JsonSerializerText(JsonElement element, string expected) => McpServerless.Audit.CanonicalJson.Write(element) == McpServerless.Audit.CanonicalJson.Write(JsonDocument.Parse(expected).RootElement) ? expected : element.GetRawText();

    private static string? Member(JsonElement owner, string name, string member) => owner.GetProperty(name).GetProperty(member).GetString();

    private static OutgoingRecord Record(string json)
    {
        JsonElement root = default;
        try
        {
            root = JsonDocument.Parse(json).RootElement;
        }
        catch (JsonException)
        {
            // As the outbox hands on what it cannot read.
        }

        return new OutgoingRecord("20261121", "app-1", "w1", 7, Encoding.UTF8.GetBytes(json), root);
    }

    private static string Text(SinkFormat format, string json)
    {
        using var bytes = new PooledBytes();
        RecordText.Write(format, Record(json), bytes);
        return Encoding.UTF8.GetString(bytes.Memory.Span);
    }

    private static string Syslog(SinkFormat format, string json)
    {
        using var bytes = new PooledBytes();
        SyslogText.Write(format, Record(json), bytes);
        return Encoding.UTF8.GetString(bytes.Memory.Span);
    }

    private static async Task<List<JsonElement>> ParseAsync(string[] lines)
    {
        using var node = Process.Start(new ProcessStartInfo(NodeTool.Executable, [RepositoryRoot.Combine("tests", "McpServerless.Core.Tests", "Audit", "Sinks", "parse-syslog.cjs")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        foreach (var line in lines) await node.StandardInput.WriteAsync(line + "\n");
        node.StandardInput.Close();
        var output = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
    }
}
