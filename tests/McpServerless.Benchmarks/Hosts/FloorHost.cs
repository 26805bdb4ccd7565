using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;

namespace McpServerless.Benchmarks.Hosts;

/// <summary>A hop that decides nothing: the request's bytes to the upstream, the answer's bytes back. What any gateway costs at least.</summary>
internal static class FloorHost
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly string[] Forwarded = ["Accept", "MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"];

    public static Task RunAsync(Uri upstream)
    {
        var http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
        });
        return BareServer.RunAsync(context => ForwardAsync(http, upstream, context));
    }

    private static async Task ForwardAsync(HttpMessageInvoker http, Uri upstream, HttpContext context)
    {
        var ct = context.RequestAborted;
        using var body = new PooledBytes((int)(context.Request.ContentLength ?? 4096) + 1);
        await body.ReadToEndAsync(context.Request.Body, 1 << 20, ct);
        using var request = new HttpRequestMessage(HttpMethod.Post, upstream) { Version = HttpVersion.Version11, Content = new ReadOnlyMemoryContent(body.Memory) };
        request.Content.Headers.ContentType = Json;
        foreach (var name in Forwarded)
        {
            if (context.Request.Headers.TryGetValue(name, out var value)) request.Headers.TryAddWithoutValidation(name, (string?)value);
        }

        using var response = await http.SendAsync(request, ct);
        context.Response.StatusCode = (int)response.StatusCode;
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        context.Response.ContentLength = response.Content.Headers.ContentLength;
        await response.Content.CopyToAsync(context.Response.Body, ct);
    }
}
