using System.Buffers;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Microsoft.IdentityModel.JsonWebTokens;

/// <summary>Which keys are tried on a signature, and what is said when none verifies it.</summary>
public partial class JsonWebTokenHandler
{
    private static void ValidateSignatureAndKey(JsonWebToken token, TokenValidationParameters parameters, BaseConfiguration configuration)
    {
        ValidateSignature(token, parameters, configuration);
        Validators.ValidateIssuerSecurityKey(token.SigningKey, token, parameters, configuration);
    }

    private static void ValidateSignature(JsonWebToken token, TokenValidationParameters parameters, BaseConfiguration configuration)
    {
        if (!token.IsSigned)
        {
            if (!parameters.RequireSignedTokens) return;
            throw new SecurityTokenInvalidSignatureException("IDX10504: the token has no signature.");
        }

        var (keys, kidMatched) = KeysFor(token, parameters, configuration);
        var kidExists = !string.IsNullOrEmpty(token.Kid);
        List<Exception> failures = null;
        var tried = 0;
        foreach (var key in keys ?? [])
        {
            try
            {
                if (Verifies(token, key, parameters))
                {
                    token.SigningKey = key;
                    return;
                }
            }
            catch (Exception ex)
            {
                (failures ??= []).Add(ex);
            }

            if (key is null) continue;
            tried++;
            if (kidExists && !kidMatched && key.KeyId is not null) kidMatched = NamesKey(token.Kid, key);
        }

        var inner = failures is null ? null : new AggregateException(failures);
        if (kidExists)
        {
            if (kidMatched) throw new SecurityTokenInvalidSignatureException($"IDX10511: key '{token.Kid}' does not verify the signature.", inner);

            // A token that would be refused anyway is refused for that, so that it asks for no new keys.
            if (!parameters.ValidateSignatureLast)
            {
                Validators.ValidateLifetime(token.ValidFrom, token.ValidTo, token, parameters);
                Validators.ValidateIssuer(token.Issuer, token, parameters, configuration);
                Validators.ValidateAudience(token.Audiences, token, parameters);
            }
        }

        throw tried == 0
            ? new SecurityTokenSignatureKeyNotFoundException("IDX10500: there is no key to verify the signature with.")
            : new SecurityTokenSignatureKeyNotFoundException(
                kidExists
                    ? $"IDX10503: no key is called '{token.Kid}', and none of the {tried} known ones verifies the signature."
                    : $"IDX10517: the token names no key, and none of the {tried} known ones verifies the signature.",
                inner);
    }

    private static (IEnumerable<SecurityKey> Keys, bool KidMatched) KeysFor(
        JsonWebToken token, TokenValidationParameters parameters, BaseConfiguration configuration)
    {
        IEnumerable<SecurityKey> keys = null;
        var kidMatched = false;
        if (parameters.IssuerSigningKeyResolverUsingConfiguration is { } withConfiguration)
        {
            keys = withConfiguration(token.EncodedToken, token, token.Kid, parameters, configuration);
        }
        else if (parameters.IssuerSigningKeyResolver is { } resolver)
        {
            keys = resolver(token.EncodedToken, token, token.Kid, parameters);
        }
        else if ((Named(token, configuration?.SigningKeys) ?? Named(token, KeysOf(parameters))) is { } named)
        {
            (keys, kidMatched) = ([named], true);
        }

        if (parameters.TryAllIssuerSigningKeys && keys?.Any() != true) keys = (configuration?.SigningKeys ?? []).Concat(KeysOf(parameters));
        return (keys, kidMatched);
    }

    /// <summary>The key whose id the token gives as <c>kid</c> or as <c>x5t</c>.</summary>
    private static SecurityKey Named(JsonWebToken token, IEnumerable<SecurityKey> keys)
    {
        if (keys is null) return null;
        var (kid, x5t) = (token.Kid, token.X5t);
        foreach (var key in keys)
        {
            if (key is X509SecurityKey certificate)
            {
                if (!string.IsNullOrEmpty(kid) && NamesKey(kid, key)) return key;
                if (!string.IsNullOrEmpty(x5t) && string.Equals(certificate.X5t, x5t, StringComparison.OrdinalIgnoreCase)) return key;
            }
            else if (!string.IsNullOrEmpty(key?.KeyId) && (key.KeyId == kid || key.KeyId == x5t))
            {
                return key;
            }
        }

        return null;
    }

    private static bool NamesKey(string kid, SecurityKey key) =>
        string.Equals(kid, key.KeyId, key is X509SecurityKey ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    private static IEnumerable<SecurityKey> KeysOf(TokenValidationParameters parameters)
    {
        if (parameters.IssuerSigningKey is { } single) yield return single;
        foreach (var key in parameters.IssuerSigningKeys ?? []) yield return key;
    }

    private static bool Verifies(JsonWebToken token, SecurityKey key, TokenValidationParameters parameters)
    {
        var algorithm = token.Alg;
        if (!key.IsSupportedAlgorithm(algorithm)) return false;
        Validators.ValidateAlgorithm(algorithm, key, token, parameters);

        var encoded = token.EncodedToken;
        var signature = encoded.AsSpan(token.Segments.Dot2 + 1);
        var rented = ArrayPool<byte>.Shared.Rent(token.Segments.Dot2 + signature.Length);
        try
        {
            // Header and payload have been decoded, so that every character up to the second dot is ASCII.
            var input = rented.AsSpan(0, Encoding.ASCII.GetBytes(encoded.AsSpan(0, token.Segments.Dot2), rented));
            var bytes = rented.AsSpan(token.Segments.Dot2);
            return key.VerifierFor(algorithm).Verify(input, bytes[..SignatureText.Decode(signature, bytes)]);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
