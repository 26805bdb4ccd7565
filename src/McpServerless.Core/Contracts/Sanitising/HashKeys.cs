using System.Globalization;
using System.Security.Cryptography;
using McpServerless.Audit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.Contracts.Sanitising;

/// <summary>The key by which values are hashed now. It changes with the period, so that one can be destroyed without the others.</summary>
/// <remarks>
/// Made of <c>Audit:HashKey</c> and the period's own random half (HKDF, RFC 5869), which any instance makes when a period begins and all share. While the store cannot be read the last
/// known key is used on; before the first was read, values are masked.
/// </remarks>
public sealed partial class HashKeys(IHashKeyStore store, IOptions<AuditOptions> options, Ledger ledger, TimeProvider time, ILogger<HashKeys> logger) : BackgroundService
{
    /// <summary>So soon a key that was rotated or destroyed is no longer used anywhere.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(3);

    private readonly byte[]? _root = options.Value.HashKey is { } key ? Convert.FromBase64String(key) : null;
    private (string Name, HashKey Key)? _current;

    /// <summary>Null without <c>Audit:HashKey</c>, and before the first period was read.</summary>
    internal HashKey? Current { get; private set; }

    /// <summary>The month in which the period of a moment begins.</summary>
    public static string MonthOf(DateTimeOffset moment, int months)
    {
        var month = (((moment.UtcDateTime.Month - 1) / months) * months) + 1;
        return string.Create(CultureInfo.InvariantCulture, $"{moment.UtcDateTime.Year:D4}-{month:D2}");
    }

    /// <summary>A new half, behind those that there are of its month.</summary>
    public static HashKeyPeriod Next(string month, IEnumerable<HashKeyPeriod> known, DateTimeOffset now) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{month}.{known.Count(p => p.Month == month) + 1:D2}"), now, RandomNumberGenerator.GetBytes(32), null);

    /// <summary>Values are hashed from the first request on, as far as the store answers in time.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_root is null) return;
        using var limit = new CancellationTokenSource(StartLimit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await RefreshAsync(both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The next look makes up for it.
        }

        await base.StartAsync(cancellationToken);
    }

    /// <summary>Looks for the key of now, and makes it where there is none.</summary>
    public async Task RefreshAsync(CancellationToken ct)
    {
        if (_root is null) return;
        try
        {
            var now = time.GetUtcNow();
            var month = MonthOf(now, options.Value.HashKeyMonths);
            var known = await store.ReadAsync(ct).ToListAsync(ct);
            var wanted = known.LastOrDefault(p => p.Month == month && p.IsUsable);
            if (wanted is null)
            {
                wanted = Next(month, known, now);
                // Another instance may be faster; then its key counts, with the next look.
                if (!await store.AddAsync(wanted, ct)) wanted = (await store.ReadAsync(ct).ToListAsync(ct)).LastOrDefault(p => p.Month == month && p.IsUsable);
                else await RecordAsync(wanted, ct);
            }

            if (wanted is null || wanted.Name == _current?.Name) return;
            var key = new HashKey(HKDF.DeriveKey(HashAlgorithmName.SHA256, _root, 32, wanted.Secret, "mcp audit hash key"u8.ToArray()));
            (_current, Current) = ((wanted.Name, key), key);
            Log.Uses(logger, wanted.Name, key.Id);
        }
        catch (StoreUnavailableException e)
        {
            Log.Unread(logger, e);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) await RefreshAsync(stoppingToken);
    }

    private async Task RecordAsync(HashKeyPeriod period, CancellationToken ct) => await ledger.PostAsync(
        AuditRecords.OfGateway(AuditEvent.Timer, time.GetUtcNow()) with
        {
            DetailsJson = AuditDetails.Write(json =>
            {
                json.WriteString("key"u8, period.Name);
                json.WriteString("timer"u8, "hashKeys"u8);
                json.WriteString("what"u8, "keyMade"u8);
            }),
        },
        ct);

    private static partial class Log
    {
        [LoggerMessage(3501, LogLevel.Information, "Values are hashed with key {Name} ({Id})")]
        public static partial void Uses(ILogger logger, string name, string id);

        [LoggerMessage(3502, LogLevel.Warning, "The keys of hashes cannot be read; the last known one is used on")]
        public static partial void Unread(ILogger logger, Exception exception);
    }
}
