using System.Buffers;
using System.Security.Claims;
using Microsoft.IdentityModel.Tokens;

namespace Microsoft.IdentityModel.JsonWebTokens;

/// <summary>A token as read, before and after anyone has checked it. A property that the token lacks is an empty string.</summary>
public class JsonWebToken : SecurityToken
{
    private JsonClaimSet _header;
    private JsonClaimSet _payload;

    /// <exception cref="SecurityTokenMalformedException">The text has not the segments of a token.</exception>
    /// <exception cref="ArgumentException">IDX14101 or IDX14102: payload or header cannot be read.</exception>
    public JsonWebToken(string jwtEncodedString)
    {
        if (string.IsNullOrEmpty(jwtEncodedString)) throw new ArgumentNullException(nameof(jwtEncodedString));
        EncodedToken = jwtEncodedString;
        Read(TokenSegments.Of(jwtEncodedString));
    }

    public JsonWebToken(ReadOnlyMemory<char> encodedTokenMemory)
        : this(encodedTokenMemory.ToString())
    {
    }

    /// <summary>An unsigned token of the given JSON texts.</summary>
    public JsonWebToken(string header, string payload)
        : this($"{Base64UrlEncoder.Encode(header)}.{Base64UrlEncoder.Encode(payload)}.")
    {
    }

    public string EncodedToken { get; }

    public string EncodedHeader => EncodedToken[..Segments.Dot1];

    public string EncodedPayload => IsEncrypted ? string.Empty : EncodedToken[(Segments.Dot1 + 1)..Segments.Dot2];

    public string EncodedSignature => IsEncrypted ? string.Empty : EncodedToken[(Segments.Dot2 + 1)..];

    public bool IsEncrypted => Segments.IsEncrypted;

    public bool IsSigned { get; private set; }

    public override SecurityKey SecurityKey => null;

    /// <summary>The key that verified the signature; null before that.</summary>
    public override SecurityKey SigningKey { get; set; }

    public string Alg => _header.Text(JwtHeaderParameterNames.Alg);

    public string Cty => _header.Text(JwtHeaderParameterNames.Cty);

    public string Enc => _header.Text(JwtHeaderParameterNames.Enc);

    public string Kid => _header.Text(JwtHeaderParameterNames.Kid);

    public string Typ => _header.Text(JwtHeaderParameterNames.Typ);

    public string X5t => _header.Text(JwtHeaderParameterNames.X5t);

    public string Zip => _header.Text(JwtHeaderParameterNames.Zip);

    public IEnumerable<string> Audiences => _payload.Audiences;

    public string Azp => _payload.Text(JwtRegisteredClaimNames.Azp);

    public override string Id => _payload.Text(JwtRegisteredClaimNames.Jti);

    public DateTime IssuedAt => _payload.Time(JwtRegisteredClaimNames.Iat);

    public override string Issuer => _payload.Text(JwtRegisteredClaimNames.Iss);

    public string Subject => _payload.Text(JwtRegisteredClaimNames.Sub);

    public override DateTime ValidFrom => _payload.Time(JwtRegisteredClaimNames.Nbf);

    public override DateTime ValidTo => _payload.Time(JwtRegisteredClaimNames.Exp);

    public virtual IEnumerable<Claim> Claims => _payload.Claims(Issuer ?? ClaimsIdentity.DefaultIssuer);

    internal TokenSegments Segments { get; private set; }

    public Claim GetClaim(string key) =>
        TryGetClaim(key, out var claim) ? claim : throw new ArgumentException($"IDX14304: there is no claim '{key}'.", nameof(key));

    public bool TryGetClaim(string key, out Claim value)
    {
        value = Claims.FirstOrDefault(claim => claim.Type == key);
        return value is not null;
    }

    public T GetHeaderValue<T>(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return _header.Get<T>(key);
    }

    public T GetPayloadValue<T>(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return typeof(T) == typeof(Claim) ? (T)(object)GetClaim(key) : _payload.Get<T>(key);
    }

    public bool TryGetHeaderValue<T>(string key, out T value)
    {
        value = default;
        return !string.IsNullOrEmpty(key) && _header.TryGet(key, out value);
    }

    public bool TryGetPayloadValue<T>(string key, out T value)
    {
        value = default;
        if (string.IsNullOrEmpty(key)) return false;
        if (typeof(T) != typeof(Claim)) return _payload.TryGet(key, out value);
        var found = TryGetClaim(key, out var claim);
        value = (T)(object)claim;
        return found;
    }

    public bool TryGetValue<T>(string key, out T value) => TryGetPayloadValue(key, out value);

    /// <summary>Header and payload without the signature, so that what gets logged cannot be used.</summary>
    public override string ToString() => EncodedToken[..EncodedToken.LastIndexOf('.')];

    public override string UnsafeToString() => EncodedToken;

    internal bool HasPayloadClaim(string name) => _payload.Has(name);

    private void Read(TokenSegments segments)
    {
        Segments = segments;
        _header = Decoded(EncodedToken.AsSpan(0, segments.Dot1), ClaimSetReader.ReadHeader, "IDX14102: the header cannot be read.");
        if (segments.IsEncrypted)
        {
            // Nothing here decrypts: the claims of an encrypted token stay unread, and it never validates.
            _payload = JsonClaimSet.Empty;
            return;
        }

        IsSigned = segments.Dot2 + 1 < EncodedToken.Length;
        var payload = EncodedToken.AsSpan(segments.Dot1 + 1, segments.Dot2 - segments.Dot1 - 1);
        _payload = Decoded(payload, ClaimSetReader.ReadPayload, "IDX14101: the payload cannot be read.");
    }

    private delegate JsonClaimSet SegmentReader(ReadOnlySpan<byte> json);

    private static JsonClaimSet Decoded(ReadOnlySpan<char> segment, SegmentReader read, string complaint)
    {
        byte[] rented = [];
        try
        {
            // A length that no base64url text has is refused even where white space makes it up.
            var length = Base64UrlEncoder.LengthOf(segment);
            rented = ArrayPool<byte>.Shared.Rent(length);
            return read(rented.AsSpan(0, Base64UrlEncoder.Decode(segment, rented.AsSpan(0, length))));
        }
        catch (Exception ex)
        {
            throw new ArgumentException(complaint, ex);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }
}
