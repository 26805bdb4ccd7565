namespace Microsoft.IdentityModel.Tokens;

/// <summary>Unsigned, or the key that the token names does not verify it.</summary>
public class SecurityTokenInvalidSignatureException : SecurityTokenValidationException
{
    public SecurityTokenInvalidSignatureException() { }

    public SecurityTokenInvalidSignatureException(string message) : base(message) { }

    public SecurityTokenInvalidSignatureException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>No known key is the one that signed the token.</summary>
public class SecurityTokenSignatureKeyNotFoundException : SecurityTokenInvalidSignatureException
{
    public SecurityTokenSignatureKeyNotFoundException() { }

    public SecurityTokenSignatureKeyNotFoundException(string message) : base(message) { }

    public SecurityTokenSignatureKeyNotFoundException(string message, Exception innerException) : base(message, innerException) { }
}

public class SecurityTokenInvalidAlgorithmException : SecurityTokenValidationException
{
    public SecurityTokenInvalidAlgorithmException() { }

    public SecurityTokenInvalidAlgorithmException(string message) : base(message) { }

    public SecurityTokenInvalidAlgorithmException(string message, Exception innerException) : base(message, innerException) { }

    public string InvalidAlgorithm { get; set; }
}

public class SecurityTokenInvalidSigningKeyException : SecurityTokenValidationException
{
    public SecurityTokenInvalidSigningKeyException() { }

    public SecurityTokenInvalidSigningKeyException(string message) : base(message) { }

    public SecurityTokenInvalidSigningKeyException(string message, Exception inner) : base(message, inner) { }

    public SecurityKey SigningKey { get; set; }
}
