using System.Security.Cryptography;

namespace Microsoft.IdentityModel.Tokens;

internal enum SignatureFamily
{
    RsaPkcs1,
    RsaPss,
    ECDsa,
    Hmac,
}

/// <summary>What an <c>alg</c> name stands for.</summary>
internal sealed record SignatureAlgorithm(SignatureFamily Family, HashAlgorithmName Hash, int HashBytes)
{
    private static readonly Dictionary<string, SignatureAlgorithm> s_byName = ByName();

    /// <summary>The algorithm of that exact, case-sensitive name; null where there is none.</summary>
    public static SignatureAlgorithm Find(string name) => name is not null && s_byName.TryGetValue(name, out var found) ? found : null;

    public bool IsFor(SecurityKey key) => Family switch
    {
        SignatureFamily.RsaPkcs1 or SignatureFamily.RsaPss => key is RsaSecurityKey || key is X509SecurityKey { PublicKey: RSA },
        SignatureFamily.ECDsa => key is ECDsaSecurityKey,
        _ => key is SymmetricSecurityKey,
    };

    private static Dictionary<string, SignatureAlgorithm> ByName()
    {
        var names = new Dictionary<string, SignatureAlgorithm>(StringComparer.Ordinal);
        Add(SignatureFamily.RsaPkcs1, SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512);
        Add(SignatureFamily.RsaPkcs1, SecurityAlgorithms.RsaSha256Signature, SecurityAlgorithms.RsaSha384Signature, SecurityAlgorithms.RsaSha512Signature);
        Add(SignatureFamily.RsaPss, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512);
        Add(
            SignatureFamily.RsaPss,
            SecurityAlgorithms.RsaSsaPssSha256Signature,
            SecurityAlgorithms.RsaSsaPssSha384Signature,
            SecurityAlgorithms.RsaSsaPssSha512Signature);
        Add(SignatureFamily.ECDsa, SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512);
        Add(SignatureFamily.ECDsa, SecurityAlgorithms.EcdsaSha256Signature, SecurityAlgorithms.EcdsaSha384Signature, SecurityAlgorithms.EcdsaSha512Signature);
        Add(SignatureFamily.Hmac, SecurityAlgorithms.HmacSha256, SecurityAlgorithms.HmacSha384, SecurityAlgorithms.HmacSha512);
        Add(SignatureFamily.Hmac, SecurityAlgorithms.HmacSha256Signature, SecurityAlgorithms.HmacSha384Signature, SecurityAlgorithms.HmacSha512Signature);
        return names;

        void Add(SignatureFamily family, string sha256, string sha384, string sha512)
        {
            names[sha256] = new(family, HashAlgorithmName.SHA256, 32);
            names[sha384] = new(family, HashAlgorithmName.SHA384, 48);
            names[sha512] = new(family, HashAlgorithmName.SHA512, 64);
        }
    }
}
