using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace McpServerless.Authentication;

/// <summary>Looks at the shape of a compact JWS before the library decodes it.</summary>
/// <remarks>
/// The library is lenient where a strict reader has only one reading: repeated names (RFC 7515, section 4, and RFC 7519, section 4, let
/// a reader refuse them), other spellings of the same base64url text (RFC 7515, section 2), and critical headers (section 4.1.11).
/// Two readings of one token are what attacks are made of, so all of them are refused here.
/// </remarks>
internal static class CompactToken
{
    private const int MaxDepth = 8;

    /// <summary>Null when the shape is right; otherwise what is wrong, for the operator.</summary>
    /// <param name="keyId">Header <c>kid</c>; empty when there is a fault.</param>
    public static string? FindFault(string token, int maxBytes, out string keyId)
    {
        keyId = "";
        if (token.Length == 0) return "empty token";
        if (token.Length > maxBytes) return $"token of {token.Length} bytes, over the limit of {maxBytes}";
        if (token.AsSpan().Count('.') != 2) return "not three segments";
        var first = token.IndexOf('.', StringComparison.Ordinal);
        var last = token.LastIndexOf('.');
        if (first == 0 || last == first + 1 || last == token.Length - 1) return "an empty segment";
        return FindHeaderFault(token.AsSpan(0, first), out keyId)
            ?? FindPayloadFault(token.AsSpan(first + 1, last - first - 1))
            ?? (IsCanonical(token.AsSpan(last + 1)) ? null : "signature is not canonical base64url");
    }

    private static string? FindHeaderFault(ReadOnlySpan<char> segment, out string keyId)
    {
        keyId = "";
        if (Parse(segment, out var document) is { } fault) return $"header: {fault}";
        using (document)
        {
            var header = document!.RootElement;
            if (header.TryGetProperty("crit", out _)) return "header: critical extensions are not understood";
            if (header.TryGetProperty("b64", out _)) return "header: unencoded payload is not accepted";
            if (!header.TryGetProperty("kid", out var kid) || kid.ValueKind != JsonValueKind.String) return "header: kid is missing";
            keyId = kid.GetString()!;
            return null;
        }
    }

    private static string? FindPayloadFault(ReadOnlySpan<char> segment)
    {
        var fault = Parse(segment, out var document);
        document?.Dispose();
        return fault is null ? null : $"payload: {fault}";
    }

    private static string? Parse(ReadOnlySpan<char> segment, out JsonDocument? document)
    {
        document = null;
        var bytes = Decode(segment);
        if (bytes is null) return "not canonical base64url";
        document = StrictJson.Parse(bytes, MaxDepth);
        if (document is null) return "not JSON that can be read, too deep, or a repeated name";
        if (document.RootElement.ValueKind == JsonValueKind.Object) return null;
        document.Dispose();
        document = null;
        return "not an object";
    }

    private static bool IsCanonical(ReadOnlySpan<char> segment) => Decode(segment) is not null;

    /// <summary>The bytes, or null unless encoding them again gives the same text.</summary>
    private static byte[]? Decode(ReadOnlySpan<char> segment)
    {
        if (segment.ContainsAnyExcept(Alphabet)) return null;
        var buffer = new byte[Base64Url.GetMaxDecodedLength(segment.Length)];
        if (Base64Url.DecodeFromChars(segment, buffer, out _, out var written) != OperationStatus.Done) return null;
        var bytes = buffer[..written];
        return segment.SequenceEqual(Base64Url.EncodeToString(bytes)) ? bytes : null;
    }

    private static readonly SearchValues<char> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
}
