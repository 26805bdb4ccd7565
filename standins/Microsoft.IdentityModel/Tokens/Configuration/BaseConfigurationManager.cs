using Microsoft.IdentityModel.Tokens.Configuration;

namespace Microsoft.IdentityModel.Tokens;

/// <summary>Keeps the configuration of an issuer, and for how long which one may be used.</summary>
public abstract class BaseConfigurationManager
{
    public static readonly TimeSpan DefaultAutomaticRefreshInterval = TimeSpan.FromHours(12);
    public static readonly TimeSpan DefaultLastKnownGoodConfigurationLifetime = TimeSpan.FromHours(1);
    public static readonly TimeSpan DefaultRefreshInterval = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan MinimumAutomaticRefreshInterval = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan MinimumRefreshInterval = TimeSpan.FromSeconds(1);

    private readonly LastKnownGoodConfigurations _lastKnownGood;
    private BaseConfiguration _lastKnownGoodConfiguration;
    private DateTimeOffset _lastKnownGoodSince;

    protected BaseConfigurationManager()
        : this(new LKGConfigurationCacheOptions())
    {
    }

    protected BaseConfigurationManager(LKGConfigurationCacheOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _lastKnownGood = new(options.LastKnownGoodConfigurationSizeLimit);
    }

    /// <summary>Age after which the configuration is fetched anew.</summary>
    /// <value>At least 5 minutes; default 12 hours. Up to 5 % are added at random.</value>
    public TimeSpan AutomaticRefreshInterval
    {
        get;
        set => field = value >= MinimumAutomaticRefreshInterval ? value : throw new ArgumentOutOfRangeException(nameof(value), $"IDX10108: {value} is too short.");
    } = DefaultAutomaticRefreshInterval;

    /// <summary>Least time between two fetches that <see cref="RequestRefresh"/> asked for.</summary>
    /// <value>At least 1 second; default 5 minutes.</value>
    public TimeSpan RefreshInterval
    {
        get;
        set => field = value >= MinimumRefreshInterval ? value : throw new ArgumentOutOfRangeException(nameof(value), $"IDX10107: {value} is too short.");
    } = DefaultRefreshInterval;

    public TimeSpan LastKnownGoodLifetime
    {
        get;
        set => field = value >= TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(value), $"IDX10110: {value} is negative.");
    } = DefaultLastKnownGoodConfigurationLifetime;

    public string MetadataAddress { get; set; }

    public bool UseLastKnownGoodConfiguration { get; set; } = true;

    public BaseConfiguration LastKnownGoodConfiguration
    {
        get => _lastKnownGoodConfiguration;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _lastKnownGoodConfiguration = value;
            _lastKnownGoodSince = TimeProvider.GetUtcNow();
            _lastKnownGood.Keep(value, _lastKnownGoodSince + LastKnownGoodLifetime);
        }
    }

    public bool IsLastKnownGoodValid => _lastKnownGoodConfiguration is not null && TimeProvider.GetUtcNow() < _lastKnownGoodSince + LastKnownGoodLifetime;

    /// <summary>Internal in the real package too.</summary>
    internal TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    public virtual Task<BaseConfiguration> GetBaseConfigurationAsync(CancellationToken cancel) =>
        throw new NotImplementedException("IDX10267: the manager gives no configuration.");

    public abstract void RequestRefresh();

    internal BaseConfiguration[] GetValidLkgConfigurations() => _lastKnownGood.ValidAt(TimeProvider.GetUtcNow());
}
