namespace McpServerless.OpenApi;

/// <summary>Values that would move a request to another path than the template's, whoever decodes it on the way, and however often.</summary>
internal static class PathSegments
{
    /// <summary>Servers and proxies were seen to decode twice; a third time costs nothing.</summary>
    private const int MaxDecodings = 3;

    /// <summary>Whether a value may not stand in a path: empty, with a control character, or with a segment of dots in it.</summary>
    /// <remarks>A slash itself is sent as <c>%2F</c> (RFC 3986, section 2.2); a segment of dots is taken out by everybody (section 5.2.4).</remarks>
    public static bool Leads(string value)
    {
        var text = value;
        for (var i = 0; i <= MaxDecodings; i++)
        {
            if (text.Length == 0 || text.Any(char.IsControl) || text.Split('/', '\\').Any(IsDots)) return true;
            var decoded = Uri.UnescapeDataString(text);
            if (decoded == text) return false;
            text = decoded;
        }

        return true;
    }

    public static bool IsDots(string segment)
    {
        // Some servers cut off what follows a semicolon (a path parameter) before they look at the segment.
        var decoded = Uri.UnescapeDataString(segment);
        var end = decoded.IndexOf(';', StringComparison.Ordinal);
        return (end < 0 ? decoded : decoded[..end]).Trim() is "." or "..";
    }
}
