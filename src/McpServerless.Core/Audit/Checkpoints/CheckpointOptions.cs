using McpServerless.Hosting;
using Microsoft.Extensions.Options;

namespace McpServerless.Audit.Checkpoints;

/// <summary>With what checkpoints are signed and where they are kept. Without a key and a place no checkpoints are made.</summary>
public sealed class CheckpointOptions
{
    public const string Section = "Checkpoints";

    /// <summary>The signing key in Key Vault with its version, such as <c>https://vault.vault.azure.net/keys/ledger/0123456789abcdef0123456789abcdef</c>.</summary>
    /// <remarks>An EC key on P-256. The gateway's identity needs the role Key Vault Crypto User on it, and nothing else.</remarks>
    [SetByDeployment]
    public Uri? KeyVaultKey { get; set; }

    /// <summary>The signing key in a file, for one's own machine; made where there is none.</summary>
    public string? KeyFile { get; set; }

    /// <summary>A blob container under a locked time-based retention policy, such as <c>https://account.blob.core.windows.net/checkpoints</c>.</summary>
    /// <remarks>The gateway's identity needs the role Storage Blob Data Contributor on it. It only ever adds blobs.</remarks>
    [SetByDeployment]
    public Uri? BlobContainer { get; set; }

    /// <summary>A folder, for one's own machine.</summary>
    public string? Folder { get; set; }

    /// <summary>Whether checkpoints are made.</summary>
    public bool IsConfigured => KeyVaultKey is not null || KeyFile is not null || BlobContainer is not null || Folder is not null;
}

/// <summary>One key and one place, or none of both.</summary>
public sealed class CheckpointOptionsValidator : IValidateOptions<CheckpointOptions>
{
    public ValidateOptionsResult Validate(string? name, CheckpointOptions options)
    {
        if (!options.IsConfigured) return ValidateOptionsResult.Success;
        var faults = new List<string>();
        if ((options.KeyVaultKey is null) == (options.KeyFile is null)) faults.Add("Set one of Checkpoints:KeyVaultKey and Checkpoints:KeyFile.");
        if ((options.BlobContainer is null) == (options.Folder is null)) faults.Add("Set one of Checkpoints:BlobContainer and Checkpoints:Folder.");
        if (options.KeyVaultKey is { } key && !IsVersionedKey(key)) faults.Add("Checkpoints:KeyVaultKey must be the https address of a key with its version.");
        if (options.BlobContainer is { } container && (!container.IsAbsoluteUri || container.Scheme != Uri.UriSchemeHttps || container.Segments.Length != 2))
        {
            faults.Add("Checkpoints:BlobContainer must be the https address of a container.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    /// <summary>The version is asked for so that a new key is a change of settings, which the ledger records.</summary>
    private static bool IsVersionedKey(Uri key) =>
        key.IsAbsoluteUri && key.Scheme == Uri.UriSchemeHttps && key.Query.Length == 0 && key.Segments is ["/", "keys/", _, _];
}
