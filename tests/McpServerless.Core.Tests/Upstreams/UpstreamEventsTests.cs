using System.Text;
using McpServerless.Protocol;
using McpServerless.Upstreams;

namespace McpServerless.Core.Tests.Upstreams;

/// <summary>The messages of an upstream's event stream, one by one.</summary>
public class UpstreamEventsTests
{
    [Theory]
    [InlineData("""{"jsonrpc":"2.0","method":"notifications/message","params":{}}""", true)]
    [InlineData("""{"method":"notifications/message","params":{}}""", false)]
    [InlineData("""{"jsonrpc":"1.0","method":"notifications/message","params":{}}""", false)]
    [InlineData("""{"jsonrpc":2.0,"method":"notifications/message","params":{}}""", false)]
    [InlineData("""{"JSONRPC":"2.0","id":1,"method":"roots/list"}""", false)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"roots/list"}""", true)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"roots/list","result":{}}""", false)]
    [InlineData("""{"jsonrpc":"2.0","method":"notifications/message","params":{},"error":{"code":1,"message":"x"}}""", false)]
    public async Task AMessageInAnotherEnvelope_IsNotPassedOn_AndTheStreamGoesOn(string message, bool passes)
    {
        var passed = new List<string>();
        var events = new UpstreamEvents(1024)
        {
            Id = new RpcId(7),
            IsModern = false,
            OnNotification = KeepAsync,
            OnRequest = KeepAsync,
        };
        using var response = new HttpResponseMessage { Content = new StringContent($$"""data: {{message}}{{"\r\n\r\n"}}: a comment{{"\r"}}data: {"jsonrpc":"2.0","id":7,"result":{} }{{"\n\n"}}""") };

        var outcome = await events.ReadAsync(response, CancellationToken.None);

        Assert.True(outcome!.Succeeded(out var answer, out _));
        answer!.Dispose();
        Assert.Equal(passes ? [message] : [], passed);

        ValueTask KeepAsync(System.Text.Json.JsonElement element, ReadOnlyMemory<byte> raw, string? eventId, CancellationToken ct)
        {
            passed.Add(Encoding.UTF8.GetString(raw.Span));
            return ValueTask.CompletedTask;
        }
    }
}
