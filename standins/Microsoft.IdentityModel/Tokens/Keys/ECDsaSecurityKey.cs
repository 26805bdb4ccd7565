using System.Security.Cryptography;

namespace Microsoft.IdentityModel.Tokens;

/// <summary>An elliptic curve key. As in the real package, no algorithm is tied to a curve: ES256 with a P-384 key verifies.</summary>
public class ECDsaSecurityKey : AsymmetricSecurityKey
{
    public ECDsaSecurityKey(ECDsa ecdsa)
    {
        ArgumentNullException.ThrowIfNull(ecdsa);
        ECDsa = ecdsa;
    }

    public ECDsa ECDsa { get; }

    public override int KeySize => ECDsa.KeySize;

    public override PrivateKeyStatus PrivateKeyStatus => PrivateKeyStatus.Unknown;

    public override bool CanComputeJwkThumbprint() => true;

    public override byte[] ComputeJwkThumbprint() => Thumbprint.OfEllipticCurve(ECDsa.ExportParameters(includePrivateParameters: false));
}
