using Azure;
using Azure.Core;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using Duende.IdentityModel.Client;
using McpServerless.Catalogue;
using McpServerless.Upstreams.Credentials;
using Microsoft.Extensions.Options;

namespace McpServerless.Azure.Upstreams;

/// <summary>Secrets of the settings or a vault, tokens of Entra for the gateway's identity, and tokens of other authorization servers.</summary>
internal sealed class CredentialSource(IOptions<CredentialOptions> options, TokenCredential identity, SecretClient? vault, HttpMessageInvoker tokens, TimeProvider time) : ICredentialSource
{
    /// <summary>A secret that was replaced is used everywhere after this time at the latest.</summary>
    private static readonly TimeSpan KeepSecret = TimeSpan.FromMinutes(5);

    /// <summary>A token is not used up to its last moment: clocks differ, and a call takes time.</summary>
    private static readonly TimeSpan BeforeEnd = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async ValueTask<CredentialValue> ReadAsync(UpstreamCredential credential, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            return credential.Type switch
            {
                CredentialType.ManagedIdentity => await ReadIdentityAsync(credential.Scope!, both.Token), // the schema requires a scope
                CredentialType.ClientCredentials => await ReadTokenAsync(credential, both.Token),
                _ => new CredentialValue(await ReadSecretAsync(credential.Secret!, both.Token), time.GetUtcNow() + KeepSecret), // likewise a secret
            };
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new UpstreamCredentialException($"the gateway's own credential could not be read within {Patience.TotalSeconds:0} seconds", e);
        }
    }

    private async ValueTask<CredentialValue> ReadIdentityAsync(string scope, CancellationToken ct)
    {
        try
        {
            var token = await identity.GetTokenAsync(new TokenRequestContext([scope]), ct);
            return new CredentialValue(token.Token, token.ExpiresOn - BeforeEnd);
        }
        catch (AuthenticationFailedException e)
        {
            throw new UpstreamCredentialException($"the gateway's identity gets no token for {scope}: {e.GetType().Name}", e);
        }
    }

    private async ValueTask<string> ReadSecretAsync(string name, CancellationToken ct)
    {
        if (options.Value.Secrets.TryGetValue(name, out var known)) return known;
        if (vault is null) throw new UpstreamCredentialException($"the secret {name} is in no setting, and Upstreams:Vault names no vault");
        try
        {
            return (await vault.GetSecretAsync(name, cancellationToken: ct)).Value.Value;
        }
        catch (RequestFailedException e)
        {
            throw new UpstreamCredentialException($"the secret {name} cannot be read from the vault: {(e.Status > 0 ? $"{e.Status} {e.ErrorCode}" : "no answer")}", e);
        }
        catch (AuthenticationFailedException e)
        {
            throw new UpstreamCredentialException($"the secret {name} cannot be read from the vault: the gateway's identity gets no token for it", e);
        }
    }

    /// <summary>RFC 6749, section 4.4; the client proves itself by HTTP Basic, which every authorization server knows (section 2.3.1).</summary>
    private async ValueTask<CredentialValue> ReadTokenAsync(UpstreamCredential credential, CancellationToken ct)
    {
        using var request = new ClientCredentialsTokenRequest
        {
            Address = credential.TokenUrl!.AbsoluteUri, // the schema requires it, a client and a secret
            ClientId = credential.ClientId!,
            ClientSecret = await ReadSecretAsync(credential.Secret!, ct),
            ClientCredentialStyle = ClientCredentialStyle.AuthorizationHeader,
            Scope = credential.Scope,
        };
        var answer = await tokens.RequestClientCredentialsTokenAsync(request, ct);
        if (answer.IsError || answer.AccessToken is not { Length: > 0 } token)
            throw new UpstreamCredentialException($"{credential.TokenUrl.Host} gives no token: {(answer.ErrorType == ResponseErrorType.Protocol ? answer.Error : answer.ErrorType)}", answer.Exception);
        if (answer.TokenType is { } type && !type.Equals("Bearer", StringComparison.OrdinalIgnoreCase)) throw new UpstreamCredentialException($"{credential.TokenUrl.Host} gives a token of the type {type}, which is not Bearer");
        // Without expires_in nothing is known of its end (RFC 6749, section 5.1).
        var life = TimeSpan.FromSeconds(answer.ExpiresIn > 0 ? answer.ExpiresIn : 60);
        return new CredentialValue(token, time.GetUtcNow() + (life > BeforeEnd * 2 ? life - BeforeEnd : life / 2));
    }
}
