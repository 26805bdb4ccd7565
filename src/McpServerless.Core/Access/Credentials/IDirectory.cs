namespace McpServerless.Access.Credentials;

public enum CredentialKind
{
    Secret,
    Certificate,
}

/// <summary>A secret or certificate of an application. What it is itself never leaves the directory.</summary>
public sealed record DirectoryCredential(CredentialKind Kind, string KeyId, string? DisplayName, DateTimeOffset? Begins, DateTimeOffset? Ends);

/// <summary>A place elsewhere whose tokens are taken for the application's own.</summary>
public sealed record DirectoryFederation(string Name, string Issuer, string Subject);

/// <summary>A person.</summary>
/// <param name="IsEnabled">Null where the directory does not say.</param>
public sealed record DirectoryUser(string ObjectId, string? Name, bool? IsEnabled);

/// <summary>An application as the directory has it.</summary>
/// <param name="IsManaged">A managed identity, or another tenant's application: it has no credentials here that anybody could renew, and no owners.</param>
public sealed record DirectoryApplication(
    string ObjectId, string DisplayName, bool IsManaged, IReadOnlyList<DirectoryCredential> Credentials, IReadOnlyList<DirectoryFederation> Federations, IReadOnlyList<DirectoryUser> Owners);

/// <summary>The directory in which clients are applications and owners are users.</summary>
public interface IDirectory
{
    /// <summary>Null when the directory answers that there is none.</summary>
    /// <exception cref="DirectoryUnavailableException">It did not answer, or not to us: nothing is known.</exception>
    ValueTask<DirectoryApplication?> FindApplicationAsync(string clientId, CancellationToken ct);

    /// <summary>By user name or object id; null when the directory answers that there is none.</summary>
    /// <exception cref="DirectoryUnavailableException">It did not answer, or not to us: nothing is known.</exception>
    ValueTask<DirectoryUser?> FindUserAsync(string name, CancellationToken ct);
}

/// <summary>The directory could not be asked. Nothing follows from that for anybody.</summary>
public sealed class DirectoryUnavailableException : Exception
{
    public DirectoryUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    public DirectoryUnavailableException()
    {
    }

    public DirectoryUnavailableException(string message)
        : base(message)
    {
    }
}
