using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Microsoft.IdentityModel.Tokens;

/// <summary>The RSA key of a certificate, as a JWKS entry with <c>x5c</c> gives it. Its key id is compared without regard to case.</summary>
public class X509SecurityKey : AsymmetricSecurityKey
{
    private AsymmetricAlgorithm _publicKey;
    private AsymmetricAlgorithm _privateKey;

    public X509SecurityKey(X509Certificate2 certificate)
        : this(certificate, certificate?.Thumbprint)
    {
    }

    public X509SecurityKey(X509Certificate2 certificate, string keyId)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentException.ThrowIfNullOrEmpty(keyId);
        Certificate = certificate;
        KeyId = keyId;
        X5t = Base64UrlEncoder.Encode(certificate.GetCertHash());
    }

    internal X509SecurityKey(JsonWebKey webKey)
    {
        Certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(webKey.X5c[0]));
        KeyId = webKey.KeyId;
        X5t = Base64UrlEncoder.Encode(Certificate.GetCertHash());
    }

    public X509Certificate2 Certificate { get; }

    public string X5t { get; }

    public AsymmetricAlgorithm PublicKey => _publicKey ??= Certificate.GetRSAPublicKey();

    public AsymmetricAlgorithm PrivateKey => _privateKey ??= Certificate.GetRSAPrivateKey();

    public override int KeySize => PublicKey.KeySize;

    public override PrivateKeyStatus PrivateKeyStatus => Certificate.HasPrivateKey ? PrivateKeyStatus.Exists : PrivateKeyStatus.DoesNotExist;

    internal override string InternalId => X5t;

    public override bool CanComputeJwkThumbprint() => PublicKey is RSA;

    public override byte[] ComputeJwkThumbprint() => Thumbprint.OfRsa(((RSA)PublicKey).ExportParameters(includePrivateParameters: false));
}
