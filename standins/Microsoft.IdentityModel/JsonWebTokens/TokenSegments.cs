using Microsoft.IdentityModel.Tokens;

namespace Microsoft.IdentityModel.JsonWebTokens;

/// <summary>Where the dots of a token are: two in a signed one, four in an encrypted one.</summary>
internal readonly record struct TokenSegments(int Dot1, int Dot2, bool IsEncrypted)
{
    /// <exception cref="SecurityTokenMalformedException">Any other number of dots, or nothing behind one of them.</exception>
    public static TokenSegments Of(string token)
    {
        var dot1 = token.IndexOf('.', StringComparison.Ordinal);
        if (dot1 < 0 || dot1 == token.Length - 1) throw new SecurityTokenMalformedException("IDX14100: the text has no dots.");
        var dot2 = token.IndexOf('.', dot1 + 1);
        if (dot2 < 0) throw new SecurityTokenMalformedException("IDX14120: the text has one dot only.");
        var dot3 = token.IndexOf('.', dot2 + 1);
        if (dot3 < 0) return new(dot1, dot2, IsEncrypted: false);

        var dot4 = dot3 == token.Length - 1 ? -1 : token.IndexOf('.', dot3 + 1);
        if (dot4 < 0) throw new SecurityTokenMalformedException("IDX14121: an encrypted token has four dots.");
        if (dot4 == token.Length - 1) throw new SecurityTokenMalformedException("IDX14310: the authentication tag is missing.");
        if (token.IndexOf('.', dot4 + 1) >= 0) throw new SecurityTokenMalformedException("IDX14122: the text has more than four dots.");
        if (dot1 == 0) throw new ArgumentException("IDX14307: the header is missing.");
        if (dot3 == dot2 + 1) throw new ArgumentException("IDX14308: the initialization vector is missing.");
        if (dot4 == dot3 + 1) throw new ArgumentException("IDX14306: the ciphertext is missing.");
        return new(dot1, dot2, IsEncrypted: true);
    }
}
