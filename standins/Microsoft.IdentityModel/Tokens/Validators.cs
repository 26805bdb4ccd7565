using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace Microsoft.IdentityModel.Tokens;

/// <summary>The checks of everything but the signature. Each throws the exception that ends up in the result.</summary>
public static class Validators
{
    public static void ValidateAlgorithm(string algorithm, SecurityKey securityKey, SecurityToken securityToken, TokenValidationParameters validationParameters)
    {
        ArgumentNullException.ThrowIfNull(validationParameters);
        if (validationParameters.AlgorithmValidator is { } custom)
        {
            if (!custom(algorithm, securityKey, securityToken, validationParameters))
                throw new SecurityTokenInvalidAlgorithmException($"IDX10697: the AlgorithmValidator refused '{algorithm}'.") { InvalidAlgorithm = algorithm };
            return;
        }

        if (validationParameters.ValidAlgorithms is { } valid && valid.Any() && !valid.Contains(algorithm, StringComparer.Ordinal))
            throw new SecurityTokenInvalidAlgorithmException($"IDX10696: '{algorithm}' is not among the ValidAlgorithms.") { InvalidAlgorithm = algorithm };
    }

    public static void ValidateLifetime(DateTime? notBefore, DateTime? expires, SecurityToken securityToken, TokenValidationParameters validationParameters)
    {
        ArgumentNullException.ThrowIfNull(validationParameters);
        if (validationParameters.LifetimeValidator is { } custom)
        {
            if (!custom(notBefore, expires, securityToken, validationParameters))
                throw new SecurityTokenInvalidLifetimeException("IDX10230: the LifetimeValidator refused the token.") { NotBefore = notBefore, Expires = expires };
            return;
        }

        if (!validationParameters.ValidateLifetime) return;
        if (expires is null && validationParameters.RequireExpirationTime)
            throw new SecurityTokenNoExpirationException("IDX10225: the token has no expiration time.");
        if (notBefore > expires)
            throw new SecurityTokenInvalidLifetimeException($"IDX10224: the token is valid from {notBefore:O}, which is after it expires at {expires:O}.") { NotBefore = notBefore, Expires = expires };

        var now = validationParameters.TimeProvider.GetUtcNow().UtcDateTime;
        if (notBefore > EpochTime.Add(now, validationParameters.ClockSkew))
            throw new SecurityTokenNotYetValidException($"IDX10222: the token is valid from {notBefore:O} only; it is {now:O}.") { NotBefore = notBefore.Value };
        if (expires < EpochTime.Add(now, -validationParameters.ClockSkew))
            throw new SecurityTokenExpiredException($"IDX10223: the token expired at {expires:O}; it is {now:O}.") { Expires = expires.Value };
    }

    public static void ValidateAudience(IEnumerable<string> audiences, SecurityToken securityToken, TokenValidationParameters validationParameters)
    {
        ArgumentNullException.ThrowIfNull(validationParameters);
        if (validationParameters.AudienceValidator is { } custom)
        {
            if (!custom(audiences, securityToken, validationParameters)) throw Refused("IDX10231: the AudienceValidator refused the token.");
            return;
        }

        if (!validationParameters.ValidateAudience) return;
        if (audiences is null) throw Refused("IDX10207: there are no audiences to check.");
        if (string.IsNullOrWhiteSpace(validationParameters.ValidAudience) && validationParameters.ValidAudiences is null)
            throw Refused("IDX10208: neither ValidAudience nor ValidAudiences is set.");
        if (!audiences.Any()) throw Refused("IDX10206: the token names no audience.");

        foreach (var audience in audiences)
        {
            if (string.IsNullOrWhiteSpace(audience)) continue;
            if (AudienceMatch.Is(audience, validationParameters.ValidAudience, validationParameters)) return;
            foreach (var valid in validationParameters.ValidAudiences ?? [])
            {
                if (AudienceMatch.Is(audience, valid, validationParameters)) return;
            }
        }

        // The package names none here, lest a token's content gets into logs.
        throw new SecurityTokenInvalidAudienceException("IDX10214: no audience of the token is a valid one.");

        SecurityTokenInvalidAudienceException Refused(string message) => new(message) { InvalidAudience = Joined(audiences) };

        static string Joined(IEnumerable<string> values) => values is null ? null : string.Join(", ", values);
    }

    public static string ValidateIssuer(string issuer, SecurityToken securityToken, TokenValidationParameters validationParameters) =>
        ValidateIssuer(issuer, securityToken, validationParameters, configuration: null);

