using System.Collections.ObjectModel;

namespace Microsoft.IdentityModel.Tokens;

/// <summary>What an issuer publishes about itself.</summary>
public abstract class BaseConfiguration
{
    public virtual string Issuer { get; set; }

    public virtual ICollection<SecurityKey> SigningKeys { get; } = new Collection<SecurityKey>();

    public virtual string TokenEndpoint { get; set; }

    public virtual string ActiveTokenEndpoint { get; set; }

    public virtual ICollection<SecurityKey> TokenDecryptionKeys { get; } = new Collection<SecurityKey>();

    /// <summary>Same issuer and same key material, however the documents were ordered or spelt.</summary>
    internal bool SaysTheSameAs(BaseConfiguration other) =>
        ReferenceEquals(this, other) ||
        (Issuer == other.Issuer &&
        SigningKeys.Count == other.SigningKeys.Count &&
        SigningKeys.All(key => other.SigningKeys.Any(theirs => theirs.InternalId == key.InternalId)));
}
