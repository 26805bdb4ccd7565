using McpServerless.Http.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace McpServerless.Functions;

/// <summary>OAuth protected resource metadata (RFC 9728) at both places where clients look.</summary>
public sealed class MetadataFunctions(ProtectedResourceMetadata metadata)
{
    [Function("metadata-of-server")]
    public async Task<IActionResult> OfServerAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = ".well-known/oauth-protected-resource/servers/{server}/mcp")] HttpRequest request,
        string server,
        CancellationToken cancellationToken)
    {
        await metadata.WriteAsync(request.HttpContext, server, cancellationToken);
        return new EmptyResult();
    }

    [Function("metadata-of-gateway")]
    public async Task<IActionResult> OfGatewayAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = ".well-known/oauth-protected-resource")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        await metadata.WriteAsync(request.HttpContext, null, cancellationToken);
        return new EmptyResult();
    }
}
