namespace Microsoft.IdentityModel.Tokens;

public class SecurityTokenInvalidIssuerException : SecurityTokenValidationException
{
    public SecurityTokenInvalidIssuerException() { }

    public SecurityTokenInvalidIssuerException(string message) : base(message) { }

    public SecurityTokenInvalidIssuerException(string message, Exception innerException) : base(message, innerException) { }

    public string InvalidIssuer { get; set; }
}

public class SecurityTokenInvalidAudienceException : SecurityTokenValidationException
{
    public SecurityTokenInvalidAudienceException() { }

    public SecurityTokenInvalidAudienceException(string message) : base(message) { }

    public SecurityTokenInvalidAudienceException(string message, Exception innerException) : base(message, innerException) { }

    public string InvalidAudience { get; set; }
}

/// <summary>The <c>typ</c> header is missing, or not one of <see cref="TokenValidationParameters.ValidTypes"/>.</summary>
public class SecurityTokenInvalidTypeException : SecurityTokenValidationException
{
    public SecurityTokenInvalidTypeException() { }

    public SecurityTokenInvalidTypeException(string message) : base(message) { }

    public SecurityTokenInvalidTypeException(string message, Exception innerException) : base(message, innerException) { }

    public string InvalidType { get; set; }
}
