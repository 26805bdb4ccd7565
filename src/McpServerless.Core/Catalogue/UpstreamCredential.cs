namespace McpServerless.Catalogue;

/// <summary>By what the gateway proves itself to an upstream. The names are those of OpenAPI's security schemes where it has them.</summary>
public enum CredentialType
{
    /// <summary>A secret in a header, the query or a cookie.</summary>
    ApiKey,

    /// <summary>A secret in <c>Authorization</c>, by a scheme of HTTP authentication.</summary>
    Http,

    /// <summary>A token of Entra ID for the gateway's own identity. There is no secret.</summary>
    ManagedIdentity,

    /// <summary>A token of any authorization server for a client that the gateway is (RFC 6749, section 4.4).</summary>
    ClientCredentials,
}

/// <summary>Where an API key goes.</summary>
public enum ApiKeyPlace
{
    Header,
    Query,
    Cookie,
}

/// <summary>How a secret stands in <c>Authorization</c>.</summary>
public enum HttpScheme
{
    /// <summary>As it is (RFC 6750).</summary>
    Bearer,

    /// <summary>The secret is <c>user:password</c> (RFC 7617).</summary>
    Basic,
}

/// <summary>The gateway's own credential for an upstream. It names secrets and holds none.</summary>
public sealed record UpstreamCredential
{
    /// <summary>Stands between the upstream's name and the rest of a secret's.</summary>
    private const string Separator = "--";

    public required CredentialType Type { get; init; }

    /// <summary>Of an API key.</summary>
    public ApiKeyPlace In { get; init; } = ApiKeyPlace.Header;

    /// <summary>Name of the header, query parameter or cookie of an API key.</summary>
    public string? Name { get; init; }

    /// <summary>Of HTTP authentication.</summary>
    public HttpScheme Scheme { get; init; } = HttpScheme.Bearer;

    /// <summary>Name of the secret, in the settings or the vault; null where there is none.</summary>
    public string? Secret { get; init; }

    /// <summary>What a token is asked for: <c>api://orders/.default</c> of a managed identity; any list of scopes, or none, of a client.</summary>
    public string? Scope { get; init; }

    /// <summary>Where a client gets its tokens.</summary>
    public Uri? TokenUrl { get; init; }

    /// <summary>Who the gateway is there.</summary>
    public string? ClientId { get; init; }

    /// <summary>What the names of an upstream's secrets begin with, so that no upstream's file can name the secret of another.</summary>
    /// <remarks>A vault's names have letters, digits and hyphens (Azure Key Vault, "Vault-name and Object-name").</remarks>
    public static string SecretPrefix(string upstream) => string.Concat(upstream.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')) + Separator;
}
