using System.Text.RegularExpressions;

namespace Json.Pointer;

/// <summary>A Relative JSON Pointer (draft-bhutton-relative-json-pointer-00), of which only its form is of interest here.</summary>
public readonly partial struct RelativeJsonPointer
{
    private readonly string? _text;

    private RelativeJsonPointer(string text) => _text = text;

    /// <summary>Whether <paramref name="source"/> is steps up, perhaps an index moved, then <c>#</c> or a JSON Pointer (section 3).</summary>
    public static bool TryParse(string? source, out RelativeJsonPointer relativePointer)
    {
        relativePointer = default;
        if (source is null || Start().Match(source) is not { Success: true } start) return false;

        var rest = source[start.Length..];
        // JsonPointer.TryParse would take "#/a" for a pointer inside a URI; here a # ends the text.
        if (rest != "#" && (rest.StartsWith('#') || !JsonPointer.TryParse(rest, out _))) return false;

        relativePointer = new RelativeJsonPointer(source);
        return true;
    }

    public override string ToString() => _text ?? "";

    [GeneratedRegex(@"\A(0|[1-9][0-9]*)([+-](0|[1-9][0-9]*))?", RegexOptions.CultureInvariant)]
    private static partial Regex Start();
}
