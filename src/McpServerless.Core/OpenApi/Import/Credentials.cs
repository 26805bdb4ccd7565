using McpServerless.Catalogue;
using Microsoft.OpenApi;

namespace McpServerless.OpenApi.Import;

/// <summary>What an API asks its callers to prove themselves with. It belongs to the upstream and is never an argument.</summary>
internal sealed class Credentials(OpenApiDocument model)
{
    private readonly IReadOnlyDictionary<string, IOpenApiSecurityScheme> _schemes =
        (IReadOnlyDictionary<string, IOpenApiSecurityScheme>?)model.Components?.SecuritySchemes?.ToDictionary(s => s.Key, s => s.Value, StringComparer.Ordinal)
        ?? new Dictionary<string, IOpenApiSecurityScheme>();

    /// <summary>Whether a parameter is where an API key goes.</summary>
    public bool IsPlaceOf(string name, ParameterLocation? place) => _schemes.Values.Any(scheme =>
        scheme.Type == SecuritySchemeType.ApiKey && scheme.In == place
        && string.Equals(scheme.Name, name, place == ParameterLocation.Header ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));

    /// <summary>What the upstream's file can say of it, its secret named without the upstream's name; null where no scheme of the document can be used without a person.</summary>
    /// <remarks>
    /// The first requirement that the document names for all its operations counts, or else its first scheme. A requirement of several schemes at once
    /// cannot be kept by one credential.
    /// </remarks>
    public UpstreamCredential? ForUpstream() => Preferred().Select(Of).FirstOrDefault(c => c is not null);

    public IEnumerable<ImportFinding> Findings() => _schemes.Select(scheme => new ImportFinding(
        ImportRule.CredentialNeeded,
        $"/components/securitySchemes/{JsonPointers.Escape(scheme.Key)}",
        scheme.Value.Type switch
        {
            SecuritySchemeType.ApiKey => $"is an API key in the {scheme.Value.In?.ToString().ToLowerInvariant()} as '{scheme.Value.Name}'",
            SecuritySchemeType.Http => $"is HTTP authentication with the scheme '{scheme.Value.Scheme}'",
            SecuritySchemeType.OAuth2 when scheme.Value.Flows?.ClientCredentials is not null => "is OAuth 2.0, by client credentials",
            SecuritySchemeType.OAuth2 => "is OAuth 2.0 for a user who signs in, which a gateway cannot do",
            SecuritySchemeType.OpenIdConnect => "is OpenID Connect",
            _ => "is of another kind",
        }));

    private IEnumerable<IOpenApiSecurityScheme> Preferred()
    {
        foreach (var requirement in model.Security ?? [])
        {
            if (requirement.Count == 1 && requirement.Keys.First().Reference?.Id is { } id && _schemes.TryGetValue(id, out var named)) yield return named;
        }

        foreach (var scheme in _schemes.OrderBy(s => s.Key, StringComparer.Ordinal)) yield return scheme.Value;
    }

    private static UpstreamCredential? Of(IOpenApiSecurityScheme scheme) => scheme switch
    {
        { Type: SecuritySchemeType.ApiKey, Name: { Length: > 0 } name, In: { } place } when PlaceOf(place) is { } known =>
            new UpstreamCredential { Type = CredentialType.ApiKey, In = known, Name = name, Secret = "key" },
        { Type: SecuritySchemeType.Http, Scheme: { } named } when Enum.TryParse<HttpScheme>(named, ignoreCase: true, out var known) =>
            new UpstreamCredential { Type = CredentialType.Http, Scheme = known, Secret = known == HttpScheme.Basic ? "login" : "token" },
        { Type: SecuritySchemeType.OAuth2, Flows.ClientCredentials: { TokenUrl: { IsAbsoluteUri: true } tokens } flow } =>
            new UpstreamCredential
            {
                Type = CredentialType.ClientCredentials,
                TokenUrl = tokens,
                Secret = "client-secret",
                Scope = flow.Scopes is { Count: > 0 } scopes ? string.Join(' ', scopes.Keys.Order(StringComparer.Ordinal)) : null,
            },
        _ => null,
    };

    private static ApiKeyPlace? PlaceOf(ParameterLocation place) => place switch
    {
        ParameterLocation.Header => ApiKeyPlace.Header,
        ParameterLocation.Query => ApiKeyPlace.Query,
        ParameterLocation.Cookie => ApiKeyPlace.Cookie,
        _ => null,
    };
}
