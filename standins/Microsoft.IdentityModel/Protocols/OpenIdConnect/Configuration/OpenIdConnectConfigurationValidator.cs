namespace Microsoft.IdentityModel.Protocols.OpenIdConnect.Configuration;

/// <summary>Refuses a configuration without usable keys. Without it, an empty JWKS takes the place of the keys in use.</summary>
public class OpenIdConnectConfigurationValidator : IConfigurationValidator<OpenIdConnectConfiguration>
{
    /// <value>At least 1, which is the default.</value>
    public int MinimumNumberOfKeys
    {
        get;
        set => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), $"IDX21816: {value} is no number of keys.");
    } = 1;

    public ConfigurationValidationResult Validate(OpenIdConnectConfiguration openIdConnectConfiguration)
    {
        ArgumentNullException.ThrowIfNull(openIdConnectConfiguration);
        if (openIdConnectConfiguration.JsonWebKeySet is not { Keys.Count: > 0 } keys) return Refused("IDX21817: there are no keys.");
        var usable = keys.Keys.Count(key => key.IsConverted);
        return usable >= MinimumNumberOfKeys
            ? new ConfigurationValidationResult { Succeeded = true }
            : Refused($"IDX21818: {usable} keys are usable; at least {MinimumNumberOfKeys} must be.");

        static ConfigurationValidationResult Refused(string message) => new() { ErrorMessage = message };
    }
}
