using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Microsoft.IdentityModel.JsonWebTokens;

/// <summary>Making tokens, which the product does in its tests and in local development.</summary>
public partial class JsonWebTokenHandler
{
    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public virtual string CreateToken(SecurityTokenDescriptor tokenDescriptor)
    {
        ArgumentNullException.ThrowIfNull(tokenDescriptor);
        var credentials = tokenDescriptor.SigningCredentials;
        var input = $"{Segment(HeaderOf(tokenDescriptor))}.{Segment(PayloadOf(tokenDescriptor))}";
        if (credentials is null) return input + ".";
        if (!credentials.Key.IsSupportedAlgorithm(credentials.Algorithm))
            throw new NotSupportedException($"IDX10634: {credentials.Key} cannot sign with '{credentials.Algorithm}'.");
        return $"{input}.{Base64UrlEncoder.Encode(credentials.Key.VerifierFor(credentials.Algorithm).Sign(Encoding.UTF8.GetBytes(input)))}";
    }

    private static Dictionary<string, object> HeaderOf(SecurityTokenDescriptor descriptor)
    {
        var header = new Dictionary<string, object> { [JwtHeaderParameterNames.Alg] = descriptor.SigningCredentials?.Algorithm ?? SecurityAlgorithms.None };
        if (!string.IsNullOrEmpty(descriptor.SigningCredentials?.Kid)) header[JwtHeaderParameterNames.Kid] = descriptor.SigningCredentials.Kid;
        foreach (var (name, value) in descriptor.AdditionalHeaderClaims ?? new Dictionary<string, object>()) header[name] = value;
        header.TryAdd(JwtHeaderParameterNames.Typ, string.IsNullOrEmpty(descriptor.TokenType) ? JwtConstants.HeaderType : descriptor.TokenType);
        return header;
    }

    private Dictionary<string, object> PayloadOf(SecurityTokenDescriptor descriptor)
    {
        var payload = new Dictionary<string, object>();
        foreach (var group in descriptor.Subject?.Claims.GroupBy(claim => claim.Type) ?? [])
        {
            var values = group.Select(ClaimValues.FromClaim).ToList();
            payload[group.Key] = values.Count == 1 ? values[0] : values;
        }

        foreach (var (name, value) in descriptor.Claims ?? new Dictionary<string, object>()) payload[name] = value;

        List<string> audiences = [.. descriptor.Audiences];
        if (!string.IsNullOrEmpty(descriptor.Audience)) audiences.Add(descriptor.Audience);
        if (audiences.Count > 0) payload[JwtRegisteredClaimNames.Aud] = audiences.Count == 1 ? audiences[0] : audiences;
        if (!string.IsNullOrEmpty(descriptor.Issuer)) payload[JwtRegisteredClaimNames.Iss] = descriptor.Issuer;

        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        SetTime(JwtRegisteredClaimNames.Exp, descriptor.Expires, now.AddMinutes(TokenLifetimeInMinutes));
        SetTime(JwtRegisteredClaimNames.Iat, descriptor.IssuedAt, now);
        SetTime(JwtRegisteredClaimNames.Nbf, descriptor.NotBefore, now);
        return payload;

        void SetTime(string name, DateTime? given, DateTime byDefault)
        {
            if (given is { } time) payload[name] = EpochTime.GetIntDate(time);
            else if (SetDefaultTimesOnTokenCreation) payload.TryAdd(name, EpochTime.GetIntDate(byDefault));
        }
    }

    private static string Segment(Dictionary<string, object> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, s_writing)) Write(writer, members);
        return Base64UrlEncoder.Encode(buffer.WrittenSpan.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, object value)
    {
        switch (value)
        {
            case null: writer.WriteNullValue(); break;
            case string text: writer.WriteStringValue(text); break;
            case bool flag: writer.WriteBooleanValue(flag); break;
            case int number: writer.WriteNumberValue(number); break;
            case long number: writer.WriteNumberValue(number); break;
            case double number: writer.WriteNumberValue(number); break;
            case decimal number: writer.WriteNumberValue(number); break;
            case DateTime time: writer.WriteStringValue(time.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture)); break;
            case JsonElement element: element.WriteTo(writer); break;
            case IDictionary<string, object> members:
                writer.WriteStartObject();
                foreach (var (name, member) in members)
                {
                    writer.WritePropertyName(name);
                    Write(writer, member);
                }

                writer.WriteEndObject();
                break;
            case IEnumerable items:
                writer.WriteStartArray();
                foreach (var item in items) Write(writer, item);
                writer.WriteEndArray();
                break;
            default:
                throw new ArgumentException($"IDX11025: a {value.GetType()} cannot be written into a token.");
        }
    }
}
