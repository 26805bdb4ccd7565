using Microsoft.IdentityModel.Protocols.Configuration;
using Microsoft.IdentityModel.Tokens;

namespace Microsoft.IdentityModel.Protocols;

/// <summary>Fetches the configuration of an issuer once, and again in the background when it ages or a refresh is asked for.</summary>
/// <remarks>
/// Callers wait for the first fetch only, and while there is none each caller tries again, one at a time. Later a failed fetch
/// leaves the current configuration in place. The AppContext switch <c>Switch.Microsoft.IdentityModel.UpdateConfigAsBlocking</c>
/// makes callers wait for every fetch instead.
/// </remarks>
#pragma warning disable CA1001 // The real type is not disposable either, and a semaphore without a wait handle holds nothing to free.
public partial class ConfigurationManager<T> : BaseConfigurationManager, IConfigurationManager<T> where T : class
#pragma warning restore CA1001
{
    private readonly IDocumentRetriever _documents;
    private readonly IConfigurationRetriever<T> _configurations;
    private readonly IConfigurationValidator<T> _validator;
    private readonly SemaphoreSlim _fetching = new(1);
    private volatile T _current;
    private int _refreshing;
    private bool _refreshRequestedBefore;

    // Ticks, so that a time is read and written whole.
    private long _syncAfter;
    private long _lastRefreshRequest;

    public ConfigurationManager(string metadataAddress, IConfigurationRetriever<T> configRetriever)
        : this(metadataAddress, configRetriever, new HttpDocumentRetriever())
    {
    }

    public ConfigurationManager(string metadataAddress, IConfigurationRetriever<T> configRetriever, HttpClient httpClient)
        : this(metadataAddress, configRetriever, new HttpDocumentRetriever(httpClient))
    {
    }

    public ConfigurationManager(string metadataAddress, IConfigurationRetriever<T> configRetriever, IDocumentRetriever docRetriever)
        : this(metadataAddress, configRetriever, docRetriever, new LastKnownGoodConfigurationCacheOptions())
    {
    }

    public ConfigurationManager(
        string metadataAddress,
        IConfigurationRetriever<T> configRetriever,
        IDocumentRetriever docRetriever,
        LastKnownGoodConfigurationCacheOptions lkgCacheOptions)
        : base(lkgCacheOptions)
    {
        if (string.IsNullOrWhiteSpace(metadataAddress)) throw new ArgumentNullException(nameof(metadataAddress));
        ArgumentNullException.ThrowIfNull(configRetriever);
        ArgumentNullException.ThrowIfNull(docRetriever);
        MetadataAddress = metadataAddress;
        _configurations = configRetriever;
        _documents = docRetriever;
    }

    public ConfigurationManager(
        string metadataAddress, IConfigurationRetriever<T> configRetriever, IDocumentRetriever docRetriever, IConfigurationValidator<T> configValidator)
        : this(metadataAddress, configRetriever, docRetriever, configValidator, new LastKnownGoodConfigurationCacheOptions())
    {
    }

    public ConfigurationManager(
        string metadataAddress,
        IConfigurationRetriever<T> configRetriever,
        IDocumentRetriever docRetriever,
        IConfigurationValidator<T> configValidator,
        LastKnownGoodConfigurationCacheOptions lkgCacheOptions)
        : this(metadataAddress, configRetriever, docRetriever, lkgCacheOptions)
    {
        ArgumentNullException.ThrowIfNull(configValidator);
        _validator = configValidator;
    }

    /// <exception cref="InvalidOperationException">IDX20803: there is no configuration yet and none could be fetched.</exception>
    public Task<T> GetConfigurationAsync() => GetConfigurationAsync(CancellationToken.None);

    /// <inheritdoc cref="GetConfigurationAsync()"/>
    public virtual async Task<T> GetConfigurationAsync(CancellationToken cancel)
    {
        var current = _current;
        if (current is not null && Now < Volatile.Read(ref _syncAfter)) return current;
        if (Blocking) return await GetWaitingAsync(cancel).ConfigureAwait(false);
        if (current is null) return await GetFirstAsync(cancel).ConfigureAwait(false);
        StartRefresh();
        return _current;
    }

    public override async Task<BaseConfiguration> GetBaseConfigurationAsync(CancellationToken cancel) =>
        await GetConfigurationAsync(cancel).ConfigureAwait(false) as BaseConfiguration;

    /// <summary>Asks for a fetch. The first request is always granted, later ones once in <see cref="BaseConfigurationManager.RefreshInterval"/>.</summary>
    public override void RequestRefresh()
    {
        var now = Now;
        if (_refreshRequestedBefore && !IsPast(Volatile.Read(ref _lastRefreshRequest), RefreshInterval, now)) return;
        _refreshRequestedBefore = true;
        if (Blocking) Volatile.Write(ref _syncAfter, now);
        else if (StartRefresh()) Volatile.Write(ref _lastRefreshRequest, now);
    }

    private static bool Blocking => AppContext.TryGetSwitch("Switch.Microsoft.IdentityModel.UpdateConfigAsBlocking", out var blocking) && blocking;

    private long Now => TimeProvider.GetUtcNow().UtcTicks;

    // Without overflow for an interval of TimeSpan.MaxValue, which means never.
    private static bool IsPast(long since, TimeSpan interval, long now) => now - since >= interval.Ticks;
}
