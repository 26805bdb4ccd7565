using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Microsoft.IdentityModel.Tokens;

/// <summary>base64url as the real package reads it, which is more than RFC 7515 allows.</summary>
/// <remarks>
/// Accepted on reading: <c>+</c> and <c>/</c> beside <c>-</c> and <c>_</c>, padding, and white space. The same bytes therefore
/// have many spellings, and a check on the text of a token must not assume one. Bits set behind the last byte are refused.
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
        var rented = ArrayPool<byte>.Shared.Rent(DecodedBound(str.Length));
        try
        {
            return rented.AsSpan(0, Decode(str, rented)).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    /// <summary>Room that <see cref="Decode(ReadOnlySpan{char}, Span{byte})"/> needs, which is more than it fills.</summary>
    internal static int DecodedBound(int length) => length + 3;

    /// <summary>Decodes one segment into <paramref name="output"/> and returns the number of bytes.</summary>
    /// <exception cref="FormatException">IDX10400.</exception>
    internal static int Decode(ReadOnlySpan<char> text, Span<byte> output)
    {
        if (text.Length % 4 == 1) throw NotBase64Url();
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c > 127) throw NotBase64Url();
            output[i] = c switch { '-' => (byte)'+', '_' => (byte)'/', _ => (byte)c };
        }

        var length = text.Length;
        while (length % 4 != 0) output[length++] = (byte)'=';
        return Base64.DecodeFromUtf8InPlace(output[..length], out var written) == OperationStatus.Done ? written : throw NotBase64Url();
    }

    private static FormatException NotBase64Url() => new("IDX10400: the text is not base64url.");
}
