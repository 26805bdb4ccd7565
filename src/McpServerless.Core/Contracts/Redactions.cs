using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using McpServerless.Audit;

namespace McpServerless.Contracts;

/// <summary>What the audit record keeps of an argument.</summary>
internal enum FieldRule
{
    Keep,

    /// <summary>A keyed hash: equal values can be told to be equal, but not guessed.</summary>
    Hash,

    /// <summary>That it was there, but not its value.</summary>
    Mask,

    /// <summary>Nothing.</summary>
    Drop,
}

/// <summary>The field rules of one contract: <c>x-governance: keep | hash | mask | drop</c> in its inputSchema, and masks by name where it says nothing.</summary>
internal sealed class Redactions
{
    /// <summary>Sanitised arguments of more bytes than this are not kept; their digest is.</summary>
    private const int MaxLength = 16_000;

    private static readonly string[] SecretNames =
        ["password", "passwd", "passphrase", "secret", "token", "apikey", "privatekey", "credential", "authorization", "cookie", "cardnumber", "cvv", "cvc", "ssn", "iban", "pin"];

    private readonly Field _root;

    private Redactions(Field root) => _root = root;

    /// <summary>For values that no schema describes: masks by name alone.</summary>
    public static Redactions ByName { get; } = new(new Field(null, [], null));

    public static Redactions From(JsonElement inputSchema) => new(Field.Read(inputSchema));

    /// <summary>The arguments as the record may keep them, in canonical JSON, and the pointers where something was withheld.</summary>
    public SanitisedArguments Apply(JsonElement arguments, byte[]? hashKey)
    {
        using var json = new PooledBytes();
        var pass = new Pass(json, hashKey);
        pass.Write(arguments, _root, "", "");
        return json.Length <= MaxLength
            ? new SanitisedArguments(json.Memory.ToArray(), pass.Withheld)
            : new SanitisedArguments(null, [""]);
    }

    /// <summary>Whether a name speaks of a secret, by which it is kept masked where no rule says otherwise.</summary>
    internal static bool IsSecretName(string name)
    {
        Span<char> plain = stackalloc char[Math.Min(name.Length, 128)];
        var length = 0;
        foreach (var c in name)
        {
            if (length == plain.Length) break;
            if (char.IsAsciiLetterOrDigit(c)) plain[length++] = char.ToLowerInvariant(c);
        }

        foreach (var secret in SecretNames)
        {
            if (plain[..length].EndsWith(secret, StringComparison.Ordinal) && (secret.Length > 4 || length == secret.Length)) return true;
        }

        return false;
    }

    /// <summary>Rules for one place of the arguments and what is below it.</summary>
    private sealed record Field(FieldRule? Rule, Dictionary<string, Field> Members, Field? Items)
    {
        private static readonly Field None = new(null, [], null);

        public static Field Read(JsonElement schema)
        {
            if (schema.ValueKind != JsonValueKind.Object) return None;
            var members = new Dictionary<string, Field>(StringComparer.Ordinal);
            if (schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object)
            {
                foreach (var property in properties.EnumerateObject()) members[property.Name] = Read(property.Value);
            }

            FieldRule? rule = schema.TryGetProperty("x-governance", out var text) && text.ValueKind == JsonValueKind.String
                && Enum.TryParse<FieldRule>(text.GetString(), ignoreCase: true, out var parsed)
                    ? parsed
                    : schema.TryGetProperty("writeOnly", out var writeOnly) && writeOnly.ValueKind == JsonValueKind.True ? FieldRule.Mask : null;
            return new Field(rule, members, schema.TryGetProperty("items", out var items) ? Read(items) : null);
        }

        public Field Member(string name) => Members.GetValueOrDefault(name) ?? None;

        public Field Item => Items ?? None;
    }

    private sealed class Pass(PooledBytes json, byte[]? hashKey)
    {
        public List<string> Withheld { get; } = [];

        public void Write(JsonElement value, Field field, string name, string at)
        {
            var rule = field.Rule ?? (name.Length > 0 && IsSecretName(name) ? FieldRule.Mask : FieldRule.Keep);
            if (rule != FieldRule.Keep) Withheld.Add(at);
            switch (rule)
            {
                // Without a key a hash could be guessed, so it is a mask then.
                case FieldRule.Hash when hashKey is not null:
                    WriteHash(value, hashKey);
                    break;
                case FieldRule.Hash or FieldRule.Mask or FieldRule.Drop:
                    json.Write("\"[masked]\""u8);
                    break;
                default:
                    WriteKept(value, field, at);
                    break;
            }
        }

        private void WriteHash(JsonElement value, byte[] key)
        {
            using var whole = new PooledBytes();
            CanonicalJson.Write(whole, value);
            CanonicalJson.WriteString(json, "hmac-sha256:" + Convert.ToHexStringLower(HMACSHA256.HashData(key, whole.Memory.Span)));
        }

        private void WriteKept(JsonElement value, Field field, string at)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    WriteObject(value, field, at);
                    break;
                case JsonValueKind.Array:
                    json.Write("["u8);
                    var index = 0;
                    foreach (var item in value.EnumerateArray())
                    {
                        if (index > 0) json.Write(","u8);
                        Write(item, field.Item, "", $"{at}/{index++}");
                    }

                    json.Write("]"u8);
                    break;
                default:
                    CanonicalJson.Write(json, value);
                    break;
            }
        }

        private void WriteObject(JsonElement value, Field field, string at)
        {
            json.Write("{"u8);
            var first = true;
            foreach (var member in CanonicalJson.SortedMembers(value))
            {
                var here = $"{at}/{JsonPointers.Escape(member.Name)}";
                var below = field.Member(member.Name);
                if (below.Rule == FieldRule.Drop)
                {
                    Withheld.Add(here);
                    continue;
                }

                if (!first) json.Write(","u8);
                first = false;
                CanonicalJson.WriteString(json, member.Name);
                json.Write(":"u8);
                Write(member.Value, below, member.Name, here);
            }

            json.Write("}"u8);
        }
    }
}

/// <param name="Json">Canonical JSON in UTF-8; null when it was too long to keep.</param>
/// <param name="Withheld">JSON pointers of what is masked, hashed or left out.</param>
internal sealed record SanitisedArguments(byte[]? Json, IReadOnlyList<string> Withheld);
