namespace Microsoft.IdentityModel.Tokens.Configuration;

/// <summary>Configurations that have validated a token, each until it has not done so for its lifetime.</summary>
internal sealed class LastKnownGoodConfigurations(int limit)
{
    private readonly Lock _writing = new();
    private Entry[] _entries = [];

    private sealed record Entry(BaseConfiguration Configuration, DateTimeOffset Until);

    public void Keep(BaseConfiguration configuration, DateTimeOffset until)
    {
        // Every valid token comes through here: the usual case, the same object again, stays off the lock for a second.
        var entries = _entries;
        if (entries.Length > 0 && ReferenceEquals(entries[0].Configuration, configuration) && until - entries[0].Until < TimeSpan.FromSeconds(1)) return;
        lock (_writing)
        {
            var others = _entries.Where(entry => !entry.Configuration.SaysTheSameAs(configuration));
            _entries = [new(configuration, until), .. others.Take(limit - 1)];
        }
    }

    public BaseConfiguration[] ValidAt(DateTimeOffset now) => [.. _entries.Where(entry => entry.Until > now).Select(entry => entry.Configuration)];
}
