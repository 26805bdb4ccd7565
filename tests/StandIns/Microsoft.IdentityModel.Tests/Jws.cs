using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.IdentityModel.Tests;

/// <summary>Writes tokens byte by byte, without the library under test, so that an attack can have any shape.</summary>
internal static class Jws
{
    public const string Issuer = "https://login.example/tenant/v2.0";
    public const string Audience = "6e74172b-be56-4843-9ff4-e66a39bb12e3";
    public const string Rs256Header = """{"alg":"RS256","kid":"rsa","typ":"JWT"}""";

    public static string Segment(byte[] bytes) => Base64Url.EncodeToString(bytes);

    public static string Segment(string text) => Segment(Encoding.UTF8.GetBytes(text));

    public static string Sign(string header, string payload, Func<byte[], byte[]> sign) => SignSegments(Segment(header), Segment(payload), sign);

    /// <summary>Signs segments as they are, whatever their spelling.</summary>
    public static string SignSegments(string header, string payload, Func<byte[], byte[]> sign) =>
        $"{header}.{payload}.{Segment(sign(Encoding.ASCII.GetBytes($"{header}.{payload}")))}";

    public static string Rs256(string header = Rs256Header, string? payload = null) => Sign(header, payload ?? Payload(), Rs256(TestKeys.Rsa));

    public static Func<byte[], byte[]> Rs256(RSA rsa) => input => rsa.SignData(input, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    /// <summary>A payload that passes, with more members behind it.</summary>
    public static string Payload(string more = "") =>
        $$"""{"iss":"{{Issuer}}","aud":"{{Audience}}","sub":"caller","nbf":{{Seconds(-60)}},"exp":{{Seconds(3600)}}{{more}}}""";

    public static long Seconds(int fromNow) => DateTimeOffset.UtcNow.ToUnixTimeSeconds() + fromNow;
}
