using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Microsoft.IdentityModel.Tokens;

/// <summary>Signs and verifies with one key and one algorithm; kept by the key, so that key material is imported once.</summary>
internal sealed class SignatureVerifier
{
    private const int LargestHash = 64;

    private readonly SecurityKey _key;
    private readonly SignatureAlgorithm _algorithm;

    // One RSA object for each verification under way at the same time: System.Security.Cryptography promises no thread safety.
    private readonly ConcurrentBag<RSA> _idle = [];

    public SignatureVerifier(SecurityKey key, SignatureAlgorithm algorithm)
    {
        _key = key;
        _algorithm = algorithm;
        if (key is SymmetricSecurityKey symmetric && symmetric.KeySize < algorithm.HashBytes * 8)
            throw new ArgumentOutOfRangeException(nameof(key), $"IDX10720: an HMAC key of {symmetric.KeySize} bits is too short for its algorithm.");
    }

    public bool Verify(ReadOnlySpan<byte> input, ReadOnlySpan<byte> signature)
    {
        Span<byte> hash = stackalloc byte[LargestHash];
        switch (_algorithm.Family)
        {
            case SignatureFamily.Hmac:
                hash = hash[..CryptographicOperations.HmacData(_algorithm.Hash, ((SymmetricSecurityKey)_key).Key, input, hash)];
                return CryptographicOperations.FixedTimeEquals(hash, signature);
            case SignatureFamily.ECDsa:
                // The default format of VerifyHash is r || s (RFC 7518, section 3.4); a DER sequence does not verify.
                hash = hash[..CryptographicOperations.HashData(_algorithm.Hash, input, hash)];
                return ((ECDsaSecurityKey)_key).ECDsa.VerifyHash(hash, signature);
            default:
                hash = hash[..CryptographicOperations.HashData(_algorithm.Hash, input, hash)];
                var rsa = Take();
                try
                {
                    return rsa.VerifyHash(hash, signature, _algorithm.Hash, Padding);
                }
                finally
                {
                    Give(rsa);
                }
        }
    }

    public byte[] Sign(byte[] input)
    {
        switch (_algorithm.Family)
        {
            case SignatureFamily.Hmac:
                return CryptographicOperations.HmacData(_algorithm.Hash, ((SymmetricSecurityKey)_key).Key, input);
            case SignatureFamily.ECDsa:
                return ((ECDsaSecurityKey)_key).ECDsa.SignData(input, _algorithm.Hash);
            default:
                var rsa = _key is X509SecurityKey certificate ? (RSA)certificate.PrivateKey : Take();
                try
                {
                    return rsa.SignData(input, _algorithm.Hash, Padding);
                }
                finally
                {
                    Give(rsa);
                }
        }
    }

    private RSASignaturePadding Padding => _algorithm.Family == SignatureFamily.RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;

    private RSA Take() => _key switch
    {
        X509SecurityKey certificate => (RSA)certificate.PublicKey,
        RsaSecurityKey { Rsa: { } given } => given,
        RsaSecurityKey fromParameters => _idle.TryTake(out var idle) ? idle : RSA.Create(fromParameters.Parameters),
        _ => throw new NotSupportedException($"IDX10684: {_key} is not an RSA key."),
    };

    private void Give(RSA rsa)
    {
        if (_key is RsaSecurityKey { Rsa: null }) _idle.Add(rsa);
    }
}
