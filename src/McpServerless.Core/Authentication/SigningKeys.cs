using McpServerless.ToolCalls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace McpServerless.Authentication;

/// <summary>The keys that the issuer publishes, from its discovery document (OpenID Connect Discovery 1.0, section 4).</summary>
/// <remarks>
/// Reading and parsing are the library's; when to read is decided here, because its <c>ConfigurationManager</c> refuses the first token of a
/// new key, believes a withdrawn key for another hour, and has no pause while the issuer is down. An issuer's keys change at any time, so
/// an unknown key id makes them be read again, at most once a minute and once at a time: forged ids cannot drive the requests.
/// </remarks>
public sealed partial class SigningKeys(IOptions<AuthenticationOptions> options, TimeProvider time, ILogger<SigningKeys> logger) : IDisposable
{
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromHours(12);
    private static readonly TimeSpan UnknownKeyPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(5);
    private const int MaxDocumentBytes = 512 * 1024;

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = TimeSpan.FromSeconds(5),
        MaxResponseContentBufferSize = MaxDocumentBytes,
    };

    private readonly Lock _gate = new();
    private KeySet? _keys;
    private Task? _reading;
    private long _lastTry;
    private bool _lastTryFailed;

    /// <summary>The keys among which the one with this id has to be; refuses with <c>state_unavailable</c> when none could ever be read.</summary>
    public async ValueTask<Outcome<KeySet>> FindAsync(string keyId, CancellationToken ct)
    {
        var keys = Volatile.Read(ref _keys);
        if (keys is null || !keys.Contains(keyId))
        {
            if (StartReading(keys is null || _lastTryFailed ? FailurePause : UnknownKeyPause) is { } reading) await reading.WaitAsync(ct);
        }
        else if (time.GetElapsedTime(keys.ReadAt) > ReadAgainAfter)
        {
            _ = StartReading(_lastTryFailed ? FailurePause : UnknownKeyPause);
        }

        return Volatile.Read(ref _keys) is { } current
            ? current
            : new Refusal(RefusalCode.StateUnavailable, "The gateway cannot verify tokens right now; try again shortly.")
            {
                OperatorNote = "the issuer's keys could not be read",
                RetryAfterSeconds = (int)FailurePause.TotalSeconds,
            };
    }

    /// <summary>Begins to read the keys, unless they are there or being read.</summary>
    public void Prefetch()
    {
        if (Volatile.Read(ref _keys) is null) _ = StartReading(FailurePause);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The read under way, or a new one; null when the last one is too recent for another.</summary>
    private Task? StartReading(TimeSpan pause)
    {
        lock (_gate)
        {
            if (_reading is { IsCompleted: false }) return _reading;
            if (_reading is not null && time.GetElapsedTime(_lastTry) < pause) return null;
            _lastTry = time.GetTimestamp();
            return _reading = Task.Run(ReadAsync);
        }
    }

    private async Task ReadAsync()
    {
        var issuer = options.Value.EffectiveIssuer.TrimEnd('/');
        try
        {
            var retriever = new HttpDocumentRetriever(_http) { RequireHttps = options.Value.RequireHttpsMetadata };
            var configuration = await OpenIdConnectConfigurationRetriever.GetAsync($"{issuer}/.well-known/openid-configuration", retriever, CancellationToken.None);
            if (configuration.Issuer != options.Value.EffectiveIssuer) throw new InvalidOperationException("The discovery document names another issuer.");
            if (configuration.SigningKeys.Count == 0) throw new InvalidOperationException("The key set is empty.");
            Volatile.Write(ref _keys, new KeySet([.. configuration.SigningKeys], time.GetTimestamp()));
            _lastTryFailed = false;
            Log.Read(logger, configuration.SigningKeys.Count);
        }
        catch (Exception e)
        {
            // The keys that were known stay; whatever is wrong with the document, it is not a reason to believe or forget a key.
            _lastTryFailed = true;
            Log.ReadFailed(logger, e, issuer);
        }
    }

    /// <summary>A published set of keys.</summary>
    public sealed class KeySet
    {
        private readonly HashSet<string> _ids;

        internal KeySet(IReadOnlyList<SecurityKey> keys, long readAt)
        {
            (Keys, ReadAt) = (keys, readAt);
            _ids = [.. keys.Select(k => k.KeyId).Where(id => id is not null)];
        }

        public IReadOnlyList<SecurityKey> Keys { get; }

        internal long ReadAt { get; }

        public bool Contains(string keyId) => _ids.Contains(keyId);
    }

    private static partial class Log
    {
        [LoggerMessage(1002, LogLevel.Information, "Read {Count} signing keys from the issuer")]
        public static partial void Read(ILogger logger, int count);

        [LoggerMessage(1003, LogLevel.Warning, "Could not read the signing keys of {Issuer}")]
        public static partial void ReadFailed(ILogger logger, Exception exception, string issuer);
    }
}
