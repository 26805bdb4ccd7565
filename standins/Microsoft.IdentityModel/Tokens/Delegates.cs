namespace Microsoft.IdentityModel.Tokens;

public delegate bool AlgorithmValidator(string algorithm, SecurityKey securityKey, SecurityToken securityToken, TokenValidationParameters validationParameters);

public delegate bool AudienceValidator(IEnumerable<string> audiences, SecurityToken securityToken, TokenValidationParameters validationParameters);

public delegate IEnumerable<SecurityKey> IssuerSigningKeyResolver(
    string token, SecurityToken securityToken, string kid, TokenValidationParameters validationParameters);

public delegate IEnumerable<SecurityKey> IssuerSigningKeyResolverUsingConfiguration(
    string token, SecurityToken securityToken, string kid, TokenValidationParameters validationParameters, BaseConfiguration configuration);

public delegate bool IssuerSigningKeyValidator(SecurityKey securityKey, SecurityToken securityToken, TokenValidationParameters validationParameters);

public delegate bool IssuerSigningKeyValidatorUsingConfiguration(
    SecurityKey securityKey, SecurityToken securityToken, TokenValidationParameters validationParameters, BaseConfiguration configuration);

public delegate string IssuerValidator(string issuer, SecurityToken securityToken, TokenValidationParameters validationParameters);

/// <summary>Takes the place of the check of <c>exp</c> and <c>nbf</c>, <c>RequireExpirationTime</c> and <c>ClockSkew</c> included.</summary>
public delegate bool LifetimeValidator(DateTime? notBefore, DateTime? expires, SecurityToken securityToken, TokenValidationParameters validationParameters);

public delegate string TypeValidator(string type, SecurityToken securityToken, TokenValidationParameters validationParameters);
