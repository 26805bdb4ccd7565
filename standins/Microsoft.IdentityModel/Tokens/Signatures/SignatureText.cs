namespace Microsoft.IdentityModel.Tokens;

/// <summary>Reads the signature segment, which the real package decodes by other rules than header and payload.</summary>
/// <remarks>
/// Both alphabets are accepted, <c>=</c> is skipped wherever it stands, and bits behind the last byte are ignored. The length
/// is computed from the text beforehand, so that a signature with <c>=</c> inside is too long and fails to verify.
/// </remarks>
internal static class SignatureText
{
    /// <summary>Decodes into <paramref name="output"/>, which must hold as many bytes as the text has characters.</summary>
    /// <exception cref="FormatException">IDX10400: no text of this length is base64url.</exception>
    /// <exception cref="ArgumentException">IDX10820 or IDX10821.</exception>
    public static int Decode(ReadOnlySpan<char> text, Span<byte> output)
    {
        var length = LengthOf(text);
        output[..length].Clear();
        int position = 0, digits = 0;
        uint block = 0;
        foreach (var c in text)
        {
            if (c == '=') continue;
            block = (block << 6) | ValueOf(c);
            if (++digits < 4) continue;
            output[position++] = (byte)(block >> 16);
            output[position++] = (byte)(block >> 8);
            output[position++] = (byte)block;
            digits = 0;
            block = 0;
        }

        switch (digits)
        {
            case 1:
                throw new ArgumentException("IDX10821: the signature has incorrect padding.");
            case 2:
                output[position] = (byte)(block >> 4);
                break;
            case 3:
                output[position++] = (byte)(block >> 10);
                output[position] = (byte)(block >> 2);
                break;
        }

        return length;
    }

    private static int LengthOf(ReadOnlySpan<char> text)
    {
        if (text.Length % 4 == 1) throw new FormatException("IDX10400: the signature is not base64url.");
        for (var padding = 0; padding < 2 && text.EndsWith("="); padding++) text = text[..^1];
        return (text.Length / 4 * 3) + Math.Max(0, (text.Length % 4) - 1);
    }

    private static uint ValueOf(char c) => c switch
    {
        >= 'A' and <= 'Z' => (uint)(c - 'A'),
        >= 'a' and <= 'z' => (uint)(c - 'a' + 26),
        >= '0' and <= '9' => (uint)(c - '0' + 52),
        '+' or '-' => 62,
        '/' or '_' => 63,
        _ => throw new ArgumentOutOfRangeException(nameof(c), "IDX10820: the signature holds a character that is not base64url."),
    };
}
