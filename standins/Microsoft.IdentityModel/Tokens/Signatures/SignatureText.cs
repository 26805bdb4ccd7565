using System.Buffers.Text;

namespace Microsoft.IdentityModel.Tokens;

/// <summary>Reads the signature segment as the real package's build for .NET 9 and later does.</summary>
/// <remarks>
/// The length of the signature is computed from the text before it is decoded. White space, which the decoder passes over, is
/// counted in, so that such a signature comes out too long and fails to verify.
/// </remarks>
internal static class SignatureText
{
    /// <summary>Decodes into <paramref name="output"/>, which must hold as many bytes as the text has characters.</summary>
    /// <exception cref="FormatException">IDX10400 for the length; or the other alphabet, bits set behind the last byte, half of the padding.</exception>
    public static int Decode(ReadOnlySpan<char> text, Span<byte> output)
    {
        var length = Base64UrlEncoder.LengthOf(text);
        output[..length].Clear();
        Base64Url.DecodeFromChars(text, output[..length]);
        return length;
    }
}
