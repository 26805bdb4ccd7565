using System.Text.Json;
using McpServerless.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace McpServerless.Http.Metadata;

/// <summary>Tells clients where to get a token for an endpoint (RFC 9728; MCP, Authorization).</summary>
/// <remarks>Public, and the same for every name: it does not tell which servers exist. <c>offline_access</c> is not listed, as MCP asks.</remarks>
public sealed class ProtectedResourceMetadata(IOptions<GatewayOptions> gateway, IOptions<AuthenticationOptions> authentication)
{
    private const int MaxServerName = 64;

    /// <summary>Writes the document; 404 for what cannot be the name of a server.</summary>
    /// <param name="server">Name of a virtual server; null for the gateway as a whole.</param>
    public async Task WriteAsync(HttpContext http, string? server, CancellationToken ct)
    {
        if (server is not null && (server.Length > MaxServerName || server.AsSpan().ContainsAnyExcept(NameCharacters)))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        using var body = new PooledBytes(1024);
        using (var writer = new Utf8JsonWriter(body))
        {
            var options = authentication.Value;
            writer.WriteStartObject();
            writer.WriteString("resource"u8, server is null ? gateway.Value.Base : gateway.Value.EndpointOf(server));
            writer.WriteStartArray("authorization_servers"u8);
            writer.WriteStringValue(options.EffectiveIssuer);
            writer.WriteEndArray();
            writer.WriteStartArray("scopes_supported"u8);
            writer.WriteStringValue(options.QualifiedScope(options.RequiredScope));
            writer.WriteEndArray();
            writer.WriteStartArray("bearer_methods_supported"u8);
            writer.WriteStringValue("header"u8);
            writer.WriteEndArray();
            writer.WriteString("resource_name"u8, server is null ? "McpServerless gateway" : $"McpServerless gateway: {server}");
            if (gateway.Value.Documentation is { } documentation) writer.WriteString("resource_documentation"u8, documentation);
            writer.WriteEndObject();
        }

        http.Response.ContentType = "application/json";
        http.Response.Headers.CacheControl = "max-age=3600";
        // Browser-based clients read it across origins; it holds nothing that is not public.
        http.Response.Headers.AccessControlAllowOrigin = "*";
        await http.Response.Body.WriteAsync(body.Memory, ct);
    }

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
}
