using System.Security.Claims;

namespace Microsoft.IdentityModel.Tokens;

public abstract class TokenHandler
{
    public static readonly int DefaultTokenLifetimeInMinutes = 60;

    /// <summary>Longest token that is read, in characters.</summary>
    /// <value>At least 1; default 256 000.</value>
    public virtual int MaximumTokenSizeInBytes
    {
        get;
        set => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), $"IDX10101: {value} is no token size.");
    } = TokenValidationParameters.DefaultMaximumTokenSizeInBytes;

    public bool SetDefaultTimesOnTokenCreation { get; set; } = true;

    public int TokenLifetimeInMinutes
    {
        get;
        set => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), $"IDX10104: {value} is no lifetime.");
    } = DefaultTokenLifetimeInMinutes;

    public virtual SecurityToken ReadToken(string token) => throw new NotImplementedException("IDX10267: the handler does not read tokens.");

    public virtual Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters) =>
        throw new NotImplementedException("IDX10267: the handler does not validate text.");

    public virtual Task<TokenValidationResult> ValidateTokenAsync(SecurityToken token, TokenValidationParameters validationParameters) =>
        throw new NotImplementedException("IDX10267: the handler does not validate tokens.");

    internal abstract ClaimsIdentity CreateClaimsIdentity(SecurityToken token, TokenValidationParameters parameters, string issuer);
}
