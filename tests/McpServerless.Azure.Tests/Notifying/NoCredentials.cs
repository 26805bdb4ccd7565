using McpServerless.Catalogue;
using McpServerless.Upstreams.Credentials;

namespace McpServerless.Azure.Tests.Notifying;

/// <summary>No webhook has an upstream's credential.</summary>
internal sealed class NoCredentials : ICredentialSource
{
    public ValueTask<CredentialValue> ReadAsync(UpstreamCredential credential, CancellationToken ct) => throw new UpstreamCredentialException("A webhook asked for an upstream's credential.");
}
