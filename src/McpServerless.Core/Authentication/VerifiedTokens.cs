using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace McpServerless.Authentication;

/// <summary>A token whose signature and claims were found right; its times are judged anew on each use.</summary>
internal sealed record ProvenToken(Caller Caller, DateTimeOffset? NotBefore);

/// <summary>Remembers verified tokens by hash for a while, in two generations, so that memory is bounded without a sweep.</summary>
internal sealed class VerifiedTokens(TimeSpan keep)
{
    private const int GenerationSize = 5_000;

    private ConcurrentDictionary<UInt128, Entry> _young = new();
    private ConcurrentDictionary<UInt128, Entry> _old = new();

    /// <summary>The first 128 bits of SHA-256: nobody can make a second token with the same ones.</summary>
    public static UInt128 KeyOf(ReadOnlySpan<char> token)
    {
        Span<byte> text = token.Length <= 4096 ? stackalloc byte[token.Length * 3] : new byte[token.Length * 3];
        var length = Encoding.UTF8.GetBytes(token, text);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    public ProvenToken? Find(UInt128 key, DateTimeOffset now)
    {
        if (!_young.TryGetValue(key, out var entry) && !_old.TryGetValue(key, out entry)) return null;
        return now < entry.Until ? entry.Token : null;
    }

    public void Remember(UInt128 key, ProvenToken token, DateTimeOffset now)
    {
        if (keep <= TimeSpan.Zero) return;
        if (_young.Count >= GenerationSize)
        {
            _old = _young;
            _young = new ConcurrentDictionary<UInt128, Entry>();
        }

        _young[key] = new Entry(token, now + keep);
    }

    private readonly record struct Entry(ProvenToken Token, DateTimeOffset Until);
}
