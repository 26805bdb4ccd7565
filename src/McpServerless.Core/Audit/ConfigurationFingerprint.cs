using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace McpServerless.Audit;

/// <summary>One hash over the product's settings, so that the ledger tells when an instance ran with others.</summary>
/// <remarks>Of a setting that holds a secret only that it is set goes in, since a hash of a short secret could be guessed.</remarks>
public static class ConfigurationFingerprint
{
    /// <summary>Sections of the host and of the machine are not ours, and would make each machine differ.</summary>
    private static readonly string[] Foreign = ["AzureWebJobs", "WEBSITE_", "FUNCTIONS_", "DOTNET_", "ASPNETCORE_"];

    private static readonly string[] Secret = ["key", "secret", "password", "token", "connectionstring", "credential"];

    /// <summary>SHA-256, lower-case hexadecimal.</summary>
    public static string Of(IConfiguration configuration)
    {
        // What stands in no section is the machine's environment: PATH, HOME and the like.
        var settings = configuration.GetChildren()
            .Where(section => section.GetChildren().Any() && !Foreign.Any(f => section.Key.StartsWith(f, StringComparison.OrdinalIgnoreCase)))
            .SelectMany(section => section.AsEnumerable())
            .Where(setting => setting.Value is not null)
            .Select(setting => $"{setting.Key.ToUpperInvariant()}={(IsSecret(setting.Key) ? "(set)" : setting.Value)}")
            .Order(StringComparer.Ordinal);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', settings))));
    }

    private static bool IsSecret(string key)
    {
        if (key.Contains(":secrets:", StringComparison.OrdinalIgnoreCase)) return true;
        var name = key.AsSpan(key.LastIndexOf(':') + 1);
        foreach (var word in Secret)
        {
            if (name.EndsWith(word, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }
}
