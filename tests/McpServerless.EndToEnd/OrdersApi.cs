using System.Collections.Concurrent;
using McpServerless.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace McpServerless.EndToEnd;

/// <summary>The API of <c>tests/fixtures/orders-api.yaml</c>, which also gives its document away.</summary>
internal sealed class OrdersApi : IAsyncDisposable
{
    private LoopbackServer _server = null!;

    /// <summary>Each request as it arrived: method, target, headers, body.</summary>
    public ConcurrentQueue<string> Received { get; } = [];

    public Uri Url => new(_server.Url, "/v1");

    public Uri Document => new(_server.Url, "/openapi.yaml");

    public static async Task<OrdersApi> StartAsync()
    {
        var api = new OrdersApi();
        api._server = await LoopbackServer.StartAsync(api.AnswerAsync);
        return api;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == "/openapi.yaml")
        {
            await context.Response.SendFileAsync(RepositoryRoot.Combine("tests", "fixtures", "orders-api.yaml"));
            return;
        }

        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        Received.Enqueue($"{context.Request.Method} {target} {string.Join("; ", context.Request.Headers.Select(h => $"{h.Key}: {h.Value}"))} {body}");
        var (status, type, content) = (context.Request.Method, target) switch
        {
            ("POST", "/v1/orders") => (201, "application/json", body),
            ("DELETE", _) => (204, null, ""),
            ("GET", var path) when path.EndsWith("/label", StringComparison.Ordinal) => (200, "image/png", "PNG"),
            ("GET", "/v1/orders/broken") => (200, "application/json", """{"id":"broken","total":"none"}"""),
            ("GET", "/v1/orders/missing") => (404, "application/problem+json", """{"title":"No such order","detail":"Orders are kept for a year.","status":404}"""),
            ("GET", "/v1/orders/moved") => (302, null, ""),
            ("GET", "/v1/orders/busy") => (429, "application/problem+json", """{"title":"secret of the operator"}"""),
            ("GET", "/v1/orders/huge") => (200, "application/json", $"{{\"id\":\"{new string('x', 5_000_000)}\",\"total\":1}}"),
            ("GET", _) => (200, "application/json", """{"id":"a/b","total":1.50}"""),
            _ => (404, null, ""),
        };
        context.Response.StatusCode = status;
        if (status == 302) context.Response.Headers.Location = "http://127.0.0.1:1/elsewhere";
        if (type is not null) context.Response.ContentType = type;
        if (content.Length > 0) await context.Response.WriteAsync(content);
    }
}
