using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using McpServerless.Audit;

namespace McpServerless.Contracts.Sanitising;

/// <summary>The key of the field rule <c>hash</c>. Hashes name it, so that it can be told which ones a later key makes of no use.</summary>
internal sealed class HashKey
{
    private readonly byte[] _key;

    public HashKey(byte[] key) => (_key, Id) = (key, Convert.ToHexStringLower(HMACSHA256.HashData(key, "key id"u8))[..8]);

    /// <summary>Tells keys apart and says nothing of the key.</summary>
    public string Id { get; }

    /// <summary>Equal for equal values (RFC 8785), and of no use for guessing without the key.</summary>
    public string Hash(JsonElement value)
    {
        using var whole = new PooledBytes();
        CanonicalJson.Write(whole, value);
        return Hash(whole.Memory.Span);
    }

    public string Hash(ReadOnlySpan<byte> value) => $"hmac-sha256:{Id}:{Convert.ToHexStringLower(HMACSHA256.HashData(_key, value))}";

    /// <summary>Of a text itself, not of its JSON.</summary>
    public string HashText(string text) => Hash(Encoding.UTF8.GetBytes(text));
}
