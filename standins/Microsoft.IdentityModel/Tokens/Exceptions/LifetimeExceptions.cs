namespace Microsoft.IdentityModel.Tokens;

public class SecurityTokenExpiredException : SecurityTokenValidationException
{
    public SecurityTokenExpiredException() { }

    public SecurityTokenExpiredException(string message) : base(message) { }

    public SecurityTokenExpiredException(string message, Exception inner) : base(message, inner) { }

    public DateTime Expires { get; set; }
}

public class SecurityTokenNotYetValidException : SecurityTokenValidationException
{
    public SecurityTokenNotYetValidException() { }

    public SecurityTokenNotYetValidException(string message) : base(message) { }

    public SecurityTokenNotYetValidException(string message, Exception inner) : base(message, inner) { }

    public DateTime NotBefore { get; set; }
}

public class SecurityTokenNoExpirationException : SecurityTokenValidationException
{
    public SecurityTokenNoExpirationException() { }

    public SecurityTokenNoExpirationException(string message) : base(message) { }

    public SecurityTokenNoExpirationException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary><c>nbf</c> after <c>exp</c>, or a <see cref="LifetimeValidator"/> that answered no.</summary>
public class SecurityTokenInvalidLifetimeException : SecurityTokenValidationException
{
    public SecurityTokenInvalidLifetimeException() { }

    public SecurityTokenInvalidLifetimeException(string message) : base(message) { }

    public SecurityTokenInvalidLifetimeException(string message, Exception innerException) : base(message, innerException) { }

    public DateTime? NotBefore { get; set; }

    public DateTime? Expires { get; set; }
}
