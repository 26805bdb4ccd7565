using System.Security.Cryptography;
using System.Text.Json;

namespace Microsoft.IdentityModel.Tokens;

/// <summary>A JWKS document. A document without a <c>keys</c> member is an empty set, not an error.</summary>
public class JsonWebKeySet
{
    public JsonWebKeySet()
    {
    }

    /// <exception cref="ArgumentException">IDX10805: the text is not a JWKS.</exception>
    public JsonWebKeySet(string json)
    {
        ArgumentException.ThrowIfNullOrEmpty(json);
        try
        {
            using var document = JsonDocument.Parse(json);
            Read(document.RootElement);
        }
        catch (Exception ex) when (ex is JsonException or InvalidOperationException)
        {
            throw new ArgumentException("IDX10805: the text is not a JSON web key set.", ex);
        }
    }

    public static JsonWebKeySet Create(string json) => new(json);

    public IDictionary<string, object> AdditionalData { get; } = new Dictionary<string, object>(StringComparer.Ordinal);

    public IList<JsonWebKey> Keys { get; } = [];

    public static bool DefaultSkipUnresolvedJsonWebKeys { get; set; } = true;

    /// <summary>Whether entries that are no usable signing key are left out.</summary>
    public bool SkipUnresolvedJsonWebKeys { get; set; } = DefaultSkipUnresolvedJsonWebKeys;

    /// <summary>
    /// The keys to verify signatures with. An RSA entry that carries both a certificate and a modulus gives two keys of the same
    /// id, the certificate first, as in the real package; keys of any <c>use</c> but <c>sig</c> are left out.
    /// </summary>
    public IList<SecurityKey> GetSigningKeys()
    {
        var keys = new List<SecurityKey>();
        foreach (var entry in Keys)
        {
            var before = keys.Count;
            if (string.IsNullOrEmpty(entry.Use) || entry.Use == "sig") AddKeysOf(entry, keys);
            entry.IsConverted = keys.Count > before;
            if (!entry.IsConverted && !SkipUnresolvedJsonWebKeys) keys.Add(entry);
        }

        return keys;
    }

    private static void AddKeysOf(JsonWebKey entry, List<SecurityKey> keys)
    {
        if (entry.Kty == JsonWebAlgorithmsKeyTypes.RSA)
        {
            if (entry.X5c.Count > 0) Add(() => new X509SecurityKey(entry));
            if (!string.IsNullOrWhiteSpace(entry.E) && !string.IsNullOrWhiteSpace(entry.N)) Add(() => new RsaSecurityKey(entry.RsaParameters()) { KeyId = entry.KeyId });
        }
        else if (entry.Kty == JsonWebAlgorithmsKeyTypes.EllipticCurve && entry is { Crv.Length: > 0, X.Length: > 0, Y.Length: > 0 })
        {
            Add(() => new ECDsaSecurityKey(ECDsa.Create(entry.EllipticCurveParameters())) { KeyId = entry.KeyId });
        }

        void Add(Func<SecurityKey> create)
        {
            try
            {
                keys.Add(create());
            }
            catch (Exception ex) when (ex is CryptographicException or FormatException or ArgumentException)
            {
                // One unreadable entry does not take the others down.
            }
        }
    }

    private void Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new JsonException("IDX11022: a JSON web key set must be an object.");
        foreach (var member in json.EnumerateObject())
        {
            if (!member.Name.Equals("keys", StringComparison.OrdinalIgnoreCase))
            {
                AdditionalData[member.Name] = member.Value.Clone();
                continue;
            }

            if (member.Value.ValueKind != JsonValueKind.Array) throw new JsonException("IDX11022: 'keys' must be an array.");
            foreach (var entry in member.Value.EnumerateArray())
            {
                // Like the real reader, anything in the array that is no object is passed over.
                if (entry.ValueKind == JsonValueKind.Object) Keys.Add(new JsonWebKey().Read(entry));
            }
        }
    }
}
