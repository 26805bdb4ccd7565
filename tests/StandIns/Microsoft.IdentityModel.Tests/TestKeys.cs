using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Microsoft.IdentityModel.Tests;

/// <summary>Keys made once for the whole run: making RSA keys is slow.</summary>
internal static class TestKeys
{
    public static readonly RSA Rsa = RSA.Create(2048);
    public static readonly RSA OtherRsa = RSA.Create(2048);
    public static readonly ECDsa P256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    public static readonly ECDsa P384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    public static readonly ECDsa P521 = ECDsa.Create(ECCurve.NamedCurves.nistP521);

    /// <summary>The public half, made from parameters as a JWKS gives it.</summary>
    public static RsaSecurityKey Public(RSA rsa, string kid) => new(rsa.ExportParameters(includePrivateParameters: false)) { KeyId = kid };

    public static ECDsaSecurityKey Public(ECDsa ecdsa, string kid) => new(ECDsa.Create(ecdsa.ExportParameters(includePrivateParameters: false))) { KeyId = kid };

    public static string Jwk(RSA rsa, string kid, string use = "sig")
    {
        var key = rsa.ExportParameters(includePrivateParameters: false);
        return $$"""{"kty":"RSA","use":"{{use}}","kid":"{{kid}}","n":"{{Jws.Segment(key.Modulus!)}}","e":"{{Jws.Segment(key.Exponent!)}}"}""";
    }

    public static string Jwk(ECDsa ecdsa, string curve, string kid)
    {
        var point = ecdsa.ExportParameters(includePrivateParameters: false).Q;
        return $$"""{"kty":"EC","use":"sig","kid":"{{kid}}","crv":"{{curve}}","x":"{{Jws.Segment(point.X!)}}","y":"{{Jws.Segment(point.Y!)}}"}""";
    }
}
