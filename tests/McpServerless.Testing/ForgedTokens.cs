using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace McpServerless.Testing;

/// <summary>Tokens that nobody may take for good ones, by what is wrong with each.</summary>
public static class ForgedTokens
{
    public static IReadOnlyList<string> Kinds { get; } =
    [
        "none", "empty", "alg-none", "alg-none-signed", "hs256", "wrong-key", "unknown-kid", "tampered-payload", "tampered-header",
        "wrong-audience", "no-audience", "wrong-issuer", "wrong-tenant", "no-tenant", "version-1", "no-azp", "no-oid", "no-kid",
        "short-key", "no-exp", "exp-text", "expired", "not-yet", "two-segments", "five-segments", "empty-signature", "non-canonical",
        "padding", "white-space", "20kb", "duplicate-header", "duplicate-claim", "crit", "b64", "jwk", "jku", "rs512", "array-payload",
        "type", "surrogate-kid", "surrogate-name", "surrogate-claim",
    ];

    /// <returns>Null for no token at all.</returns>
    public static string? Make(TestIssuer issuer, string kind)
    {
        var key = issuer.Keys["key-1"];
        var claims = issuer.ApplicationClaims();
        var payload = claims.ToJsonString();
        const string Header = """{"alg":"RS256","typ":"JWT","kid":"key-1"}""";
        var good = TestIssuer.Sign(Header, payload, key);
        var parts = good.Split('.');
        switch (kind)
        {
            case "none": return null;
            case "empty": return "";
            case "alg-none": return $"{TestIssuer.Encode("""{"alg":"none","typ":"JWT"}""")}.{parts[1]}.";
            case "alg-none-signed": return $"{TestIssuer.Encode("""{"alg":"none","typ":"JWT","kid":"key-1"}""")}.{parts[1]}.{parts[2]}";
            case "hs256":
                var signed = $"{TestIssuer.Encode("""{"alg":"HS256","typ":"JWT","kid":"key-1"}""")}.{parts[1]}";
                return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(key.ExportSubjectPublicKeyInfo(), Encoding.ASCII.GetBytes(signed)))}";
            case "wrong-key":
                using (var other = RSA.Create(2048)) return TestIssuer.Sign(Header, payload, other);
            case "unknown-kid":
                using (var other = RSA.Create(2048)) return TestIssuer.Sign($$"""{"alg":"RS256","typ":"JWT","kid":"{{Guid.NewGuid():N}}"}""", payload, other);
            case "no-kid": return TestIssuer.Sign("""{"alg":"RS256","typ":"JWT"}""", payload, key);
            case "short-key":
                issuer.Keys["short"] = RSA.Create(1024);
                return TestIssuer.Sign("""{"alg":"RS256","typ":"JWT","kid":"short"}""", payload, issuer.Keys["short"]);
            case "tampered-payload": return $"{parts[0]}.{TestIssuer.Encode(payload.Replace("Mcp.Call", "Mcp.Root", StringComparison.Ordinal))}.{parts[2]}";
            case "tampered-header": return $"{TestIssuer.Encode(Header.Replace("JWT", "at+jwt", StringComparison.Ordinal))}.{parts[1]}.{parts[2]}";
            case "wrong-audience": claims["aud"] = "99999999-9999-9999-9999-999999999999"; break;
            case "no-audience": claims.Remove("aud"); break;
            case "wrong-issuer": claims["iss"] = "https://login.microsoftonline.com/other/v2.0"; break;
            case "wrong-tenant": claims["tid"] = "99999999-9999-9999-9999-999999999999"; break;
            case "no-tenant": claims.Remove("tid"); break;
            case "version-1": claims["ver"] = "1.0"; break;
            case "no-azp": claims.Remove("azp"); break;
            case "no-oid": claims.Remove("oid"); break;
            case "no-exp": claims.Remove("exp"); break;
            case "exp-text": claims["exp"] = "tomorrow"; break;
            case "expired": claims["exp"] = issuer.Now(-61); break;
            case "not-yet": claims["nbf"] = issuer.Now(300); break;
            case "two-segments": return $"{parts[0]}.{parts[1]}";
            case "five-segments": return $"{good}.{parts[1]}.{parts[2]}";
            case "empty-signature": return $"{parts[0]}.{parts[1]}.";
            case "non-canonical": return MisspellLastCharacter(good);
            case "padding": return good + "==";
            case "white-space": return good.Insert(good.Length - 10, " ");
            case "20kb": claims["filler"] = new string('x', 20_000); break;
            case "duplicate-header": return TestIssuer.Sign("""{"alg":"none","alg":"RS256","typ":"JWT","kid":"key-1"}""", payload, key);
            case "duplicate-claim": return TestIssuer.Sign(Header, payload[..^1] + ",\"azp\":\"99999999-9999-9999-9999-999999999999\"}", key);
            case "crit": return TestIssuer.Sign("""{"alg":"RS256","typ":"JWT","kid":"key-1","crit":["x"],"x":1}""", payload, key);
            case "b64": return TestIssuer.Sign("""{"alg":"RS256","typ":"JWT","kid":"key-1","b64":false}""", payload, key);
            case "jwk":
                using (var other = RSA.Create(2048))
                {
                    var p = other.ExportParameters(false);
                    return TestIssuer.Sign($$$"""{"alg":"RS256","typ":"JWT","kid":"mine","jwk":{"kty":"RSA","kid":"mine","n":"{{{Base64Url.EncodeToString(p.Modulus)}}}","e":"AQAB"}}""", payload, other);
                }

            case "jku":
                using (var other = RSA.Create(2048)) return TestIssuer.Sign($$"""{"alg":"RS256","typ":"JWT","kid":"mine","jku":"{{issuer.Issuer}}/keys"}""", payload, other);
            case "rs512":
                var strong = $"{TestIssuer.Encode("""{"alg":"RS512","typ":"JWT","kid":"key-1"}""")}.{parts[1]}";
                return $"{strong}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(strong), HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1))}";
            case "array-payload": return TestIssuer.Sign(Header, $"[{payload}]", key);
            case "type": return TestIssuer.Sign("""{"alg":"RS256","typ":"secevent+jwt","kid":"key-1"}""", payload, key);
            // Halves of surrogate pairs: JSON by its grammar, but no text.
            case "surrogate-kid": return TestIssuer.Sign("""{"alg":"RS256","typ":"JWT","kid":"\ud800"}""", payload, key);
            case "surrogate-name": return TestIssuer.Sign("""{"alg":"RS256","typ":"JWT","kid":"key-1","\ud800":1}""", payload, key);
            case "surrogate-claim": return TestIssuer.Sign(Header, payload[..^1] + ",\"\\udc00\":1}", key);
            default: throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such forgery.");
        }

        return TestIssuer.Sign(Header, claims.ToJsonString(), key);
    }

    /// <summary>256 bytes leave unused bits in the last character, so that it has other spellings for the same bytes.</summary>
    private static string MisspellLastCharacter(string token)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return token[..^1] + Alphabet[Alphabet.IndexOf(token[^1], StringComparison.Ordinal) ^ 1];
    }
}
