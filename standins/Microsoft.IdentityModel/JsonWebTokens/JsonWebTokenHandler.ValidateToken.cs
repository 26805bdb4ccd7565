using Microsoft.IdentityModel.Tokens;

namespace Microsoft.IdentityModel.JsonWebTokens;

/// <summary>Validation: with the current configuration, then with a newer one, then with the last known good ones.</summary>
public partial class JsonWebTokenHandler
{
    /// <summary>Never throws for what a client sends: the refusal is in <see cref="TokenValidationResult.Exception"/>.</summary>
    public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
    {
        if (string.IsNullOrEmpty(token)) return Invalid(new ArgumentNullException(nameof(token)));
        if (validationParameters is null) return Invalid(new ArgumentNullException(nameof(validationParameters)));
        if (token.Length > MaximumTokenSizeInBytes) return Invalid(TooLong(token));
        try
        {
            return await ValidateTokenAsync(new JsonWebToken(token), validationParameters).ConfigureAwait(false);
        }
        catch (Exception ex)
        {
            return Invalid(ex);
        }
    }

    public override async Task<TokenValidationResult> ValidateTokenAsync(SecurityToken token, TokenValidationParameters validationParameters)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (validationParameters is null) return Invalid(new ArgumentNullException(nameof(validationParameters)));
        if (token is not JsonWebToken jwt) return Invalid(new ArgumentException("The token must be a JsonWebToken.", nameof(token)));
        try
        {
            return await ValidateTokenAsync(jwt, validationParameters).ConfigureAwait(false);
        }
        catch (Exception ex)
        {
            return Invalid(ex);
        }
    }

    private async ValueTask<TokenValidationResult> ValidateTokenAsync(JsonWebToken token, TokenValidationParameters parameters)
    {
        if (parameters.ConfigurationManager is not { } manager) return ValidateWith(configuration: null, token, parameters);

        BaseConfiguration current = null;
        try
        {
            current = await manager.GetBaseConfigurationAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // IDX10261 in the real log. Keys and issuer may be on the parameters themselves; where they are not, no key is found.
        }

        var result = ValidateWith(current, token, parameters);
        if (result.IsValid)
        {
            if (current is not null) manager.LastKnownGoodConfiguration = current;
            return result;
        }

        if (!IsRecoverable(result.Exception)) return result;
        if (current is not null)
        {
            // The issuer may have published new keys. By default this fetches in the background and the next line still sees the old ones.
            manager.RequestRefresh();
            parameters.RefreshBeforeValidation = true;
            var newer = await manager.GetBaseConfigurationAsync(CancellationToken.None).ConfigureAwait(false);
            if (newer != current)
            {
                current = newer;
                result = ValidateWith(current, token, parameters);
                if (result.IsValid)
                {
                    manager.LastKnownGoodConfiguration = current;
                    return result;
                }
            }
        }

        return manager.UseLastKnownGoodConfiguration ? ValidateWithLastKnownGood(current, result, token, parameters) : result;
    }

    private TokenValidationResult ValidateWithLastKnownGood(
        BaseConfiguration current, TokenValidationResult result, JsonWebToken token, TokenValidationParameters parameters)
    {
        parameters.RefreshBeforeValidation = false;
        parameters.ValidateWithLKG = true;
        var refusal = result.Exception;
        foreach (var earlier in parameters.ConfigurationManager.GetValidLkgConfigurations())
        {
            if (earlier.Equals(current) || !MayRecover(token.Kid, current, earlier, refusal)) continue;
            result = ValidateWith(earlier, token, parameters);
            if (result.IsValid) return result;
        }

        return result;
    }

    private TokenValidationResult ValidateWith(BaseConfiguration configuration, JsonWebToken token, TokenValidationParameters parameters)
    {
        try
        {
            if (token.IsEncrypted)
            {
                throw string.IsNullOrEmpty(token.Enc)
                    ? new SecurityTokenException("IDX10612: the token is encrypted without an 'enc' header.")
                    : new SecurityTokenDecryptionFailedException("IDX10609: there is no key to decrypt the token with.");
            }

            if (!parameters.ValidateSignatureLast) ValidateSignatureAndKey(token, parameters, configuration);
            var result = ValidatePayload(token, parameters, configuration);
            if (parameters.ValidateSignatureLast) ValidateSignatureAndKey(token, parameters, configuration);
            return result;
        }
        catch (Exception ex)
        {
            var result = Invalid(ex);
            if (parameters.IncludeTokenOnFailedValidation) result.TokenOnFailedValidation = token;
            return result;
        }
    }

    private TokenValidationResult ValidatePayload(JsonWebToken token, TokenValidationParameters parameters, BaseConfiguration configuration)
    {
        DateTime? expires = token.HasPayloadClaim(JwtRegisteredClaimNames.Exp) ? token.ValidTo : null;
        DateTime? notBefore = token.HasPayloadClaim(JwtRegisteredClaimNames.Nbf) ? token.ValidFrom : null;
        Validators.ValidateLifetime(notBefore, expires, token, parameters);
        Validators.ValidateAudience(token.Audiences, token, parameters);
        var issuer = Validators.ValidateIssuer(token.Issuer, token, parameters, configuration);
        var type = Validators.ValidateTokenType(token.Typ, token, parameters);
        return new TokenValidationResult(token, this, parameters.Clone(), issuer) { IsValid = true, TokenType = type };
    }

    private static TokenValidationResult Invalid(Exception exception) => new() { Exception = exception, IsValid = false };

    /// <summary>Refusals that other keys or another issuer name could turn into an acceptance.</summary>
    private static bool IsRecoverable(Exception refusal) => refusal is SecurityTokenInvalidSignatureException or SecurityTokenInvalidIssuerException;

    private static bool MayRecover(string kid, BaseConfiguration current, BaseConfiguration earlier, Exception refusal)
    {
        var theirs = earlier.SigningKeys.FirstOrDefault(key => key.KeyId == kid);
        switch (refusal)
        {
            case SecurityTokenInvalidIssuerException:
                return current.Issuer != earlier.Issuer;
            case SecurityTokenSignatureKeyNotFoundException:
                return theirs is not null;
            case SecurityTokenInvalidSignatureException:
                var ours = current.SigningKeys.FirstOrDefault(key => key.KeyId == kid);
                return theirs is not null && (ours is null || ours.InternalId != theirs.InternalId);
            default:
                return false;
        }
    }
}
