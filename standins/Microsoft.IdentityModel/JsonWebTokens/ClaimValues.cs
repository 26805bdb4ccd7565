using System.Collections;
using System.Globalization;
using System.Security.Claims;
using System.Text.Json;

namespace Microsoft.IdentityModel.JsonWebTokens;

/// <summary>Claims from JSON values, and back.</summary>
internal static class ClaimValues
{
    /// <summary>One claim per value; a list gives one claim for each item, all of the same name.</summary>
    public static void AddClaims(List<Claim> claims, string type, object value, string issuer)
    {
        switch (value)
        {
            case string text:
                Add(text, ClaimValueTypes.String);
                break;
            case int number:
                Add(number.ToString(CultureInfo.InvariantCulture), ClaimValueTypes.Integer32);
                break;
            case long number:
                Add(number.ToString(CultureInfo.InvariantCulture), ClaimValueTypes.Integer64);
                break;
            case bool flag:
                Add(flag ? "true" : "false", ClaimValueTypes.Boolean);
                break;
            case double number:
                Add(number.ToString(CultureInfo.InvariantCulture), ClaimValueTypes.Double);
                break;
            case DateTime time:
                Add(time.ToString("o", CultureInfo.InvariantCulture), ClaimValueTypes.DateTime);
                break;
            case null:
                Add(string.Empty, JsonClaimValueTypes.JsonNull);
                break;
            case JsonElement { ValueKind: JsonValueKind.Array } list:
                foreach (var item in list.EnumerateArray()) AddItem(item);
                break;
            case JsonElement element:
                AddItem(element);
                break;
            case IList list:
                foreach (var item in list) AddClaims(claims, type, item, issuer);
                break;
        }

        void Add(string text, string valueType) => claims.Add(new Claim(type, text, valueType, issuer, issuer));

        void AddItem(JsonElement item)
        {
            if (item.ValueKind == JsonValueKind.Object) Add(item.ToString(), JsonClaimValueTypes.Json);
            else if (item.ValueKind == JsonValueKind.Array) Add(item.ToString(), JsonClaimValueTypes.JsonArray);
            else AddClaims(claims, type, Plain(item), issuer);
        }
    }

    /// <summary>The value that a claim stands for.</summary>
    public static object FromClaim(Claim claim) => claim.ValueType switch
    {
        ClaimValueTypes.Boolean when bool.TryParse(claim.Value, out var flag) => flag,
        ClaimValueTypes.Integer or ClaimValueTypes.Integer32 when int.TryParse(claim.Value, CultureInfo.InvariantCulture, out var number) => number,
        ClaimValueTypes.Integer64 when long.TryParse(claim.Value, CultureInfo.InvariantCulture, out var number) => number,
        ClaimValueTypes.Double when double.TryParse(claim.Value, CultureInfo.InvariantCulture, out var number) => number,
        ClaimValueTypes.DateTime when DateTime.TryParse(claim.Value, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time) => time,
        JsonClaimValueTypes.Json or JsonClaimValueTypes.JsonArray => Parse(claim.Value),
        JsonClaimValueTypes.JsonNull => string.Empty,
        _ => claim.Value,
    };

    private static object Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => value.TryGetInt32(out var small) ? small : value.TryGetInt64(out var whole) ? whole : value.GetDouble(),
        _ => null,
    };

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
