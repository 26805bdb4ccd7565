using System.Runtime.InteropServices;
using System.Text.Json;
using McpServerless.Contracts.Comparing;

namespace McpServerless.Audit.Shapes;

/// <summary>Gathers the shape of arguments while somebody walks through them, within bounds.</summary>
/// <remarks>
/// Whoever walks decides what may be told of a value: everything (<see cref="Spot.See"/>), or no more than its type (<see cref="Spot.SeeWithheld"/>). A
/// spot that is null is beyond the bounds, and everything below it too.
/// </remarks>
internal sealed class ShapeSurvey
{
    /// <summary>The most places of one shape.</summary>
    internal const int MaxPlaces = 200;

    /// <summary>The most values that are looked at.</summary>
    internal const int MaxValues = 2000;

    /// <summary>The deepest place, in steps from the root.</summary>
    internal const int MaxDepth = 16;

    /// <summary>The longest name of a member that stands in a shape, in characters; a longer one may be a value itself.</summary>
    internal const int MaxName = 64;

    private static readonly string[] TypeNames = ["null", "boolean", "integer", "number", "string", "array", "object"];

    private readonly Spot _root = new("", 0);
    private int _places = 1;
    private int _values;

    public Spot Root => _root;

    /// <summary>The place of a member. Null when it is beyond the bounds; the parent then says that something is missing.</summary>
    public Spot? Member(Spot? parent, string name) => Below(parent, name.Length <= MaxName && name != ArgumentShape.Any ? JsonPointers.Escape(name) : ArgumentShape.Any);

    /// <summary>The one place of an array's items.</summary>
    public Spot? Item(Spot? parent) => Below(parent, ArgumentShape.Any);

    /// <summary>Walks through a value of which everything may be told.</summary>
    public void SeeAll(JsonElement value) => SeeAll(_root, value);

    public ArgumentShape ToShape()
    {
        var places = new Dictionary<string, ShapePlace>(_places, StringComparer.Ordinal);
        Collect(_root, places);
        return new ArgumentShape(places);
    }

    private void SeeAll(Spot? spot, JsonElement value)
    {
        if (spot is null) return;
        spot.See(value);
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject()) SeeAll(Member(spot, member.Name), member.Value);
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    if (Item(spot) is not { } place) break;
                    SeeAll(place, item);
                }

                break;
        }
    }

    private Spot? Below(Spot? parent, string token)
    {
        if (parent is null) return null;
        if (++_values <= MaxValues)
        {
            foreach (var known in parent.Below)
            {
                if (known.Token == token) return known;
            }

            if (_places < MaxPlaces && parent.Depth < MaxDepth)
            {
                _places++;
                var spot = new Spot(token, parent.Depth + 1);
                parent.Below.Add(spot);
                return spot;
            }
        }

        parent.IsCut = true;
        return null;
    }

    private static void Collect(Spot spot, Dictionary<string, ShapePlace> places, string pointer = "")
    {
        places[pointer] = spot.ToPlace();
        foreach (var below in spot.Below) Collect(below, places, $"{pointer}/{below.Token}");
    }

    private static Extent Joined(Extent? known, long value) => known?.With(value) ?? new Extent(value, value);

    /// <summary>A bit for each of <see cref="TypeNames"/>. A number whose digits are too many to tell gets both.</summary>
    private static int TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => 1 << 1,
        JsonValueKind.Number => NumberTypeOf(value),
        JsonValueKind.String => 1 << 4,
        JsonValueKind.Array => 1 << 5,
        JsonValueKind.Object => 1 << 6,
        _ => 1,
    };

    /// <summary>As JSON Schema counts (6.1.1): an integer has no fraction, however it is spelt.</summary>
    private static int NumberTypeOf(JsonElement number)
    {
        if (number.TryGetInt64(out _)) return 1 << 2;
        if (Numbers.Read(number) is not { } exact) return (1 << 2) | (1 << 3);
        // What is too small for a decimal is read as zero.
        return decimal.IsInteger(exact) && (exact != 0 || number.GetDouble() == 0) ? 1 << 2 : 1 << 3;
    }

    /// <summary>Code points of a JSON text between its quotation marks.</summary>
    internal static int LengthOf(ReadOnlySpan<byte> raw)
    {
        raw = raw[1..^1];
        var length = 0;
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] == '\\')
            {
                i++;
                if (raw[i] != 'u')
                {
                    length++;
                    continue;
                }

                // The second half of a pair belongs to the first.
                if (raw[i + 1] is not ((byte)'d' or (byte)'D') || raw[i + 2] is not (>= (byte)'c' and <= (byte)'f' or >= (byte)'C' and <= (byte)'F')) length++;
                i += 4;
            }
            else if ((raw[i] & 0xC0) != 0x80)
            {
                length++;
            }
        }

        return length;
    }

    /// <summary>One place while it is gathered.</summary>
    internal sealed class Spot(string token, int depth)
    {
        public string Token => token;

        public int Depth => depth;

        public List<Spot> Below { get; } = [];

        private int Types { get; set; }

        private int Count { get; set; }

        private Extent? Length { get; set; }

        private Extent? Items { get; set; }

        private Extent? Members { get; set; }

        private NumberRange? Range { get; set; }

        public bool IsCut { get; set; }

        /// <summary>Whether a value here may not be measured: then what the others measure would pass for all.</summary>
        private bool IsWithheld { get; set; }

        /// <summary>Notes a value of which everything may be told.</summary>
        public void See(JsonElement value)
        {
            Note(value);
            switch (value.ValueKind)
            {
                case JsonValueKind.String:
                    Length = Joined(Length, LengthOf(JsonMarshal.GetRawUtf8Value(value)));
                    break;
                case JsonValueKind.Array:
                    Items = Joined(Items, value.GetArrayLength());
                    break;
                case JsonValueKind.Object:
                    Members = Joined(Members, value.GetPropertyCount());
                    break;
                case JsonValueKind.Number:
                    var range = NumberRange.Around(value.GetDouble());
                    Range = Range is { } known ? known.With(range) : range;
                    break;
            }
        }

        /// <summary>Notes a value of which only the type may be told. Whatever is below it is not listed.</summary>
        public void SeeWithheld(JsonElement value)
        {
            Note(value);
            IsWithheld = true;
            IsCut |= value.ValueKind is JsonValueKind.Object or JsonValueKind.Array;
        }

        private void Note(JsonElement value)
        {
            Count++;
            Types |= TypeOf(value);
        }

        public ShapePlace ToPlace() => new()
        {
            Types = [.. TypeNames.Where((_, i) => (Types & (1 << i)) != 0)],
            Count = Count,
            Length = IsWithheld ? null : Length,
            Items = IsWithheld ? null : Items,
            Members = IsWithheld ? null : Members,
            Range = IsWithheld ? null : Range,
            IsCut = IsCut,
        };
    }
}
