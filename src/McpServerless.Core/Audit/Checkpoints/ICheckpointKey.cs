using System.Security.Cryptography;

namespace McpServerless.Audit.Checkpoints;

/// <summary>The key that signs checkpoints: P-256. Whoever can change the ledger must not be able to use it.</summary>
public interface ICheckpointKey
{
    /// <summary>SubjectPublicKeyInfo, DER. Known once the key has been opened.</summary>
    ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>Makes the key ready; asking again is no error.</summary>
    /// <exception cref="StoreUnavailableException">The key cannot be reached.</exception>
    ValueTask OpenAsync(CancellationToken ct);

    /// <summary>Signs a SHA-256 digest.</summary>
    /// <returns>R and S, 32 bytes each (RFC 7518, section 3.4).</returns>
    /// <exception cref="StoreUnavailableException">The key cannot be reached, or does not sign.</exception>
    ValueTask<ReadOnlyMemory<byte>> SignAsync(ReadOnlyMemory<byte> digest, CancellationToken ct);
}

/// <summary>Public keys of checkpoints.</summary>
public static class CheckpointKeys
{
    /// <summary>SHA-256 over the SubjectPublicKeyInfo, lower-case hexadecimal.</summary>
    public static string IdOf(ReadOnlyMemory<byte> publicKey) => Convert.ToHexStringLower(SHA256.HashData(publicKey.Span));

    /// <summary>The keys of some PEM texts, by id.</summary>
    /// <exception cref="FormatException">A text is not a public key on P-256.</exception>
    public static Dictionary<string, ECDsa> Import(IEnumerable<string> pems)
    {
        ArgumentNullException.ThrowIfNull(pems);
        var keys = new Dictionary<string, ECDsa>(StringComparer.Ordinal);
        foreach (var pem in pems)
        {
            var key = ECDsa.Create();
            try
            {
                key.ImportFromPem(pem);
            }
            catch (Exception e) when (e is ArgumentException or CryptographicException)
            {
                key.Dispose();
                throw new FormatException("A public key is not PEM of a P-256 key.", e);
            }

            keys[IdOf(key.ExportSubjectPublicKeyInfo())] = key;
        }

        return keys;
    }
}
