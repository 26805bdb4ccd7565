using System.Buffers;

namespace McpServerless.Catalogue;

/// <summary>Which URIs may be asked for at all.</summary>
public static class ResourceUri
{
    /// <summary>The longest URI of a resource, in characters.</summary>
    public const int MaxLength = 2048;

    /// <summary>How often a URI is decoded in search of what it hides; one that goes on changing is refused.</summary>
    private const int MaxDecodings = 3;

    /// <summary>RFC 3986, section 3.1.</summary>
    private static readonly SearchValues<char> SchemeCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-.");

    /// <summary>
    /// Whether a text can be the URI of a resource: with a scheme, printable, and without a segment <c>.</c> or <c>..</c>, also an encoded one. What such a
    /// segment leads to is decided by whoever resolves it last, so that no pattern could decide on it (MCP, Resources, Security Considerations).
    /// </summary>
    public static bool IsAcceptable(string uri)
    {
        if (uri.Length is 0 or > MaxLength || !HasScheme(uri) || uri.Contains(' ', StringComparison.Ordinal)) return false;

        // What is hidden under several encodings is what a second decoder would find.
        for (var decodings = 0; decodings <= MaxDecodings; decodings++)
        {
            if (HidesItsPath(uri)) return false;
            var decoded = Uri.UnescapeDataString(uri);
            if (decoded == uri) return true;
            uri = decoded;
        }

        return false;
    }

    private static bool HasScheme(string uri)
    {
        var colon = uri.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && char.IsAsciiLetter(uri[0]) && uri.AsSpan(0, colon).IndexOfAnyExcept(SchemeCharacters) < 0;
    }

    /// <summary>A control character, where some readers stop, or a dot segment. A segment counts without its parameters, which some readers cut off.</summary>
    private static bool HidesItsPath(string uri)
    {
        foreach (var c in uri)
        {
            if (char.IsControl(c)) return true;
        }

        foreach (var segment in uri.AsSpan().SplitAny('/', '\\', '?', '#', ':', ';'))
        {
            if (uri.AsSpan()[segment] is "." or "..") return true;
        }

        return false;
    }
}
