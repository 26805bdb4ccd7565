using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace McpServerless.Audit.Checkpoints;

/// <summary>
/// How far the chains of all instances had come at a moment, signed, over the checkpoint before. What an instance says of its other chains
/// stands in its own chain, so a few heads hold the whole ledger.
/// </summary>
/// <remarks>
/// As a file: canonical JSON with <c>algorithm</c> (always ES256: ECDSA on P-256 with SHA-256, RFC 7518 section 3.4), <c>keyId</c>,
/// <c>payload</c>, and <c>signature</c> over the SHA-256 of the payload's canonical JSON, R and S in 64 bytes, base64url.
/// </remarks>
public sealed record Checkpoint
{
    public const string Algorithm = "ES256";

    /// <summary>From 1, without a gap.</summary>
    public required long Number { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>SHA-256 over the file of the checkpoint before; empty in the first.</summary>
    public required string PreviousHash { get; init; }

    /// <summary>Of the instances' own chains, for the days since the checkpoint before.</summary>
    public required IReadOnlyList<ChainHead> Heads { get; init; }

    /// <summary>SHA-256 over the public key (SubjectPublicKeyInfo, DER), lower-case hexadecimal.</summary>
    public string KeyId { get; private init; } = "";

    public ReadOnlyMemory<byte> Signature { get; private init; }

    /// <summary>What is signed.</summary>
    public ReadOnlyMemory<byte> Payload { get; private init; }

    /// <summary>Signs it.</summary>
    /// <returns>The file.</returns>
    public async ValueTask<byte[]> SignAsync(ICheckpointKey key, CancellationToken ct)
    {
        var payload = AuditDetails.Write(json =>
        {
            json.WriteStartArray("heads"u8);
            foreach (var head in Heads) head.WriteTo(json);
            json.WriteEndArray();
            json.WriteNumber("number"u8, Number);
            json.WriteString("previousHash"u8, PreviousHash);
            json.WriteString("time"u8, Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        });
        var signature = await key.SignAsync(SHA256.HashData(payload.Span), ct);
        return AuditDetails.Write(json =>
        {
            json.WriteString("algorithm"u8, Algorithm);
            json.WriteString("keyId"u8, CheckpointKeys.IdOf(key.PublicKey));
            json.WritePropertyName("payload"u8);
            json.WriteRawValue(payload.Span);
            json.WriteString("signature"u8, Base64Url.EncodeToString(signature.Span));
        }).ToArray();
    }

    /// <summary>Reads a file; null when it is not one of a checkpoint.</summary>
    public static Checkpoint? Read(ReadOnlyMemory<byte> file)
    {
        try
        {
            using var document = JsonDocument.Parse(file);
            var root = document.RootElement;
            if (root.GetProperty("algorithm"u8).GetString() != Algorithm) return null;
            var payload = root.GetProperty("payload"u8);
            using var canonical = new PooledBytes();
            CanonicalJson.Write(canonical, payload);
            if (ChainHead.ReadFrom(payload) is not { } heads) return null;
            using var whole = new PooledBytes();
            CanonicalJson.Write(whole, root);
            // One spelling only, so that no byte of the file is without meaning; and no member is passed over.
            if (!whole.Memory.Span.SequenceEqual(file.Span) || root.GetPropertyCount() != 4 || payload.GetPropertyCount() != 4) return null;
            return new Checkpoint
            {
                Number = payload.GetProperty("number"u8).GetInt64(),
                Time = DateTimeOffset.ParseExact(payload.GetProperty("time"u8).GetString()!, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                PreviousHash = payload.GetProperty("previousHash"u8).GetString() ?? "",
                Heads = heads,
                KeyId = root.GetProperty("keyId"u8).GetString() ?? "",
                Signature = Base64Url.DecodeFromChars(root.GetProperty("signature"u8).GetString()),
                Payload = canonical.Memory.ToArray(),
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentNullException)
        {
            return null;
        }
    }

    /// <summary>Whether the holder of the key signed it.</summary>
    public bool IsSignedBy(ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Signature.Length == 64 && key.VerifyData(Payload.Span, Signature.Span, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}
