#nullable enable
namespace Azure.Data.Tables;

/// <summary>The part of a storage connection string that Table Storage needs.</summary>
internal sealed record ConnectionString(Uri Endpoint, TableSharedKeyCredential? SharedKey, AzureSasCredential? Sas)
{
    // The emulators' well-known account; its key is public.
    private const string DevelopmentAccount = "devstoreaccount1";
    private const string DevelopmentKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    /// <exception cref="InvalidOperationException">A setting is not of the form <c>name=value</c>, or is there twice.</exception>
    /// <exception cref="ArgumentException">The settings do not name an account, or no way to sign in to it.</exception>
    /// <exception cref="FormatException">The key is not Base64.</exception>
    public static ConnectionString Parse(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        var settings = Settings(text);
        if (settings.GetValueOrDefault("UseDevelopmentStorage") == "true")
        {
            var proxy = settings.TryGetValue("DevelopmentStorageProxyUri", out var uri) ? new Uri(uri) : new Uri("http://127.0.0.1");
            var endpoint = new UriBuilder(proxy.Scheme, proxy.Host, 10002, DevelopmentAccount).Uri;
            return new ConnectionString(endpoint, new TableSharedKeyCredential(DevelopmentAccount, DevelopmentKey), null);
        }

        var account = settings.GetValueOrDefault("AccountName");
        var key = settings.GetValueOrDefault("AccountKey");
        var signature = settings.GetValueOrDefault("SharedAccessSignature");
        if ((account is not null || settings.ContainsKey("TableEndpoint")) && signature is not null)
            return new ConnectionString(EndpointOf(settings, account), null, new AzureSasCredential(signature));
        return account is not null && key is not null
            ? new ConnectionString(EndpointOf(settings, account), new TableSharedKeyCredential(account, key), null)
            : throw new ArgumentException("The connection string has neither an account with its key nor an address with a signature.");
    }

    private static Uri EndpointOf(Dictionary<string, string> settings, string? account)
    {
        if (settings.TryGetValue("TableEndpoint", out var endpoint))
            return new Uri(endpoint);
        var scheme = settings.GetValueOrDefault("DefaultEndpointsProtocol", "https");
        var suffix = settings.GetValueOrDefault("EndpointSuffix", "core.windows.net");
        return new Uri($"{scheme}://{account}.table.{suffix}");
    }

    private static Dictionary<string, string> Settings(string text)
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        // One separator may end the text; an empty setting anywhere else is a mistake.
        foreach (var setting in (text.EndsWith(';') ? text[..^1] : text).Split(';'))
        {
            // Only the first '=' divides: keys end in '=' and signatures are full of it.
            var split = setting.IndexOf('=', StringComparison.Ordinal);
            if (split <= 0 || split == setting.Length - 1)
                throw new InvalidOperationException("Each setting of a connection string has the form name=value.");
            if (!settings.TryAdd(setting[..split].Trim(), setting[(split + 1)..].Trim()))
                throw new InvalidOperationException($"The connection string sets {setting[..split]} twice.");
        }

        return settings;
    }
}
