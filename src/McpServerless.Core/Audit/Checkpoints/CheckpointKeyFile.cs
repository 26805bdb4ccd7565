using System.Security.Cryptography;

namespace McpServerless.Audit.Checkpoints;

/// <summary>A signing key in a file, for one's own machine: whoever reads the file can sign. In Azure the key stays in Key Vault.</summary>
/// <remarks>The file is made where there is none; only its owner may read it, where the file system knows owners.</remarks>
public sealed class CheckpointKeyFile(string path) : ICheckpointKey, IDisposable
{
    private readonly Lock _gate = new();
    private ECDsa? _key;

    public ReadOnlyMemory<byte> PublicKey => Key().ExportSubjectPublicKeyInfo();

    public ValueTask OpenAsync(CancellationToken ct)
    {
        Key();
        return ValueTask.CompletedTask;
    }

    public ValueTask<ReadOnlyMemory<byte>> SignAsync(ReadOnlyMemory<byte> digest, CancellationToken ct) =>
        ValueTask.FromResult<ReadOnlyMemory<byte>>(Key().SignHash(digest.Span, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));

    public void Dispose() => _key?.Dispose();

    private ECDsa Key()
    {
        lock (_gate)
        {
            try
            {
                return _key ??= File.Exists(path) ? Import(File.ReadAllText(path)) : Create();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or CryptographicException)
            {
                throw new StoreUnavailableException($"The signing key {path} cannot be used.", e);
            }
        }
    }

    private static ECDsa Import(string pem)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(pem);
        if (key.KeySize == 256) return key;
        key.Dispose();
        throw new CryptographicException("The key is not on P-256.");
    }

    private ECDsa Create()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(path, options);
        writer.Write(key.ExportPkcs8PrivateKeyPem());
        return key;
    }
}
