using System.Security.Cryptography;
using System.Text;

namespace Microsoft.IdentityModel.Tokens;

/// <summary>JWK thumbprints of RFC 7638: SHA-256 over the required members in order.</summary>
internal static class Thumbprint
{
    public static byte[] OfRsa(RSAParameters key) =>
        Of($$"""{"e":"{{Base64UrlEncoder.Encode(key.Exponent)}}","kty":"RSA","n":"{{Base64UrlEncoder.Encode(key.Modulus)}}"}""");

    public static byte[] OfEllipticCurve(ECParameters key) =>
        Of($$"""{"crv":"{{CurveName(key.Curve)}}","kty":"EC","x":"{{Base64UrlEncoder.Encode(key.Q.X)}}","y":"{{Base64UrlEncoder.Encode(key.Q.Y)}}"}""");

    public static byte[] OfOctets(byte[] key) => Of($$"""{"k":"{{Base64UrlEncoder.Encode(key)}}","kty":"oct"}""");

    private static byte[] Of(string members) => SHA256.HashData(Encoding.UTF8.GetBytes(members));

    private static string CurveName(ECCurve curve) => curve.Oid.Value switch
    {
        "1.2.840.10045.3.1.7" => "P-256",
        "1.3.132.0.34" => "P-384",
        "1.3.132.0.35" => "P-521",
        _ => throw new ArgumentException("IDX10645: the curve is not supported."),
    };
}
