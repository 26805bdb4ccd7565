using System.Text.Json;

namespace Json.More;

/// <summary>Equality of JSON values, and a hash code that agrees with it.</summary>
internal static class JsonEquivalence
{
    public static bool AreEqual(JsonElement a, JsonElement b)
    {
        if (a.ValueKind != b.ValueKind) return false;
        return a.ValueKind switch
        {
            JsonValueKind.Object => ObjectsAreEqual(a, b),
            JsonValueKind.Array => a.GetArrayLength() == b.GetArrayLength()
                && a.EnumerateArray().Zip(b.EnumerateArray()).All(pair => AreEqual(pair.First, pair.Second)),
            JsonValueKind.String => a.ValueEquals(b.GetString()),
            JsonValueKind.Number => JsonNumber.Read(a) == JsonNumber.Read(b),
            JsonValueKind.Undefined => false,
            _ => true,
        };
    }

    public static int Hash(JsonElement element, int levels)
    {
        var hash = new HashCode();
        hash.Add(element.ValueKind);
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                hash.Add(element.EnumerateObject().Aggregate(0, (sum, property) => unchecked(sum + Hash(property, levels))));
                break;
            case JsonValueKind.Array:
                hash.Add(element.GetArrayLength());
                if (levels == 0) break;
                foreach (var item in element.EnumerateArray()) hash.Add(Hash(item, levels - 1));
                break;
            case JsonValueKind.String:
                hash.Add(element.GetString());
                break;
            case JsonValueKind.Number:
                hash.Add(JsonNumber.Read(element));
                break;
        }

        return hash.ToHashCode();
    }

    // Summed by the caller, since the order of properties means nothing.
    private static int Hash(JsonProperty property, int levels) =>
        HashCode.Combine(property.Name, levels == 0 ? 0 : Hash(property.Value, levels - 1));

    // An object that says a name twice equals no other, as in the real package.
    private static bool ObjectsAreEqual(JsonElement a, JsonElement b)
    {
        var left = new Dictionary<string, JsonElement>();
        foreach (var property in a.EnumerateObject())
        {
            if (!left.TryAdd(property.Name, property.Value)) return false;
        }

        foreach (var property in b.EnumerateObject())
        {
            if (!left.Remove(property.Name, out var value) || !AreEqual(value, property.Value)) return false;
        }

        return left.Count == 0;
    }
}
