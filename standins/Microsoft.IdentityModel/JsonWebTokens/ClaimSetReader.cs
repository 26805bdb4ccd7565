using System.Globalization;
using System.Text.Json;

namespace Microsoft.IdentityModel.JsonWebTokens;

/// <summary>Reads the JSON object of a header or payload the way the real package does.</summary>
/// <remarks>
/// Of equal names the last one counts. Nothing behind the closing brace is looked at. A member whose value must be text may be
/// null. An object or array stays a <see cref="JsonElement"/>.
/// </remarks>
internal static class ClaimSetReader
{
    private const string RoundTripUtc = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    public static JsonClaimSet ReadHeader(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var members = new Dictionary<string, object>(StringComparer.Ordinal);
        for (Start(ref reader); NextName(ref reader, out var name);)
        {
            members[name] = name switch
            {
                "alg" or "cty" or "kid" or "typ" or "x5t" or "zip" => Text(ref reader),
                _ => Any(ref reader, name),
            };
        }

        return new(members);
    }

    public static JsonClaimSet ReadPayload(ReadOnlySpan<byte> json)
    {
        var members = new Dictionary<string, object>(StringComparer.Ordinal);
        if (json.IsEmpty) return new(members);
        var reader = new Utf8JsonReader(json);
        for (Start(ref reader); NextName(ref reader, out var name);)
        {
            members[name] = name switch
            {
                "aud" => Audience(ref reader),
                "azp" or "iss" or "jti" => Text(ref reader),
                "exp" or "iat" or "nbf" => NumericDate(ref reader),
                "sub" => reader.TokenType == JsonTokenType.Number ? Number(ref reader).ToString() : Text(ref reader),
                _ => Any(ref reader, name),
            };
        }

        return new(members);
    }

    private static void Start(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new JsonException("IDX11023: a JSON object was expected.");
    }

    /// <summary>Moves to the value of the next member.</summary>
    private static bool NextName(ref Utf8JsonReader reader, out string name)
    {
        name = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.PropertyName) return false;
        name = reader.GetString();
        return reader.Read();
    }

    private static string Text(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.String => reader.GetString(),
        _ => throw new JsonException("IDX11020: the value must be text."),
    };

    /// <summary>A lone audience stays a string; a list drops its nulls.</summary>
    private static object Audience(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String) return reader.GetString();
        var audiences = new List<string>();
        if (reader.TokenType == JsonTokenType.Null) return audiences;
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("IDX11020: 'aud' must be text or a list.");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (Text(ref reader) is { } audience) audiences.Add(audience);
        }

        return audiences;
    }

    /// <summary>Seconds since 1970: whole or broken, as a number or as text.</summary>
    private static long NumericDate(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number)
            return reader.TryGetInt64(out var whole) ? whole : Convert.ToInt64(reader.GetDouble());
        if (reader.TokenType == JsonTokenType.String)
        {
            var text = reader.GetString();
            if (long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var whole)) return whole;
            if (double.TryParse(text, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var broken)) return Convert.ToInt64(broken);
        }

        throw new JsonException("IDX11020: the value must be a number of seconds.");
    }

    private static object Number(ref Utf8JsonReader reader) =>
        reader.TryGetInt32(out var small) ? small : reader.TryGetInt64(out var whole) ? whole : reader.GetDouble();

    private static object Any(ref Utf8JsonReader reader, string name) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        JsonTokenType.Null => null,
        JsonTokenType.Number => Number(ref reader),
        JsonTokenType.String => TextOrTime(reader.GetString(), name),
        _ => JsonElement.ParseValue(ref reader),
    };

    /// <summary>Text in the exact round-trip form of a UTC time becomes a time, except in claims that are known to be names.</summary>
    private static object TextOrTime(string text, string name) =>
        text.Length == 28 && text[^1] == 'Z' && !NeverTimes.Contains(name) &&
        DateTime.TryParseExact(text, RoundTripUtc, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : text;

    private static readonly HashSet<string> NeverTimes = new(StringComparer.Ordinal)
    {
        "acr", "acrs", "aio", "amr", "appid", "appidacr", "azpacr", "email", "groups", "idp", "idtyp", "ipaddr", "name", "nonce", "oid",
        "preferred_username", "rh", "role", "roles", "sid", "tid", "unique_name", "upn", "uti", "ver", "wids", "xms_cc",
    };
}