    internal static string ValidateIssuer(string issuer, SecurityToken token, TokenValidationParameters parameters, BaseConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.IssuerValidator is { } custom) return custom(issuer, token, parameters);
        if (!parameters.ValidateIssuer) return issuer;
        if (string.IsNullOrWhiteSpace(issuer)) throw Refused("IDX10211: the token names no issuer.");
        if (string.IsNullOrWhiteSpace(parameters.ValidIssuer) && parameters.ValidIssuers?.Any() != true && string.IsNullOrWhiteSpace(configuration?.Issuer))
            throw Refused("IDX10204: no valid issuer is configured.");
        if (issuer == configuration?.Issuer || issuer == parameters.ValidIssuer || parameters.ValidIssuers?.Contains(issuer, StringComparer.Ordinal) == true)
            return issuer;
        throw Refused($"IDX10205: '{issuer}' is not a valid issuer.");

        SecurityTokenInvalidIssuerException Refused(string message) => new(message) { InvalidIssuer = issuer };
    }

    public static void ValidateIssuerSecurityKey(SecurityKey securityKey, SecurityToken securityToken, TokenValidationParameters validationParameters) =>
        ValidateIssuerSecurityKey(securityKey, securityToken, validationParameters, configuration: null);

    internal static void ValidateIssuerSecurityKey(SecurityKey key, SecurityToken token, TokenValidationParameters parameters, BaseConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.IssuerSigningKeyValidatorUsingConfiguration is not null || parameters.IssuerSigningKeyValidator is not null)
        {
            var accepted = parameters.IssuerSigningKeyValidatorUsingConfiguration?.Invoke(key, token, parameters, configuration)
                ?? parameters.IssuerSigningKeyValidator(key, token, parameters);
            if (!accepted) throw new SecurityTokenInvalidSigningKeyException("IDX10232: the signing key validator refused the key.") { SigningKey = key };
            return;
        }

        if (!parameters.ValidateIssuerSigningKey) return;
        if (key is null)
        {
            if (!parameters.RequireSignedTokens) return;
            throw new ArgumentNullException(nameof(key), "IDX10253: there is no signing key to check.");
        }

        if ((key as X509SecurityKey)?.Certificate is { } certificate) RequireWithinValidity(certificate, parameters);
    }

    public static string ValidateTokenType(string type, SecurityToken securityToken, TokenValidationParameters validationParameters)
    {
        ArgumentNullException.ThrowIfNull(securityToken);
        ArgumentNullException.ThrowIfNull(validationParameters);
        if (validationParameters.TypeValidator is { } custom) return custom(type, securityToken, validationParameters);
        if (validationParameters.ValidTypes?.Any() != true) return type;
        if (string.IsNullOrEmpty(type)) throw new SecurityTokenInvalidTypeException("IDX10256: the token has no 'typ' header.");
        if (!validationParameters.ValidTypes.Contains(type, StringComparer.Ordinal))
            throw new SecurityTokenInvalidTypeException($"IDX10257: '{type}' is not a valid token type.") { InvalidType = type };
        return type;
    }

    private static void RequireWithinValidity(X509Certificate2 certificate, TokenValidationParameters parameters)
    {
        var now = parameters.TimeProvider.GetUtcNow().UtcDateTime;
        if (certificate.NotBefore.ToUniversalTime() > EpochTime.Add(now, parameters.ClockSkew))
            throw new SecurityTokenInvalidSigningKeyException(string.Create(CultureInfo.InvariantCulture, $"IDX10248: the certificate of the signing key is not valid yet at {now:O}."));
        if (certificate.NotAfter.ToUniversalTime() < EpochTime.Add(now, -parameters.ClockSkew))
            throw new SecurityTokenInvalidSigningKeyException(string.Create(CultureInfo.InvariantCulture, $"IDX10249: the certificate of the signing key has expired at {now:O}."));
    }
}

internal static class AudienceMatch
{
    /// <summary>Exact comparison; with the setting of the real default, one of the two may end in a <c>/</c> that the other lacks.</summary>
    public static bool Is(string audience, string valid, TokenValidationParameters parameters)
    {
        if (string.IsNullOrWhiteSpace(valid)) return false;
        if (valid.Length == audience.Length) return string.Equals(valid, audience, StringComparison.Ordinal);
        if (!parameters.IgnoreTrailingSlashWhenValidatingAudience) return false;
        var (longer, shorter) = valid.Length > audience.Length ? (valid, audience) : (audience, valid);
        return longer.Length == shorter.Length + 1 && longer[^1] == '/' && longer.StartsWith(shorter, StringComparison.Ordinal);
    }
}
