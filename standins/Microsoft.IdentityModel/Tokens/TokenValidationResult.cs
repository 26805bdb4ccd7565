using System.Security.Claims;

namespace Microsoft.IdentityModel.Tokens;

/// <summary>The outcome of a validation. Read <see cref="IsValid"/> before anything else.</summary>
public class TokenValidationResult
{
    private readonly TokenHandler _handler;
    private readonly TokenValidationParameters _parameters;
    private readonly Lock _making = new();
    private ClaimsIdentity _identity;
    private Dictionary<string, object> _claims;

    public TokenValidationResult()
    {
    }

    internal TokenValidationResult(SecurityToken token, TokenHandler handler, TokenValidationParameters parameters, string issuer)
    {
        SecurityToken = token;
        Issuer = issuer;
        _handler = handler;
        _parameters = parameters;
    }

    /// <summary>The claims by name; a claim that occurs several times is a list. Made when first read.</summary>
    public IDictionary<string, object> Claims => _claims ??= ClaimsIdentity is { } identity ? ByName(identity.Claims) : null;

    /// <summary>Null where validation failed. Made when first read, so that a caller who reads the token pays nothing for it.</summary>
    public ClaimsIdentity ClaimsIdentity
    {
        get
        {
            lock (_making)
            {
                if (_identity is null && _handler is not null && SecurityToken is not null && Issuer is not null)
                    _identity = _handler.CreateClaimsIdentity(SecurityToken, _parameters, Issuer);
                return _identity;
            }
        }
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            lock (_making) _identity = value;
            _claims = null;
        }
    }

    public Exception Exception { get; set; }

    public string Issuer { get; set; }

    public bool IsValid { get; set; }

    public IDictionary<string, object> PropertyBag { get; } = new Dictionary<string, object>(StringComparer.Ordinal);

    public SecurityToken SecurityToken { get; set; }

    public SecurityToken TokenOnFailedValidation { get; internal set; }

    public string TokenType { get; set; }

    private static Dictionary<string, object> ByName(IEnumerable<Claim> claims)
    {
        var byName = new Dictionary<string, object>();
        foreach (var claim in claims)
        {
            var value = JsonWebTokens.ClaimValues.FromClaim(claim);
            if (!byName.TryGetValue(claim.Type, out var existing)) byName[claim.Type] = value;
            else if (existing is List<object> list) list.Add(value);
            else byName[claim.Type] = new List<object> { existing, value };
        }

        return byName;
    }
}
