using McpServerless.Catalogue;

namespace McpServerless.Upstreams.Credentials;

/// <summary>A secret or a token, and until when it may be used.</summary>
public sealed record CredentialValue(string Text, DateTimeOffset UseUntil);

/// <summary>Has the gateway's own secrets, and gets tokens by them.</summary>
public interface ICredentialSource
{
    /// <exception cref="UpstreamCredentialException">It could not be had.</exception>
    ValueTask<CredentialValue> ReadAsync(UpstreamCredential credential, CancellationToken ct);
}

/// <summary>The gateway could not get what it proves itself with, so nothing was sent to the upstream.</summary>
/// <remarks>Its message is for the operator and never names a secret's value.</remarks>
public sealed class UpstreamCredentialException(string message, Exception? inner = null)
    : HttpRequestException(message, inner);
