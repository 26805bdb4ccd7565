using System.Security.Cryptography;

namespace Microsoft.IdentityModel.Tokens;

public class RsaSecurityKey : AsymmetricSecurityKey
{
    public RsaSecurityKey(RSA rsa)
    {
        ArgumentNullException.ThrowIfNull(rsa);
        Rsa = rsa;
    }

    public RsaSecurityKey(RSAParameters rsaParameters)
    {
        if (rsaParameters.Modulus is null || rsaParameters.Exponent is null)
            throw new ArgumentException("IDX10700: RSA parameters need a modulus and an exponent.", nameof(rsaParameters));
        Parameters = rsaParameters;
    }

    /// <summary>Null where the key was made from parameters.</summary>
    public RSA Rsa { get; }

    public RSAParameters Parameters { get; }

    public override int KeySize => Rsa?.KeySize ?? Parameters.Modulus.Length * 8;

    public override PrivateKeyStatus PrivateKeyStatus =>
        Rsa is not null ? PrivateKeyStatus.Unknown : Parameters.D is null ? PrivateKeyStatus.DoesNotExist : PrivateKeyStatus.Exists;

    public override bool CanComputeJwkThumbprint() => true;

    public override byte[] ComputeJwkThumbprint() => Thumbprint.OfRsa(Rsa is null ? Parameters : Rsa.ExportParameters(includePrivateParameters: false));
}
