using System.Security.Claims;
using System.Text.RegularExpressions;
using Microsoft.IdentityModel.Tokens;

namespace Microsoft.IdentityModel.JsonWebTokens;

/// <summary>Reads, makes and validates JSON web tokens. Thread-safe; one instance serves all requests.</summary>
public partial class JsonWebTokenHandler : TokenHandler
{
    public Type TokenType => typeof(JsonWebToken);

    public virtual bool CanValidateToken => true;

    /// <summary>Whether claims get the long names of WS-Federation. Only false is implemented here, which is the default.</summary>
    public bool MapInboundClaims
    {
        get => false;
        set
        {
            if (value) throw new NotSupportedException("The stand-in does not rename claims.");
        }
    }

    /// <summary>Whether the text has the size and the characters of a token: stricter than <see cref="ReadJsonWebToken"/>.</summary>
    public virtual bool CanReadToken(string token)
    {
        if (string.IsNullOrWhiteSpace(token) || token.Length > MaximumTokenSizeInBytes) return false;
        return token.AsSpan().Count('.') switch
        {
            JwtConstants.JwsSegmentCount - 1 => Signed().IsMatch(token),
            JwtConstants.JweSegmentCount - 1 => Encrypted().IsMatch(token),
            _ => false,
        };
    }

    /// <exception cref="ArgumentException">IDX10209: the text is too long; or it is no token.</exception>
    public virtual JsonWebToken ReadJsonWebToken(string token)
    {
        if (string.IsNullOrEmpty(token)) throw new ArgumentNullException(nameof(token));
        return token.Length <= MaximumTokenSizeInBytes ? new JsonWebToken(token) : throw TooLong(token);
    }

    public override SecurityToken ReadToken(string token) => ReadJsonWebToken(token);

    internal override ClaimsIdentity CreateClaimsIdentity(SecurityToken token, TokenValidationParameters parameters, string issuer)
    {
        if (string.IsNullOrWhiteSpace(issuer)) issuer = string.IsNullOrWhiteSpace(token.Issuer) ? ClaimsIdentity.DefaultIssuer : token.Issuer;
        var identity = parameters.CreateClaimsIdentity(token, issuer);
        foreach (var claim in ((JsonWebToken)token).Claims)
            identity.AddClaim(new Claim(claim.Type, claim.Value, claim.ValueType, issuer, issuer, identity));
        return identity;
    }

    private ArgumentException TooLong(string token) =>
        new($"IDX10209: the token has {token.Length} characters; at most {MaximumTokenSizeInBytes} are read.");

    [GeneratedRegex(JwtConstants.JsonCompactSerializationRegex, RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Signed();

    [GeneratedRegex(JwtConstants.JweCompactSerializationRegex, RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Encrypted();
}
