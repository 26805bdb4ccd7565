namespace Microsoft.IdentityModel.Protocols.Configuration;

public class InvalidConfigurationException : Exception
{
    public InvalidConfigurationException() { }

    public InvalidConfigurationException(string message) : base(message) { }

    public InvalidConfigurationException(string message, Exception innerException) : base(message, innerException) { }
}

public class LastKnownGoodConfigurationCacheOptions : Tokens.Configuration.LKGConfigurationCacheOptions
{
    public static readonly int DefaultLastKnownGoodConfigurationSizeLimit = DefaultLKGConfigurationSizeLimit;
}
