using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace McpServerless.Notifying;

/// <summary>Signs messages so that their receiver can tell who sent them and when.</summary>
/// <remarks>Standard Webhooks 1.0: HMAC-SHA256 over <c>id.timestamp.body</c>, one signature for each secret while secrets change (github.com/standard-webhooks/standard-webhooks).</remarks>
internal static class WebhookSignature
{
    private const string Prefix = "whsec_";

    /// <summary>The key behind a secret's text; null for one that is none.</summary>
    public static byte[]? ReadSecret(string secret)
    {
        if (!secret.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var key = new byte[secret.Length];
        return Convert.TryFromBase64String(secret[Prefix.Length..], key, out var length) && length is >= 24 and <= 64 ? key[..length] : null;
    }

    /// <summary>The value of <c>webhook-signature</c>.</summary>
    public static string Of(IEnumerable<byte[]> keys, string id, DateTimeOffset timestamp, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp.ToUnixTimeSeconds()}.")), .. body];
        return string.Join(' ', keys.Select(key => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, signed))}"));
    }
}
