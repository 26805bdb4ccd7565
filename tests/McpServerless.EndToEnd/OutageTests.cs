using System.Runtime.InteropServices;
using McpServerless.Testing;

namespace McpServerless.EndToEnd;

/// <summary>Table Storage goes away while calls run, and comes back. On a gateway of its own.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private readonly Gateway _gateway = new(keepsRows: true);

    public Task InitializeAsync() => _gateway.InitializeAsync();

    public Task DisposeAsync() => _gateway.DisposeAsync();

    [Fact]
    public async Task StorageThatDiesAndComesBack_IsANamedRefusal_NotAHang_AndHealsByItself()
    {
        var stop = new CancellationTokenSource();
        var answers = new List<string>();
        var callers = Enumerable.Range(0, 4).Select(async _ =>
        {
            while (!stop.IsCancellationRequested)
            {
                var answer = await _gateway.Wire().CallAsync("ok", """{"text":"x"}""");
                lock (answers) answers.Add($"{answer.Status} {answer.Refusal ?? "ok"}");
            }
        }).ToArray();

        await UntilAsync(() => Has("200 ok"));
        await _gateway.Azurite.StopAsync();
        await UntilAsync(() => Has("503 audit_unavailable"));
        await _gateway.Azurite.StartAgainAsync();
        lock (answers) answers.Clear();
        await UntilAsync(() => Has("200 ok"));
        await stop.CancelAsync();
        await Task.WhenAll(callers);
        lock (answers) Assert.All(answers, a => Assert.Contains(a, new[] { "200 ok", "503 audit_unavailable", "503 state_unavailable" }));

        bool Has(string answer)
        {
            lock (answers) return answers.Contains(answer);
        }
    }

    [Fact]
    public async Task RecordsOfTheOutage_ReachTheLedgerAfterwards_InOneUnbrokenChain()
    {
        await _gateway.Wire().CallAsync("ok", """{"text":"before"}""");
        await _gateway.Azurite.StopAsync();
        var headers = McpWire.Modern("tools/call", "ok");
        headers["User-Agent"] = "during";
        var withheld = await _gateway.Wire().PostAsync($$$$$"""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"ok","arguments":{"text":"x"},"_meta":{{{{{{McpWire.ModernMeta}}}}}}}}""", headers);
        Assert.Equal(503, withheld.Status);
        Assert.True(withheld.Headers.ContainsKey("Retry-After"));
        await _gateway.Azurite.StartAgainAsync();

        // By what the client says of itself: when the state has grown too old by then, the call is refused before its arguments are looked at.
        var records = await _gateway.RecordsAsync(r => r.TryGetProperty("claimed", out var claimed) && claimed.TryGetProperty("userAgent", out var agent) && agent.GetString() == "during");
        Assert.NotEmpty(records);
        var chain = (await _gateway.RecordsAsync(_ => true)).GroupBy(r => r.GetProperty("writer").GetString());
        foreach (var writer in chain)
        {
            var previous = "";
            long sequence = 0;
            foreach (var record in writer)
            {
                Assert.Equal(++sequence, record.GetProperty("sequence").GetInt64());
                Assert.Equal(previous, record.GetProperty("previousHash").GetString());
                previous = McpServerless.Audit.CanonicalJson.Hash(JsonMarshal.GetRawUtf8Value(record));
            }
        }
    }

    [Fact]
    public async Task AppThatStartsWithoutStorage_IsNotReady_AndRefusesByName()
    {
        await _gateway.Azurite.StopAsync();
        var address = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}");
        await using var app = ChildProcess.Start(new ChildProcessStart("Function app", BuiltProgram.Find("McpServerless.Functions"), "--urls", address.ToString())
        {
            Environment = new Dictionary<string, string?>
            {
                ["Authentication__TenantId"] = TestIssuer.TenantId,
                ["Authentication__Audience"] = TestIssuer.Audience,
                ["Authentication__Issuer"] = _gateway.Issuer.Issuer,
                ["Authentication__RequireHttpsMetadata"] = "false",
                ["Storage__ConnectionString"] = _gateway.Azurite.ConnectionString,
                ["Gateway__PublicBaseUrl"] = address.GetLeftPart(UriPartial.Authority),
            },
        });
        using var http = new HttpClient();
        await UntilAsync(async () =>
        {
            try
            {
                return (await http.GetAsync(new Uri(address, "healthz"))).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
        var ready = await http.GetAsync(new Uri(address, "readyz"));
        Assert.Equal(503, (int)ready.StatusCode);
        Assert.Contains("state_unavailable", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WrongSettings_AreAllNamedAtTheStart()
    {
        var lines = new List<string>();
        await using var app = ChildProcess.Start(
            new ChildProcessStart("Function app", BuiltProgram.Find("McpServerless.Functions"), "--urls", "http://127.0.0.1:0")
            {
                Environment = new Dictionary<string, string?> { ["Authentication__ClockSkewSeconds"] = "9999", ["Gateway__PublicBaseUrl"] = "http://example.com", ["Access__PollMilliseconds"] = "1" },
            },
            line => { lock (lines) lines.Add(line); });
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        Assert.NotEqual(0, await app.ExitAsync(limit.Token));
        var output = app.LastLines(200);
        foreach (var named in new[] { "TenantId", "Audience", "ClockSkewSeconds", "PublicBaseUrl", "PollMilliseconds", "TableServiceUri" }) Assert.Contains(named, output, StringComparison.Ordinal);
    }

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var attempt = 0; attempt < 1200; attempt++)
        {
            if (await condition()) return;
            await Task.Delay(50);
        }

        Assert.Fail("It did not happen.");
    }
}
