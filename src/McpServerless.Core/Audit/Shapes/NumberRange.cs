using System.Globalization;
using System.Text.Json;

namespace McpServerless.Audit.Shapes;

/// <summary>Round numbers, 1, 2 or 5 times a power of ten, between which numbers lay; both ends belong to it.</summary>
/// <remarks>Zero alone is told exactly, since so many rules ask for more than it. A number of the series itself stands at the lower end.</remarks>
/// <param name="Min">Null when there was one below -10^21.</param>
/// <param name="Max">Null when there was one above 10^21.</param>
public readonly record struct NumberRange(double? Min, double? Max)
{
    private const int LeastPower = -6;

    private const int MostPower = 21;

    private static readonly double[] Series = [.. Enumerable.Range(LeastPower, MostPower - LeastPower).SelectMany(Steps), 1e21];

    /// <summary>The narrowest range that may be told of a number.</summary>
    public static NumberRange Around(double number)
    {
        if (number == 0) return new NumberRange(0, 0);
        var (low, high) = Magnitude(Math.Abs(number));
        return number > 0 ? new NumberRange(low, high) : new NumberRange(high is null ? null : -high, low == 0 ? 0 : -low);
    }

    public NumberRange With(NumberRange other) => new(
        Min is null || other.Min is null ? null : Math.Min(Min.Value, other.Min.Value),
        Max is null || other.Max is null ? null : Math.Max(Max.Value, other.Max.Value));

    public override string ToString() => $"[{Text(Min)},{Text(Max)}]";

    internal static NumberRange? Read(JsonElement json) =>
        json.ValueKind == JsonValueKind.Array && json.GetArrayLength() == 2 && TryRead(json[0], out var min) && TryRead(json[1], out var max)
            ? new NumberRange(min, max)
            : null;

    private static (double Low, double? High) Magnitude(double number)
    {
        var at = Array.BinarySearch(Series, number);
        if (at < 0) at = ~at - 1;
        return at < 0 ? (0, Series[0]) : (Series[at], at + 1 < Series.Length ? Series[at + 1] : null);
    }

    // Parsed, because a power that is multiplied is not always the nearest number to what it stands for.
    private static IEnumerable<double> Steps(int power) =>
        ((int[])[1, 2, 5]).Select(step => double.Parse(string.Create(CultureInfo.InvariantCulture, $"{step}e{power}"), CultureInfo.InvariantCulture));

    private static bool TryRead(JsonElement json, out double? number)
    {
        number = null;
        if (json.ValueKind == JsonValueKind.Null) return true;
        if (json.ValueKind != JsonValueKind.Number || !json.TryGetDouble(out var value)) return false;
        number = value;
        return true;
    }

    private static string Text(double? number)
    {
        if (number is not { } value) return "null";
        using var document = JsonDocument.Parse(value.ToString("R", CultureInfo.InvariantCulture));
        return CanonicalJson.Write(document.RootElement);
    }
}
