using McpServerless.Http.Mcp;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace McpServerless.Functions;

/// <summary>The MCP endpoint of each virtual server. Anonymous to the host: the gateway verifies tokens itself.</summary>
public sealed class McpFunction(McpEndpoint endpoint)
{
    [Function("mcp")]
    public async Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", "delete", Route = "servers/{server}/mcp")] HttpRequest request,
        string server,
        CancellationToken cancellationToken)
    {
        await endpoint.HandleAsync(request.HttpContext, server, cancellationToken);
        return new EmptyResult();
    }
}
