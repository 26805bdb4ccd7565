using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using McpServerless.Audit.Checkpoints;

namespace McpServerless.Azure.Audit;

/// <summary>A signing key that never leaves Key Vault.</summary>
/// <remarks>
/// REST API 7.4, "Get Key" and "Sign" (learn.microsoft.com/rest/api/keyvault/keys). An ES256 signature comes as R and S, which is what a
/// checkpoint holds (RFC 7518, section 3.4).
/// </remarks>
internal sealed class KeyVaultCheckpointKey : ICheckpointKey
{
    private const string ApiVersion = "7.4";

    private readonly Uri _key;
    private readonly HttpPipeline _pipeline;
    private byte[]? _publicKey;

    public KeyVaultCheckpointKey(Uri key, TokenCredential credential, HttpPipelineTransport? transport = null)
    {
        _key = key;
        var options = new VaultClientOptions { Retry = { MaxRetries = 3, NetworkTimeout = TimeSpan.FromSeconds(5) } };
        if (transport is not null) options.Transport = transport;
        _pipeline = HttpPipelineBuilder.Build(options, new BearerTokenAuthenticationPolicy(credential, "https://vault.azure.net/.default"));
    }

    public ReadOnlyMemory<byte> PublicKey => _publicKey ?? throw new InvalidOperationException("The key was not opened.");

    public async ValueTask OpenAsync(CancellationToken ct)
    {
        if (_publicKey is not null) return;
        using var answer = await SendAsync(RequestMethod.Get, "", body: null, ct);
        try
        {
            var key = answer.RootElement.GetProperty("key"u8);
            if (key.GetProperty("crv"u8).GetString() != "P-256") throw new StoreUnavailableException($"The key {_key} is not on P-256.");
            using var ecdsa = ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = Base64Url.DecodeFromChars(key.GetProperty("x"u8).GetString()), Y = Base64Url.DecodeFromChars(key.GetProperty("y"u8).GetString()) },
            });
            _publicKey = ecdsa.ExportSubjectPublicKeyInfo();
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or CryptographicException)
        {
            throw new StoreUnavailableException($"The key {_key} is not an EC key on P-256.", e);
        }
    }

    public async ValueTask<ReadOnlyMemory<byte>> SignAsync(ReadOnlyMemory<byte> digest, CancellationToken ct)
    {
        var body = $$"""{"alg":"ES256","value":"{{Base64Url.EncodeToString(digest.Span)}}"}""";
        using var answer = await SendAsync(RequestMethod.Post, "/sign", body, ct);
        try
        {
            var signature = Base64Url.DecodeFromChars(answer.RootElement.GetProperty("value"u8).GetString());
            return signature.Length == 64 ? signature : throw new StoreUnavailableException($"The key {_key} gave a signature of {signature.Length} bytes.");
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new StoreUnavailableException($"The key {_key} gave no signature.", e);
        }
    }

    private async ValueTask<JsonDocument> SendAsync(RequestMethod method, string operation, string? body, CancellationToken ct)
    {
        try
        {
            using var message = _pipeline.CreateMessage();
            message.Request.Method = method;
            message.Request.Uri.Reset(new Uri($"{_key.AbsoluteUri.TrimEnd('/')}{operation}?api-version={ApiVersion}"));
            message.Request.Headers.Add("Accept", "application/json");
            if (body is not null)
            {
                message.Request.Headers.Add("Content-Type", "application/json");
                message.Request.Content = RequestContent.Create(System.Text.Encoding.UTF8.GetBytes(body));
            }

            await _pipeline.SendAsync(message, ct);
            if (message.Response.Status != 200) throw new RequestFailedException(message.Response);
            return JsonDocument.Parse(message.Response.Content);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException or AuthenticationFailedException or OperationCanceledException or IOException or HttpRequestException or JsonException)
        {
            ct.ThrowIfCancellationRequested();
            var reason = e is RequestFailedException { Status: > 0 } refused ? $"{refused.Status} {refused.ErrorCode}" : e.GetType().Name;
            throw new StoreUnavailableException($"The key {_key} cannot be used: {reason}.", e);
        }
    }

    private sealed class VaultClientOptions : ClientOptions;
}
