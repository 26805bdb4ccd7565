using McpServerless.Http.Manage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace McpServerless.Functions;

/// <summary>The management API. Anonymous to the host: the gateway verifies tokens itself, and answers every method and path below it.</summary>
public sealed class ManageFunction(ManageEndpoint endpoint)
{
    [Function("manage")]
    public async Task<IActionResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", "put", "patch", "delete", "head", "options", Route = "manage/{*path}")] HttpRequest request,
        string? path,
        CancellationToken cancellationToken)
    {
        await endpoint.HandleAsync(request.HttpContext, path, cancellationToken);
        return new EmptyResult();
    }
}
