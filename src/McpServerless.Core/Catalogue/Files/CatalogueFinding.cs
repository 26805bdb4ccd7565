using System.Globalization;

namespace McpServerless.Catalogue.Files;

/// <summary>Something wrong, and where.</summary>
/// <param name="Rule">Which of the stable rules it breaks.</param>
/// <param name="File">Relative to the folder, with forward slashes; empty when it is about the folder itself or about what is published.</param>
/// <param name="Place">Line and column, from 1; 0 when the file has no such place.</param>
/// <param name="Pointer">JSON pointer into the file; empty for the whole.</param>
/// <param name="Message">For the person who repairs it.</param>
public sealed record CatalogueFinding(FindingRule Rule, string File, TextPlace Place, string Pointer, string Message) : IComparable<CatalogueFinding>
{
    public FindingSeverity Severity => Rule.Severity;

    /// <summary>By file, then line and column, so that a person can work from the top down.</summary>
    public int CompareTo(CatalogueFinding? other)
    {
        if (other is null) return 1;
        var byFile = string.CompareOrdinal(File, other.File);
        if (byFile != 0) return byFile;
        var byPlace = (Place.Line, Place.Column).CompareTo((other.Place.Line, other.Place.Column));
        if (byPlace != 0) return byPlace;
        var byRule = string.CompareOrdinal(Rule.Id, other.Rule.Id);
        return byRule != 0 ? byRule : string.CompareOrdinal(Message, other.Message);
    }

    /// <summary>As compilers write it, so that editors and pipelines find the place.</summary>
    public override string ToString()
    {
        var where = Place.Line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{File}:{Place.Line}:{Place.Column}: ") : File.Length > 0 ? $"{File}: " : "";
        var severity = Severity == FindingSeverity.Error ? "error" : "warning";
        return $"{where}{severity} {Rule.Id}: {(Pointer.Length > 0 ? Pointer + ": " : "")}{Message}";
    }

    public static bool operator <(CatalogueFinding left, CatalogueFinding right) => Comparer<CatalogueFinding>.Default.Compare(left, right) < 0;

    public static bool operator <=(CatalogueFinding left, CatalogueFinding right) => Comparer<CatalogueFinding>.Default.Compare(left, right) <= 0;

    public static bool operator >(CatalogueFinding left, CatalogueFinding right) => Comparer<CatalogueFinding>.Default.Compare(left, right) > 0;

    public static bool operator >=(CatalogueFinding left, CatalogueFinding right) => Comparer<CatalogueFinding>.Default.Compare(left, right) >= 0;
}

/// <summary>A place in a text.</summary>
/// <param name="Line">From 1; 0 for none.</param>
/// <param name="Column">From 1, in characters; 0 for none.</param>
public readonly record struct TextPlace(int Line, int Column);
