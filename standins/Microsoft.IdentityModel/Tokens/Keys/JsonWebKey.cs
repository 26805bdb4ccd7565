using System.Security.Cryptography;
using System.Text.Json;

namespace Microsoft.IdentityModel.Tokens;

/// <summary>One entry of a JWKS (RFC 7517). Members are matched without regard to case, and of equal names the last counts.</summary>
public class JsonWebKey : SecurityKey
{
    private SecurityKey _converted;

    public JsonWebKey()
    {
    }

    public JsonWebKey(string json)
    {
        ArgumentException.ThrowIfNullOrEmpty(json);
        try
        {
            using var document = JsonDocument.Parse(json);
            Read(document.RootElement);
        }
        catch (Exception ex) when (ex is JsonException or InvalidOperationException)
        {
            throw new ArgumentException("IDX10805: the text is not a JSON web key.", ex);
        }
    }

    public static JsonWebKey Create(string json) => new(json);

    public IDictionary<string, object> AdditionalData { get; } = new Dictionary<string, object>(StringComparer.Ordinal);

    public string Alg { get; set; }

    public string Crv { get; set; }

    public string D { get; set; }

    public string DP { get; set; }

    public string DQ { get; set; }

    public string E { get; set; }

    public string K { get; set; }

    public IList<string> KeyOps { get; } = [];

    public string Kid { get => KeyId; set => KeyId = value; }

    public string Kty { get; set; }

    public string N { get; set; }

    public string P { get; set; }

    public string Q { get; set; }

    public string QI { get; set; }

    public string Use { get; set; }

    public string X { get; set; }

    public IList<string> X5c { get; } = [];

    public string X5t { get; set; }

    public string Y { get; set; }

    public bool HasPrivateKey => D is not null;

    public override int KeySize => (Kty switch
    {
        JsonWebAlgorithmsKeyTypes.RSA => N,
        JsonWebAlgorithmsKeyTypes.EllipticCurve => X,
        JsonWebAlgorithmsKeyTypes.Octet => K,
        _ => null,
    }) is { Length: > 0 } material ? Base64UrlEncoder.DecodeBytes(material).Length * 8 : 0;

    /// <summary>Whether <see cref="JsonWebKeySet.GetSigningKeys"/> could make a key of this entry.</summary>
    internal bool IsConverted { get; set; }

    public override bool IsSupportedAlgorithm(string algorithm) => AsSecurityKey()?.IsSupportedAlgorithm(algorithm) == true;

    internal override SignatureVerifier VerifierFor(string algorithm) => AsSecurityKey().VerifierFor(algorithm);

    internal RSAParameters RsaParameters() => new()
    {
        Modulus = Base64UrlEncoder.DecodeBytes(N),
        Exponent = Base64UrlEncoder.DecodeBytes(E),
        D = Bytes(D),
        P = Bytes(P),
        Q = Bytes(Q),
        DP = Bytes(DP),
        DQ = Bytes(DQ),
        InverseQ = Bytes(QI),
    };

    internal ECParameters EllipticCurveParameters() => new()
    {
        D = Bytes(D),
        Curve = Crv switch
        {
            "P-256" => ECCurve.NamedCurves.nistP256,
            "P-384" => ECCurve.NamedCurves.nistP384,
            "P-521" or "P-512" => ECCurve.NamedCurves.nistP521,
            _ => throw new ArgumentException("IDX10645: the curve is not supported."),
        },
        Q = new() { X = Base64UrlEncoder.DecodeBytes(X), Y = Base64UrlEncoder.DecodeBytes(Y) },
    };

    /// <summary>The key to compute with; null where the entry does not hold one. The certificate wins over the bare modulus.</summary>
    private SecurityKey AsSecurityKey() => _converted ??= Kty switch
    {
        JsonWebAlgorithmsKeyTypes.RSA when X5c.Count > 0 => new X509SecurityKey(this),
        JsonWebAlgorithmsKeyTypes.RSA when !string.IsNullOrEmpty(N) && !string.IsNullOrEmpty(E) => new RsaSecurityKey(RsaParameters()),
        JsonWebAlgorithmsKeyTypes.EllipticCurve => new ECDsaSecurityKey(ECDsa.Create(EllipticCurveParameters())),
        JsonWebAlgorithmsKeyTypes.Octet when !string.IsNullOrEmpty(K) => new SymmetricSecurityKey(Base64UrlEncoder.DecodeBytes(K)),
        _ => null,
    };

    internal JsonWebKey Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new JsonException("IDX11023: a JSON web key must be an object.");
        foreach (var member in json.EnumerateObject()) Read(member.Name, member.Value);
        return this;
    }

    private void Read(string name, JsonElement value)
    {
        switch (name.ToUpperInvariant())
        {
            case "ALG": Alg = Text(value); break;
            case "CRV": Crv = Text(value); break;
            case "D": D = Text(value); break;
            case "DP": DP = Text(value); break;
            case "DQ": DQ = Text(value); break;
            case "E": E = Text(value); break;
            case "K": K = Text(value); break;
            case "KEY_OPS": ReadInto(KeyOps, value); break;
            case "KID": Kid = Text(value); break;
            case "KTY": Kty = Text(value); break;
            case "N": N = Text(value); break;
            case "P": P = Text(value); break;
            case "Q": Q = Text(value); break;
            case "QI": QI = Text(value); break;
            case "USE": Use = Text(value); break;
            case "X": X = Text(value); break;
            case "X5C": ReadInto(X5c, value); break;
            case "X5T": X5t = Text(value); break;
            case "Y": Y = Text(value); break;
            default: AdditionalData[name] = value.ValueKind == JsonValueKind.String ? value.GetString() : value.Clone(); break;
        }
    }

    private static byte[] Bytes(string text) => string.IsNullOrEmpty(text) ? null : Base64UrlEncoder.DecodeBytes(text);

    private static string Text(JsonElement value) => value.ValueKind is JsonValueKind.String or JsonValueKind.Null
        ? value.GetString()
        : throw new JsonException("IDX11020: a member of a JSON web key must be a string.");

    private static void ReadInto(IList<string> list, JsonElement values)
    {
        if (values.ValueKind == JsonValueKind.Null) return;
        foreach (var value in values.EnumerateArray()) list.Add(Text(value));
    }
}
