using System.Buffers;
using System.Text.Json;

namespace McpServerless.Audit.Shapes;

/// <summary>The shape of arguments: what stood where, of which type and how long, and no value.</summary>
/// <remarks>
/// What the ledger keeps beside the sanitised arguments, so that later questions (whom does a change of the contract hit, what would a new grant
/// refuse) have an answer. Its JSON has a member for each place, by JSON pointer (RFC 6901); the items of an array are one place, under
/// <c>/*</c>, and so are members of an object whose names say too much. Whatever is absent is not known, so a reader has three answers:
/// yes, no, and cannot tell.
/// </remarks>
/// <param name="Places">By pointer; the arguments themselves stand under the empty one.</param>
public sealed record ArgumentShape(IReadOnlyDictionary<string, ShapePlace> Places)
{
    /// <summary>Stands in pointers for the items of an array, and for members whose names are not kept.</summary>
    public const string Any = "*";

    /// <summary>The shape of a value of which everything may be told.</summary>
    public static ArgumentShape Of(JsonElement arguments)
    {
        var survey = new ShapeSurvey();
        survey.SeeAll(arguments);
        return survey.ToShape();
    }

    /// <summary>What a record's <c>argumentShape</c> says; null when it cannot be read.</summary>
    public static ArgumentShape? Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) return null;
        var places = new Dictionary<string, ShapePlace>(json.GetPropertyCount(), StringComparer.Ordinal);
        foreach (var member in json.EnumerateObject())
        {
            if (ShapePlace.Read(member.Value) is not { } place) return null;
            places[member.Name] = place;
        }

        return new ArgumentShape(places);
    }

    /// <summary>The most bytes that a record has for a shape.</summary>
    internal const int MaxLength = 4000;

    /// <summary>Canonical JSON that fits into a record: the deepest places are left out where all are too much.</summary>
    internal byte[] ToBoundedJson()
    {
        var json = ToJson();
        for (var depth = ShapeSurvey.MaxDepth / 2; json.Length > MaxLength; depth /= 2) json = Above(depth).ToJson();
        return json;
    }

    private ArgumentShape Above(int depth) => new(Places
        .Where(p => Depth(p.Key) <= depth)
        .ToDictionary(p => p.Key, p => Depth(p.Key) == depth ? p.Value with { IsCut = p.Value.IsCut || Places.Keys.Any(k => k.StartsWith(p.Key + "/", StringComparison.Ordinal)) } : p.Value, StringComparer.Ordinal));

    private static int Depth(string pointer) => pointer.AsSpan().Count('/');

    /// <summary>Canonical JSON (RFC 8785) in UTF-8.</summary>
    public byte[] ToJson()
    {
        using var json = new PooledBytes(512);
        json.Write("{"u8);
        var first = true;
        foreach (var (pointer, place) in Places.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            if (!first) json.Write(","u8);
            first = false;
            CanonicalJson.WriteString(json, pointer);
            json.Write(":"u8);
            place.WriteTo(json);
        }

        json.Write("}"u8);
        return json.Memory.ToArray();
    }
}
