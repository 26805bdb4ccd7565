using System.ComponentModel.DataAnnotations;
using McpServerless.Hosting;
using Microsoft.Extensions.Options;

namespace McpServerless.Http;

/// <summary>How the gateway meets the network.</summary>
public sealed class GatewayOptions
{
    public const string Section = "Gateway";

    /// <summary>The URL under which agents reach the gateway, without a path.</summary>
    /// <value>Required. Never taken from the request: a <c>Host</c> header is the caller's to choose. Used in metadata and challenges (RFC 9728).</value>
    [Required]
    [SetByDeployment]
    public string PublicBaseUrl { get; set; } = "";

    /// <summary>Values of <c>Origin</c> that are let in.</summary>
    /// <value>Empty by default: agents send none, and a browser page that does is refused with HTTP 403 (MCP, Streamable HTTP, Security).</value>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>The most bytes of a request body.</summary>
    /// <value>1 KiB to 16 MiB; default 1 MiB. More is refused with <c>request_too_large</c> (HTTP 413).</value>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxRequestBytes { get; set; } = 1024 * 1024;

    /// <summary>The most bytes of all header names and values together.</summary>
    /// <value>4 KiB to 64 KiB; default 24 KiB. More is refused with <c>request_too_large</c> (HTTP 431).</value>
    [Range(4096, 65536)]
    public int MaxHeaderBytes { get; set; } = 24 * 1024;

    /// <summary>The time for a request body to arrive, in seconds.</summary>
    /// <value>1 to 120; default 15. A slower one is refused with <c>malformed_request</c> (HTTP 408).</value>
    [Range(1, 120)]
    public int BodyTimeoutSeconds { get; set; } = 15;

    /// <summary>How many front ends of the platform stand before the gateway and each add the address that they saw to <c>X-Forwarded-For</c>.</summary>
    /// <value>0 to 5; default 0: the connection's own address counts. The address is what grants that name networks are decided on; where the header has fewer
    /// entries, it is not known, and such grants allow nothing (<c>context_unmet</c>). On Azure Functions it is 1, set by the deployment.</value>
    [Range(0, 5)]
    [SetByDeployment]
    public int TrustedProxies { get; set; }

    /// <summary>Where people read how to get access, for the metadata document.</summary>
    public string? Documentation { get; set; }

    public string Base => PublicBaseUrl.TrimEnd('/');

    /// <summary>The URL of one virtual server's endpoint, which is also its OAuth resource identifier.</summary>
    public string EndpointOf(string server) => $"{Base}/servers/{server}/mcp";

    /// <summary>Where that resource's metadata is: the well-known path before the endpoint's own (RFC 9728, section 3.1).</summary>
    public string MetadataOf(string server) => $"{Base}/.well-known/oauth-protected-resource/servers/{server}/mcp";
}

[OptionsValidator]
internal sealed partial class GatewayOptionsValidator : IValidateOptions<GatewayOptions>;

/// <summary>What the annotations cannot say.</summary>
internal sealed class PublicBaseUrlValidator : IValidateOptions<GatewayOptions>
{
    public ValidateOptionsResult Validate(string? name, GatewayOptions options) =>
        Uri.TryCreate(options.PublicBaseUrl, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
        && url.AbsolutePath == "/" && url.Query.Length == 0 && url.Fragment.Length == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("Gateway:PublicBaseUrl must be an https URL without path, query or fragment; plain http is accepted for loopback.");
}
