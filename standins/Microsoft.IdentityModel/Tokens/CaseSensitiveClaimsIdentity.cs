using System.Security.Claims;

namespace Microsoft.IdentityModel.Tokens;

/// <summary>The identity of a validated token: claim types are looked up by exact case, which <see cref="ClaimsIdentity"/> does not do.</summary>
public class CaseSensitiveClaimsIdentity : ClaimsIdentity
{
    public CaseSensitiveClaimsIdentity()
    {
    }

    public CaseSensitiveClaimsIdentity(string authenticationType, string nameType, string roleType)
        : base(authenticationType, nameType, roleType)
    {
    }

    public SecurityToken SecurityToken { get; internal set; }

    public override IEnumerable<Claim> FindAll(string type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return Claims.Where(claim => claim.Type == type);
    }

    public override Claim FindFirst(string type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return Claims.FirstOrDefault(claim => claim.Type == type);
    }

    public override bool HasClaim(string type, string value)
    {
        ArgumentNullException.ThrowIfNull(type);
        return Claims.Any(claim => claim.Type == type && claim.Value == value);
    }
}
