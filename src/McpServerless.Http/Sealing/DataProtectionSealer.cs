using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using McpServerless.Sealing;
using Microsoft.AspNetCore.DataProtection;

namespace McpServerless.Http.Sealing;

/// <summary>Seals with ASP.NET Core Data Protection: authenticated encryption under a key ring that all instances share and that renews itself.</summary>
/// <remarks>ASP.NET Core, "Data Protection": a key seals for 90 days by default and opens for as long as it is kept.</remarks>
internal sealed class DataProtectionSealer(IDataProtectionProvider provider) : ISealer
{
    private readonly ConcurrentDictionary<string, IDataProtector> _protectors = new(StringComparer.Ordinal);

    public string Seal(string purpose, byte[] content)
    {
        try
        {
            return Base64Url.EncodeToString(For(purpose).Protect(content));
        }
        catch (CryptographicException e)
        {
            throw new StoreUnavailableException("The sealing keys cannot be read.", e);
        }
    }

    public byte[]? Open(string purpose, string text)
    {
        // Only as it was written: padding, white space and unused bits would give one content several texts.
        if (!Base64Url.IsValid(text)) return null;
        var bytes = Base64Url.DecodeFromChars(text);
        if (Base64Url.EncodeToString(bytes) != text) return null;
        try
        {
            return For(purpose).Unprotect(bytes);
        }
        catch (CryptographicException e) when (e.InnerException is StoreUnavailableException outage)
        {
            throw outage;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private IDataProtector For(string purpose) => _protectors.GetOrAdd(purpose, static (name, source) => source.CreateProtector("McpServerless", name), provider);
}
