using System.Security.Claims;

namespace Microsoft.IdentityModel.Tokens;

/// <summary>What a token is checked against. One instance serves all requests; handlers do not change what is set here.</summary>
public class TokenValidationParameters
{
    public const int DefaultMaximumTokenSizeInBytes = 1024 * 250;

    public static readonly string DefaultAuthenticationType = "AuthenticationTypes.Federation";

    public static readonly TimeSpan DefaultClockSkew = TimeSpan.FromSeconds(300);

    public TokenValidationParameters()
    {
    }

    public AlgorithmValidator AlgorithmValidator { get; set; }

    public AudienceValidator AudienceValidator { get; set; }

    public string AuthenticationType { get; set; }

    /// <summary>Leeway when reading <c>exp</c> and <c>nbf</c>.</summary>
    /// <value>Not negative; default five minutes.</value>
    public TimeSpan ClockSkew
    {
        get;
        set => field = value >= TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(value), $"IDX10100: {value} is negative.");
    } = DefaultClockSkew;

    public BaseConfigurationManager ConfigurationManager { get; set; }

    public string DebugId { get; set; }

    /// <summary>Whether one <c>/</c> at the end of an audience does not count.</summary>
    /// <value>Default true.</value>
    public bool IgnoreTrailingSlashWhenValidatingAudience { get; set; } = true;

    public bool IncludeTokenOnFailedValidation { get; set; }

    public bool IsClone { get; protected set; }

    public SecurityKey IssuerSigningKey { get; set; }

    public IssuerSigningKeyResolver IssuerSigningKeyResolver { get; set; }

    public IssuerSigningKeyResolverUsingConfiguration IssuerSigningKeyResolverUsingConfiguration { get; set; }

    public IEnumerable<SecurityKey> IssuerSigningKeys { get; set; }

    public IssuerSigningKeyValidator IssuerSigningKeyValidator { get; set; }

    public IssuerSigningKeyValidatorUsingConfiguration IssuerSigningKeyValidatorUsingConfiguration { get; set; }

    public IssuerValidator IssuerValidator { get; set; }

    public LifetimeValidator LifetimeValidator { get; set; }

    public bool LogTokenId { get; set; } = true;

    public bool LogValidationExceptions { get; set; } = true;

    public string NameClaimType { get; set; } = ClaimsIdentity.DefaultNameClaimType;

    /// <summary>Set by the handler once a validation has asked for new keys; the handler never reads it.</summary>
    public bool RefreshBeforeValidation { get; set; }

    public bool RequireAudience { get; set; } = true;

    public bool RequireExpirationTime { get; set; } = true;

    public bool RequireSignedTokens { get; set; } = true;

    public string RoleClaimType { get; set; } = ClaimsIdentity.DefaultRoleClaimType;

    /// <summary>Whether every known key is tried on a token that names none of them.</summary>
    /// <value>Default true: a token with an unknown <c>kid</c>, or none, passes when any key verifies it.</value>
    public bool TryAllIssuerSigningKeys { get; set; } = true;

    public TypeValidator TypeValidator { get; set; }

    public IEnumerable<string> ValidAlgorithms { get; set; }

    public bool ValidateAudience { get; set; } = true;

    public bool ValidateIssuer { get; set; } = true;

    /// <summary>Whether the certificate of an <see cref="X509SecurityKey"/> must be within its own validity.</summary>
    /// <value>Default false.</value>
    public bool ValidateIssuerSigningKey { get; set; }

    public bool ValidateLifetime { get; set; } = true;

    public bool ValidateSignatureLast { get; set; }

    public bool ValidateWithLKG { get; set; }

    public string ValidAudience { get; set; }

    public IEnumerable<string> ValidAudiences { get; set; }

    /// <summary>The issuer to accept, beside the one that the discovery document names.</summary>
    public string ValidIssuer { get; set; }

    public IEnumerable<string> ValidIssuers { get; set; }

    public IEnumerable<string> ValidTypes { get; set; }

    /// <summary>Internal in the real package too: code that needs its own clock sets <see cref="LifetimeValidator"/>.</summary>
    internal TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    public virtual TokenValidationParameters Clone()
    {
        var clone = (TokenValidationParameters)MemberwiseClone();
        clone.IsClone = true;
        return clone;
    }

    public virtual ClaimsIdentity CreateClaimsIdentity(SecurityToken securityToken, string issuer) =>
        new CaseSensitiveClaimsIdentity(AuthenticationType ?? DefaultAuthenticationType, NameClaimType, RoleClaimType) { SecurityToken = securityToken };
}
