namespace Microsoft.IdentityModel.Tokens;

public class SecurityTokenException : Exception
{
    public SecurityTokenException() { }

    public SecurityTokenException(string message) : base(message) { }

    public SecurityTokenException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>A token that was read, and refused.</summary>
public class SecurityTokenValidationException : SecurityTokenException
{
    public SecurityTokenValidationException() { }

    public SecurityTokenValidationException(string message) : base(message) { }

    public SecurityTokenValidationException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>Base of <see cref="SecurityTokenMalformedException"/>: an argument error, not a <see cref="SecurityTokenException"/>.</summary>
public class SecurityTokenArgumentException : ArgumentException
{
    public SecurityTokenArgumentException() { }

    public SecurityTokenArgumentException(string message) : base(message) { }

    public SecurityTokenArgumentException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>Text that has not the shape of a token at all.</summary>
public class SecurityTokenMalformedException : SecurityTokenArgumentException
{
    public SecurityTokenMalformedException() { }

    public SecurityTokenMalformedException(string message) : base(message) { }

    public SecurityTokenMalformedException(string message, Exception innerException) : base(message, innerException) { }
}

public class SecurityTokenDecryptionFailedException : SecurityTokenException
{
    public SecurityTokenDecryptionFailedException() { }

    public SecurityTokenDecryptionFailedException(string message) : base(message) { }

    public SecurityTokenDecryptionFailedException(string message, Exception innerException) : base(message, innerException) { }
}
