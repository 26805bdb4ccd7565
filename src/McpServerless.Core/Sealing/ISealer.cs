namespace McpServerless.Sealing;

/// <summary>Authenticated encryption of what the gateway gives to clients to keep, with keys that all instances share and that rotate.</summary>
public interface ISealer
{
    /// <summary>Seals a content for one purpose, as text of letters, digits, hyphens and underscores.</summary>
    /// <exception cref="StoreUnavailableException">The keys cannot be read.</exception>
    string Seal(string purpose, byte[] content);

    /// <summary>The content, or null when the text was not sealed here for this purpose, or was changed.</summary>
    /// <exception cref="StoreUnavailableException">The keys cannot be read.</exception>
    byte[]? Open(string purpose, string text);
}
