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
    /// <exception cref="FormatException">IDX10400 for the length; or the other alphabet, or bits set behind the last byte.</exception>
    public static int Decode(ReadOnlySpan<char> text, Span<byte> output)
    {
        var length = LengthOf(text);
        output[..length].Clear();
        Base64Url.DecodeFromChars(text, output);
        return length;
    }

    private static int LengthOf(ReadOnlySpan<char> text)
    {
        if (text.Length % 4 == 1) throw new FormatException("IDX10400: the signature is not base64url.");
        for (var padding = 0; padding < 2 && text.EndsWith("="); padding++) text = text[..^1];
        return (text.Length / 4 * 3) + Math.Max(0, (text.Length % 4) - 1);
    }
}
