namespace McpServerless.Catalogue;

/// <summary>Which URIs may be asked for at all.</summary>
public static class ResourceUri
{
    /// <summary>The longest URI of a resource, in characters.</summary>
    public const int MaxLength = 2048;

    /// <summary>
    /// Whether a text can be the URI of a resource: with a scheme, printable, and without a segment <c>.</c> or <c>..</c>, also an encoded one. What such a
    /// segment leads to is decided by whoever resolves it last, so that no pattern could decide on it (MCP, Resources, Security Considerations).
    /// </summary>
    public static bool IsAcceptable(string uri)
    {
        if (uri.Length is 0 or > MaxLength || !HasScheme(uri)) return false;
        foreach (var c in uri)
        {
            if (c <= ' ' || c == '\u007f' || char.IsControl(c)) return false;
        }

        // Twice encoded dots are what a second decoder would find.
        var once = Uri.UnescapeDataString(uri);
        return !HasDotSegment(uri) && !HasDotSegment(once) && !HasDotSegment(Uri.UnescapeDataString(once));
    }

    /// <summary>RFC 3986, section 3.1.</summary>
    private static bool HasScheme(string uri)
    {
        var colon = uri.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && char.IsAsciiLetter(uri[0]) && uri.AsSpan(0, colon).IndexOfAnyExcept(SchemeCharacters) < 0;
    }

    private static bool HasDotSegment(string uri)
    {
        foreach (var segment in uri.AsSpan().SplitAny('/', '\\', '?', '#'))
        {
            if (uri.AsSpan()[segment] is "." or "..") return true;
        }

        return false;
    }

    private static readonly System.Buffers.SearchValues<char> SchemeCharacters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-.");
}
