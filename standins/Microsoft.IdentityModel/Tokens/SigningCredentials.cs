namespace Microsoft.IdentityModel.Tokens;

public class SigningCredentials
{
    public SigningCredentials(SecurityKey key, string algorithm)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentException.ThrowIfNullOrEmpty(algorithm);
        Key = key;
        Algorithm = algorithm;
    }

    public string Algorithm { get; }

    public SecurityKey Key { get; }

    public string Kid => Key.KeyId;
}
