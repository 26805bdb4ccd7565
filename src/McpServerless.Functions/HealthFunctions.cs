using McpServerless.Http.Health;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace McpServerless.Functions;

/// <summary>Probes for load balancers and people.</summary>
public sealed class HealthFunctions(HealthEndpoint health)
{
    [Function("live")]
    public static async Task<IActionResult> LiveAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "healthz")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        await HealthEndpoint.LiveAsync(request.HttpContext, cancellationToken);
        return new EmptyResult();
    }

    [Function("ready")]
    public async Task<IActionResult> ReadyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "readyz")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        await health.ReadyAsync(request.HttpContext, cancellationToken);
        return new EmptyResult();
    }
}
