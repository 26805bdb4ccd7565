using System.Security.Claims;

namespace Microsoft.IdentityModel.Tokens;

/// <summary>What <c>JsonWebTokenHandler.CreateToken</c> puts into a token. Times that are absent are filled in by the handler.</summary>
public class SecurityTokenDescriptor
{
    public string Audience { get; set; }

    public IList<string> Audiences { get; } = [];

    public DateTime? Expires { get; set; }

    public string Issuer { get; set; }

    public DateTime? IssuedAt { get; set; }

    public DateTime? NotBefore { get; set; }

    /// <summary>The <c>typ</c> header; <c>JWT</c> where absent.</summary>
    public string TokenType { get; set; }

    public IDictionary<string, object> Claims { get; set; }

    public IDictionary<string, object> AdditionalHeaderClaims { get; set; }

    /// <summary>Null makes an unsigned token with <c>alg</c> none.</summary>
    public SigningCredentials SigningCredentials { get; set; }

    public ClaimsIdentity Subject { get; set; }
}
