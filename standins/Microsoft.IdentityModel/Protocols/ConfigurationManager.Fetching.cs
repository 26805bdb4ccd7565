using Microsoft.IdentityModel.Protocols.Configuration;

namespace Microsoft.IdentityModel.Protocols;

/// <summary>The three ways to fetch: the first time, in the background, and with everyone waiting.</summary>
public partial class ConfigurationManager<T>
{
    private TimeSpan _firstRetryDelay = TimeSpan.FromSeconds(1);

    private async Task<T> GetFirstAsync(CancellationToken cancel)
    {
        await _fetching.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return _current ?? await FetchAsync().ConfigureAwait(false);
        }
        catch (Exception ex)
        {
            throw NoConfiguration(ex);
        }
        finally
        {
            _fetching.Release();
        }
    }

    /// <summary>False where a fetch is under way already.</summary>
    private bool StartRefresh()
    {
        if (Interlocked.CompareExchange(ref _refreshing, 1, 0) != 0) return false;
        _ = Task.Run(RefreshAsync, CancellationToken.None);
        return true;
    }

    private async Task RefreshAsync()
    {
        try
        {
            await FetchAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // IDX20806 in the real log: the configuration in use stays, and its age is not changed.
        }
        finally
        {
            Interlocked.Exchange(ref _refreshing, 0);
        }
    }

    private async Task<T> GetWaitingAsync(CancellationToken cancel)
    {
        await _fetching.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (Volatile.Read(ref _syncAfter) > Now) return _current ?? throw NoConfiguration(failure: null);
            var fetched = await FetchAsync().ConfigureAwait(false);
            Volatile.Write(ref _lastRefreshRequest, Now);
            return fetched;
        }
        catch (Exception ex) when (ex is not InvalidOperationException { Message: ['I', 'D', 'X', '2', '0', '8', '0', '3', ..] })
        {
            var wait = _current is null && _firstRetryDelay < RefreshInterval
                ? TimeSpan.FromSeconds(Random.Shared.Next((int)_firstRetryDelay.TotalSeconds))
                : AutomaticRefreshInterval < RefreshInterval ? AutomaticRefreshInterval : RefreshInterval;
            if (_current is null) _firstRetryDelay += _firstRetryDelay;
            Volatile.Write(ref _syncAfter, Now + wait.Ticks);
            return _current ?? throw NoConfiguration(ex);
        }
        finally
        {
            _fetching.Release();
        }
    }

    // Shared by all who wait for it, so that no caller's cancellation ends it. The HTTP client has the time limit.
    private async Task<T> FetchAsync()
    {
        var fetched = await _configurations.GetConfigurationAsync(MetadataAddress, _documents, CancellationToken.None).ConfigureAwait(false);
        if (_validator?.Validate(fetched) is { Succeeded: false } refused)
            throw new InvalidConfigurationException($"IDX20810: the configuration was refused: {refused.ErrorMessage}");
        var jitter = TimeSpan.FromSeconds(Random.Shared.Next((int)Math.Min(int.MaxValue, AutomaticRefreshInterval.TotalSeconds / 20)));
        _current = fetched;
        Volatile.Write(ref _syncAfter, Tokens.EpochTime.Add(TimeProvider.GetUtcNow().UtcDateTime, AutomaticRefreshInterval + jitter).Ticks);
        return fetched;
    }

    private InvalidOperationException NoConfiguration(Exception failure) =>
        new($"IDX20803: no configuration could be obtained from '{MetadataAddress}'.", failure);
}
