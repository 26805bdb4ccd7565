using System.Collections.Concurrent;

namespace Microsoft.IdentityModel.Tokens;

public abstract class SecurityKey
{
    private readonly ConcurrentDictionary<string, SignatureVerifier> _verifiers = new(StringComparer.Ordinal);
    private string _internalId;

    public abstract int KeySize { get; }

    public virtual string KeyId { get; set; }

    /// <summary>Identifies the key material, whatever the key is called; empty where no thumbprint can be computed.</summary>
    internal virtual string InternalId => _internalId ??= CanComputeJwkThumbprint() ? Base64UrlEncoder.Encode(ComputeJwkThumbprint()) : string.Empty;

    public virtual bool CanComputeJwkThumbprint() => false;

    public virtual byte[] ComputeJwkThumbprint() => throw new NotSupportedException("IDX10710: this kind of key has no JWK thumbprint.");

    public virtual bool IsSupportedAlgorithm(string algorithm) => SignatureAlgorithm.Find(algorithm)?.IsFor(this) == true;

    public override string ToString() => $"{GetType()}, KeyId: '{KeyId}', InternalId: '{InternalId}'.";

    /// <summary>The one verifier of this key for an algorithm that it supports.</summary>
    internal virtual SignatureVerifier VerifierFor(string algorithm) =>
        _verifiers.GetOrAdd(algorithm, static (name, key) => new SignatureVerifier(key, SignatureAlgorithm.Find(name)), this);
}

public abstract class AsymmetricSecurityKey : SecurityKey
{
    public abstract PrivateKeyStatus PrivateKeyStatus { get; }
}

public enum PrivateKeyStatus
{
    Exists,
    DoesNotExist,
    Unknown,
}
