using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpServerless.EndToEnd;

/// <summary>The official C# client, in each revision it speaks, on the virtual server that merges two real servers.</summary>
public class RealFeatureClientTests(MergedGateway gateway) : IClassFixture<MergedGateway>
{
    [Theory]
    [InlineData("2025-03-26")]
    [InlineData("2025-06-18")]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    public async Task CSharpClient_UsesTwoServersAsOne(string revision)
    {
        await using var client = await ConnectAsync(revision);
        Assert.Equal(revision, client.NegotiatedProtocolVersion);
        var tools = await client.ListToolsAsync();
        Assert.Contains(tools, t => t.Name == "ev.echo");
        Assert.Contains(tools, t => t.Name == "cf.test_simple_text");
        Assert.Contains(await client.ListPromptsAsync(), p => p.Name == "cf.test_simple_prompt");
        Assert.Contains(await client.ListResourcesAsync(), r => r.Uri == "test://static-text");
        Assert.Contains(await client.ListResourceTemplatesAsync(), t => t.UriTemplate == "test://template/{id}/data");

        Assert.Equal("Echo: hello", TextOf(await client.CallToolAsync("ev.echo", new Dictionary<string, object?> { ["message"] = "hello" })));
        Assert.Equal("This is a simple text response for testing.", TextOf(await client.CallToolAsync("cf.test_simple_text")));
        var prompt = await client.GetPromptAsync("cf.test_prompt_with_arguments", new Dictionary<string, object?> { ["arg1"] = "a", ["arg2"] = "b" });
        Assert.Equal("Prompt with arguments: arg1='a', arg2='b'", Assert.IsType<TextContentBlock>(prompt.Messages[0].Content).Text);
        Assert.Equal("This is the content of the static text resource.", Assert.IsType<TextResourceContents>((await client.ReadResourceAsync("test://static-text")).Contents[0]).Text);
        var completion = await client.CompleteAsync(new PromptReference { Name = "cf.test_prompt_with_arguments" }, "arg1", "par");
        Assert.Equal(["paris", "park", "party"], completion.Completion.Values);
        var missing = await Assert.ThrowsAsync<McpProtocolException>(async () => await client.ReadResourceAsync("test://nothing"));
        Assert.Equal(revision == "2026-07-28" ? -32602 : -32002, (int)missing.ErrorCode);
        var progress = new List<float>();
        await client.CallToolAsync("cf.test_tool_with_progress", progress: new Reported(progress));
        // This client hands messages to the pool, where the answer overtakes some of them.
        lock (progress) Assert.True(progress.Count > 0 && progress.All(p => p is 0 or 50 or 100), string.Join(", ", progress));
    }

    [Theory]
    [InlineData("2025-06-18")]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    public async Task CSharpClient_IsAskedByTheServers(string revision)
    {
        await using var client = await ConnectAsync(revision);
        var modern = revision == "2026-07-28";
        Assert.Contains("Paris", TextOf(await client.CallToolAsync(modern ? "cf.test_input_required_result_sampling" : "cf.test_sampling", new Dictionary<string, object?> { ["prompt"] = "Capital?" })), StringComparison.Ordinal);
        Assert.Contains("Ada", TextOf(await client.CallToolAsync(modern ? "cf.test_input_required_result_elicitation" : "cf.test_elicitation", new Dictionary<string, object?> { ["message"] = "Who?" })), StringComparison.Ordinal);
        if (modern)
        {
            Assert.Equal("Roots: file:///work", TextOf(await client.CallToolAsync("cf.test_input_required_result_list_roots")));
            Assert.Equal("Ada likes Ada.", TextOf(await client.CallToolAsync("cf.test_input_required_result_multi_round")));
        }
    }

    [Theory]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    public async Task CSharpClient_CanGiveUpACall(string revision)
    {
        await using var client = await ConnectAsync(revision);
        using var enough = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        var call = client.CallToolAsync("ev.trigger-long-running-operation", new Dictionary<string, object?> { ["duration"] = 25, ["steps"] = 1 }, cancellationToken: enough.Token).AsTask();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal("Echo: on", TextOf(await client.CallToolAsync("ev.echo", new Dictionary<string, object?> { ["message"] = "on" })));
    }

    [Theory]
    [InlineData("2025-06-18")]
    [InlineData("2025-11-25")]
    public async Task CSharpClient_HearsOfAChangedResource(string revision)
    {
        await using var client = await ConnectAsync(revision);
        var updated = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (await client.SubscribeToResourceAsync("test://watched-resource", (update, _) =>
        {
            updated.TrySetResult(update.Uri);
            return ValueTask.CompletedTask;
        }))
        {
            Assert.Equal("test://watched-resource", await updated.Task.WaitAsync(TimeSpan.FromSeconds(60)));
        }
    }

    private async Task<McpClient> ConnectAsync(string revision)
    {
        var transport = new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = gateway.Endpoint(MergedGateway.Merged),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = $"Bearer {await gateway.TokenAsync()}" },
        });
        return await McpClient.CreateAsync(transport, new McpClientOptions
        {
            ProtocolVersion = revision,
            Handlers = new McpClientHandlers
            {
                ElicitationHandler = (request, _) => ValueTask.FromResult(new ElicitResult
                {
                    Action = "accept",
                    Content = request?.RequestedSchema?.Properties.ToDictionary(p => p.Key, _ => JsonDocument.Parse("\"Ada\"").RootElement),
                }),
#pragma warning disable MCP9005 // Advised against since 2026-07-28, and what older servers still ask for.
                SamplingHandler = (_, _, _) => ValueTask.FromResult(new CreateMessageResult { Model = "test-model", Role = Role.Assistant, Content = [new TextContentBlock { Text = "Paris" }] }),
                RootsHandler = (_, _) => ValueTask.FromResult(new ListRootsResult { Roots = [new Root { Uri = "file:///work", Name = "work" }] }),
#pragma warning restore MCP9005
            },
        });
    }

    private static string TextOf(CallToolResult result) => string.Join('\n', result.Content.OfType<TextContentBlock>().Select(b => b.Text));

    /// <summary>Keeps what is reported at once, in its order; <see cref="Progress{T}"/> would hand it to the pool.</summary>
    private sealed class Reported(List<float> values) : IProgress<ProgressNotificationValue>
    {
        public void Report(ProgressNotificationValue value)
        {
            lock (values) values.Add(value.Progress);
        }
    }
}
