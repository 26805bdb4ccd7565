using System.Collections.ObjectModel;
using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Microsoft.IdentityModel.JsonWebTokens;

/// <summary>The members of a header or payload, and the conversions that the real package offers on them.</summary>
internal sealed class JsonClaimSet(Dictionary<string, object> members)
{
    private List<Claim> _claims;

    public static JsonClaimSet Empty => new([]);

    public bool Has(string name) => members.ContainsKey(name);

    public List<Claim> Claims(string issuer)
    {
        if (_claims is null)
        {
            var claims = new List<Claim>(members.Count);
            foreach (var (name, value) in members) ClaimValues.AddClaims(claims, name, value, issuer);
            Interlocked.CompareExchange(ref _claims, claims, null);
        }

        return _claims;
    }

    /// <summary>The member as text: empty where it is absent, null where it is null.</summary>
    public string Text(string name) => members.TryGetValue(name, out var value) ? value?.ToString() : string.Empty;

    public IReadOnlyList<string> Audiences => members.GetValueOrDefault("aud") switch
    {
        string single => [single],
        List<string> several => several,
        _ => [],
    };

    /// <summary>A NumericDate; <see cref="DateTime.MinValue"/> where it is absent.</summary>
    public DateTime Time(string name) => members.TryGetValue(name, out var value) && value is long seconds ? EpochTime.DateTime(seconds) : DateTime.MinValue;

    public T Get<T>(string name) => TryGet<T>(name, out var value)
        ? value
        : throw new ArgumentException(members.ContainsKey(name)
            ? $"IDX14305: '{name}' cannot be read as {typeof(T)}."
            : $"IDX14304: there is no '{name}'.");

    /// <summary>False where the member is absent or is no <typeparamref name="T"/>; true with the default where it is null.</summary>
    public bool TryGet<T>(string name, out T value)
    {
        value = default;
        if (!members.TryGetValue(name, out var found)) return false;
        if (found is null) return true;
        var converted = found is T ? found : found is JsonElement json ? FromJson(json, typeof(T)) : FromPlain(found, typeof(T));
        if (converted is null) return false;
        value = (T)converted;
        return true;
    }

    private static object FromJson(JsonElement json, Type type)
    {
        if (type == typeof(string)) return json.ToString();
        if (json.ValueKind != JsonValueKind.Array) return null;
        if (type == typeof(string[])) return Items().ToArray();
        if (type == typeof(List<string>) || type == typeof(IList<string>)) return Items().ToList();
        if (type == typeof(Collection<string>) || type == typeof(ICollection<string>)) return new Collection<string>(Items().ToList());
        return null;

        IEnumerable<string> Items() => json.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString() : item.GetRawText());
    }

    private static object FromPlain(object value, Type type)
    {
        // A list of audiences asked for as an array gives the name of its type, as the real package does. JsonWebToken.Audiences is the way.
        var text = value is DateTime time ? time.ToString("o", CultureInfo.InvariantCulture) : Convert.ToString(value, CultureInfo.InvariantCulture);
        if (type == typeof(string)) return value is List<string> list ? (list.Count == 1 ? list[0] : null) : text;
        if (type == typeof(string[])) return new[] { text };
        if (type == typeof(List<string>) || type == typeof(IList<string>)) return new List<string> { text };
        if (type == typeof(Collection<string>) || type == typeof(ICollection<string>)) return new Collection<string> { text };
        if (type == typeof(bool)) return bool.TryParse(text, out var flag) ? flag : null;
        if (type == typeof(int)) return int.TryParse(text, CultureInfo.InvariantCulture, out var small) ? small : null;
        if (type == typeof(long)) return long.TryParse(text, CultureInfo.InvariantCulture, out var whole) ? whole : null;
        if (type == typeof(double)) return double.TryParse(text, CultureInfo.InvariantCulture, out var broken) ? broken : null;
        if (type == typeof(DateTime)) return DateTime.TryParse(text, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
        return null;
    }
}
