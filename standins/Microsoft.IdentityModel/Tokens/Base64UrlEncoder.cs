using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Microsoft.IdentityModel.Tokens;

/// <summary>base64url as the real package reads it, which is more than RFC 7515 allows.</summary>
/// <remarks>
/// Accepted on reading: padding, white space, and <c>+</c> and <c>/</c> where the text is base64 altogether. The same bytes
/// therefore have many spellings, and a check on the text of a token must not assume one. Bits set behind the last byte are refused.
/// </remarks>
public static class Base64UrlEncoder
{
    public static string Encode(string arg)
    {
        ArgumentNullException.ThrowIfNull(arg);
        return Encode(Encoding.UTF8.GetBytes(arg));
    }

    public static string Encode(byte[] inArray)
    {
        ArgumentNullException.ThrowIfNull(inArray);
        return Base64Url.EncodeToString(inArray);
    }

    public static string Encode(byte[] inArray, int offset, int length)
    {
        ArgumentNullException.ThrowIfNull(inArray);
        return Base64Url.EncodeToString(inArray.AsSpan(offset, length));
    }

    public static string Decode(string arg) => Encoding.UTF8.GetString(DecodeBytes(arg));

    public static byte[] DecodeBytes(string str)
    {
        ArgumentNullException.ThrowIfNull(str);
        var rented = ArrayPool<byte>.Shared.Rent(str.Length);
        try
        {
            return rented.AsSpan(0, Decode(str, rented)).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    /// <summary>How many bytes a segment stands for, computed from its length and its padding; white space is counted in.</summary>
    /// <exception cref="FormatException">IDX10400: no base64url text has this length.</exception>
    internal static int LengthOf(ReadOnlySpan<char> text)
    {
        if (text.Length % 4 == 1) throw NotBase64Url();
        for (var padding = 0; padding < 2 && text.EndsWith("="); padding++) text = text[..^1];
        return (text.Length / 4 * 3) + Math.Max(0, (text.Length % 4) - 1);
    }

    /// <summary>Decodes one segment into <paramref name="output"/> and returns the number of bytes.</summary>
    /// <remarks>The framework's decoder takes half of the padding ("=" for "==") only where the output has room to spare.</remarks>
    /// <exception cref="FormatException">IDX10400.</exception>
    internal static int Decode(ReadOnlySpan<char> text, Span<byte> output)
    {
        if (Base64Url.DecodeFromChars(text, output, out _, out var written) == OperationStatus.Done) return written;

        // The other alphabet counts as well, but only whole: as base64 with its padding.
        if (!Base64.IsValid(text)) throw NotBase64Url();
        var bytes = Encoding.ASCII.GetBytes(text.ToArray());
        if (Base64.DecodeFromUtf8InPlace(bytes, out written) != OperationStatus.Done) throw NotBase64Url();
        bytes.AsSpan(0, written).CopyTo(output);
        return written;
    }

    private static FormatException NotBase64Url() => new("IDX10400: the text is not base64url.");
}
