using System.ComponentModel.DataAnnotations;
using McpServerless.Hosting;
using Microsoft.Extensions.Options;

namespace McpServerless.Authentication;

/// <summary>Which access tokens the gateway accepts.</summary>
public sealed class AuthenticationOptions
{
    public const string Section = "Authentication";

    /// <summary>The Entra tenant whose tokens are accepted (claim <c>tid</c>).</summary>
    /// <value>A tenant id (GUID). Required; tokens of another tenant are refused with <c>invalid_token</c>.</value>
    [Required]
    [SetByDeployment]
    public string TenantId { get; set; } = "";

    /// <summary>What <c>aud</c> must be: the client id of the gateway's app registration.</summary>
    /// <value>Required. Entra's v2.0 tokens carry the client id (Microsoft identity platform, access token claims reference).</value>
    [Required]
    [SetByDeployment]
    public string Audience { get; set; } = "";

    /// <summary>The issuer of the tokens (claim <c>iss</c>).</summary>
    /// <value>Default <c>https://login.microsoftonline.com/{TenantId}/v2.0</c>. Another one is for tests and sovereign clouds.</value>
    public string? Issuer { get; set; }

    /// <summary>Whether the issuer's metadata and keys may only be read over https.</summary>
    /// <value>Default true. False is accepted for an issuer on loopback alone.</value>
    public bool RequireHttpsMetadata { get; set; } = true;

    /// <summary>Leeway when reading <c>exp</c> and <c>nbf</c>, in seconds.</summary>
    /// <value>0 to 300; default 60. A token past it is refused with <c>invalid_token</c>.</value>
    /// <remarks>RFC 7519, sections 4.1.4 and 4.1.5.</remarks>
    [Range(0, 300)]
    public int ClockSkewSeconds { get; set; } = 60;

    /// <summary>The longest token that is looked at, in bytes.</summary>
    /// <value>1,024 to 65,536; default 16,384. A longer one is refused with <c>invalid_token</c> before it is decoded.</value>
    [Range(1024, 65536)]
    public int MaxTokenBytes { get; set; } = 16 * 1024;

    /// <summary>How long a verified token is taken for verified without looking at its signature again, in seconds.</summary>
    /// <value>0 to 3,600; default 300, and never past its <c>exp</c>. Bounds how long a withdrawn signing key is still believed.</value>
    [Range(0, 3600)]
    public int VerifiedTokenSeconds { get; set; } = 300;

    /// <summary>The app role that an application needs to call at all.</summary>
    /// <value>Default <c>Mcp.Call</c>. Without a role every application of the tenant could get a token (azure: <c>appRoleAssignmentRequired</c>).</value>
    [Required]
    public string RequiredRole { get; set; } = "Mcp.Call";

    /// <summary>The delegated scope that a user's client needs to call at all.</summary>
    /// <value>Default <c>Mcp.Call</c>.</value>
    [Required]
    public string RequiredScope { get; set; } = "Mcp.Call";

    /// <summary>Put before a scope's name in challenges and metadata.</summary>
    /// <value>Default <c>api://{Audience}/</c>, as Entra wants scopes to be asked for.</value>
    public string? ScopePrefix { get; set; }

    public string EffectiveIssuer => Issuer ?? $"https://login.microsoftonline.com/{TenantId}/v2.0";

    /// <summary>A scope as a client has to ask the issuer for it.</summary>
    public string QualifiedScope(string scope) => (ScopePrefix ?? $"api://{Audience}/") + scope;
}

[OptionsValidator]
internal sealed partial class AuthenticationOptionsValidator : IValidateOptions<AuthenticationOptions>;

/// <summary>What the annotations cannot say.</summary>
internal sealed class IssuerOptionsValidator : IValidateOptions<AuthenticationOptions>
{
    public ValidateOptionsResult Validate(string? name, AuthenticationOptions options)
    {
        if (!Uri.TryCreate(options.EffectiveIssuer, UriKind.Absolute, out var issuer))
        {
            return ValidateOptionsResult.Fail("Authentication:Issuer is not an absolute URL.");
        }

        if (issuer.Scheme == Uri.UriSchemeHttps) return ValidateOptionsResult.Success;
        return !options.RequireHttpsMetadata && issuer.Scheme == Uri.UriSchemeHttp && issuer.IsLoopback
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("Authentication:Issuer must be an https URL; plain http is accepted on loopback with RequireHttpsMetadata=false.");
    }
}
