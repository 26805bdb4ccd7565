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

    public IEnumerable<ImportFinding> Findings() => _schemes.Select(scheme => new ImportFinding(
        ImportRule.CredentialNeeded,
        $"/components/securitySchemes/{JsonPointers.Escape(scheme.Key)}",
        scheme.Value.Type switch
        {
            SecuritySchemeType.ApiKey => $"is an API key in the {scheme.Value.In?.ToString().ToLowerInvariant()} as '{scheme.Value.Name}'",
            SecuritySchemeType.Http => $"is HTTP authentication with the scheme '{scheme.Value.Scheme}'",
            SecuritySchemeType.OAuth2 => "is OAuth 2.0",
            SecuritySchemeType.OpenIdConnect => "is OpenID Connect",
            _ => "is of another kind",
        }));
}
