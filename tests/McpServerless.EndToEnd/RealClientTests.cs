using System.Text.Json;
using McpServerless.Testing;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpServerless.EndToEnd;

/// <summary>The sample catalogue in front of the protocol's reference server, as <c>dev.cs up</c> starts it.</summary>
public sealed class SampleGateway : IAsyncLifetime
{
    public LocalGateway Gateway { get; private set; } = null!;

    public Uri Endpoint => Gateway.App.Endpoint("demo");

    public async Task InitializeAsync() => Gateway = await LocalGateway.StartAsync(new LocalGatewayOptions());

    public async Task DisposeAsync() => await Gateway.DisposeAsync();

    public Task<string> TokenAsync() => Gateway.Issuer.TokenAsync(new TokenRequest(TestIssuer.AgentClientId));
}

/// <summary>The official clients, with a real token, in each era they speak.</summary>
public class RealClientTests(SampleGateway sample) : IClassFixture<SampleGateway>
{
    [Theory]
    [InlineData("2025-03-26")]
    [InlineData("2025-06-18")]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    public async Task CSharpClient_ListsAndCalls(string revision)
    {
        await using var client = await ConnectAsync(revision);
        Assert.Equal(revision, client.NegotiatedProtocolVersion);

        var tools = await client.ListToolsAsync();
        Assert.Contains(tools, t => t.Name == "echo");
        Assert.DoesNotContain(tools, t => t.Name == "get-env");

        var echo = await client.CallToolAsync("echo", new Dictionary<string, object?> { ["message"] = "hello" });
        Assert.Equal("Echo: hello", Assert.IsType<TextContentBlock>(echo.Content[0]).Text);

        var structured = await client.CallToolAsync("get-structured-content", new Dictionary<string, object?> { ["location"] = "Chicago" });
        Assert.NotEqual(true, structured.IsError);
        Assert.Equal(revision != "2025-03-26", structured.StructuredContent is not null);

        var refusal = await Assert.ThrowsAnyAsync<McpException>(async () => await client.CallToolAsync("get-env"));
        Assert.Contains("Unknown tool", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>So the watch, which runs in the sample too, finds nothing to hold.</summary>
    [Fact]
    public async Task SampleCatalogue_PinsWhatTheReferenceServerLists()
    {
        var compared = await sample.Gateway.McpgovAsync(["diff", "catalogue", "upstream:everything", "--output", "json"]);
        Assert.True(compared.ExitCode == 0, compared.Everything);
    }

    [Theory]
    [InlineData("sdk-v1")]
    [InlineData("client-v2-legacy")]
    [InlineData("client-v2-modern")]
    public async Task TypeScriptClient_ListsAndCalls_WithProgress(string kind)
    {
        var seen = await RunTypeScriptAsync(kind);
        Assert.Equal("demo", seen.GetProperty("server").GetString());
        Assert.Contains("echo", seen.GetProperty("tools").EnumerateArray().Select(t => t.GetString()));
        Assert.DoesNotContain("get-env", seen.GetProperty("tools").EnumerateArray().Select(t => t.GetString()));
        Assert.Equal("Echo: hello", seen.GetProperty("echo").GetString());
        Assert.Equal(JsonValueKind.Object, seen.GetProperty("structured").ValueKind);
        Assert.Contains("completed", seen.GetProperty("long").GetString(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal([1, 2, 3], seen.GetProperty("progress").EnumerateArray().Select(p => p.GetInt32()));
        Assert.Contains("message missing", seen.GetProperty("bad").GetString(), StringComparison.Ordinal);
        Assert.Contains("Unknown tool", seen.GetProperty("hidden").GetString(), StringComparison.Ordinal);
    }

    private async Task<McpClient> ConnectAsync(string revision)
    {
        var transport = new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = sample.Endpoint,
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = $"Bearer {await sample.TokenAsync()}" },
        });
        return await McpClient.CreateAsync(transport, new McpClientOptions { ProtocolVersion = revision });
    }

    private async Task<JsonElement> RunTypeScriptAsync(string kind)
    {
        var lines = new List<string>();
        var script = RepositoryRoot.Combine("tests", "McpServerless.EndToEnd", "clients", "calls.mjs");
        await using var process = ChildProcess.Start(
            new ChildProcessStart($"TypeScript client {kind}", NodeTool.Executable, script)
            {
                Environment = new Dictionary<string, string?> { ["GATEWAY_ENDPOINT"] = sample.Endpoint.ToString(), ["TOKEN"] = await sample.TokenAsync(), ["CLIENT"] = kind },
            },
            lines.Add);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var code = await process.ExitAsync(limit.Token);
        Assert.True(code == 0, process.LastLines(20));
        return JsonDocument.Parse(lines.Last(l => l.StartsWith('{'))).RootElement;
    }
}
