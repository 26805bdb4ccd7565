using System.Security.Cryptography;
using System.Text;

namespace McpServerless.Notifying;

public enum NoticeState
{
    /// <summary>On its way to at least one endpoint.</summary>
    Waiting,

    /// <summary>Every endpoint that wanted it took it.</summary>
    Delivered,

    /// <summary>An endpoint did not take it in all that time. An operator replays or drops it.</summary>
    Dead,

    /// <summary>An operator gave it up.</summary>
    Dropped,
}

public enum DeliveryState
{
    Waiting,
    Taken,
    Dead,
}

/// <summary>How one endpoint stands to one notice.</summary>
/// <param name="Endpoint">Its name.</param>
/// <param name="State">Whether it has it.</param>
/// <param name="Attempts">How often it was sent.</param>
/// <param name="NextAt">When it is sent again.</param>
/// <param name="LastAt">When it was last sent; null when it was not.</param>
/// <param name="Fault">Why it was not taken; null when it was, or was not sent.</param>
public sealed record NoticeDelivery(string Endpoint, DeliveryState State, int Attempts, DateTimeOffset NextAt, DateTimeOffset? LastAt, string? Fault);

/// <summary>A notice that is held back until the change that it is about is made.</summary>
public sealed record HeldNotice(Notice Notice, NoticeProof Proof);

/// <summary>A notice that there is something left to do with.</summary>
/// <param name="Since">When it was put here.</param>
/// <param name="Due">When to look at it next.</param>
/// <param name="Held">What is held back; null for one that goes out.</param>
/// <param name="Deliveries">Empty until it was looked at first.</param>
/// <param name="ETag">By which a write tells whether it still is the one that was read.</param>
public sealed record OpenNotice(string NoticeId, DateTimeOffset Since, DateTimeOffset Due, HeldNotice? Held, IReadOnlyList<NoticeDelivery> Deliveries, string ETag);

/// <summary>A notice as it went out. Its content is never changed: one id is one content.</summary>
public sealed record StoredNotice(Notice Notice, NoticeState State, DateTimeOffset StoredAt, IReadOnlyList<NoticeDelivery> Deliveries);

/// <summary>An endpoint that said that it is gone (410), and under which address.</summary>
/// <param name="Name">As the settings name it.</param>
/// <param name="Address">Host and digest: the address of a webhook often holds what lets one post to it.</param>
/// <param name="Since">When it said so.</param>
public sealed record GoneEndpoint(string Name, string Address, DateTimeOffset Since)
{
    public static GoneEndpoint Of(string name, Uri? address, DateTimeOffset now) => new(name, Mark(address), now);

    /// <summary>Whether the endpoint still has the address that is gone.</summary>
    public bool Is(string name, Uri? address) => name == Name && Mark(address) == Address;

    private static string Mark(Uri? address) => address is null ? "" : $"{address.Authority} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address.AbsoluteUri)).AsSpan(0, 8))}";
}

/// <summary>The outbox of notices. A notice is written once and for all; what is left to do with it stands beside it.</summary>
/// <remarks>The work is written before the notice, and the notice says that it is done before the work goes. So a crash in between costs at most one delivery more.</remarks>
public interface INoticeStore
{
    /// <summary>Puts a notice on its way.</summary>
    /// <returns>False when there is one of that id: that one counts, whatever this one says.</returns>
    /// <exception cref="StoreUnavailableException">It is not known to be there.</exception>
    ValueTask<bool> AddAsync(Notice notice, DateTimeOffset now, CancellationToken ct);

    /// <summary>Holds a notice back. One that is held back already is replaced; one that went out stays.</summary>
    /// <exception cref="StoreUnavailableException">It is not known to be held.</exception>
    ValueTask HoldAsync(HeldNotice held, DateTimeOffset now, DateTimeOffset until, CancellationToken ct);

    /// <summary>Lets a held notice go out, as it is given here.</summary>
    /// <exception cref="StoreUnavailableException">It is not known to be on its way.</exception>
    ValueTask ReleaseAsync(Notice notice, DateTimeOffset now, CancellationToken ct);

    /// <summary>Forgets what is left to do with a notice; false when somebody else did something with it meanwhile.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask<bool> ForgetAsync(OpenNotice open, CancellationToken ct);

    /// <summary>What is due, in no order. Only what is open is looked through.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    IAsyncEnumerable<OpenNotice> ReadDueAsync(DateTimeOffset now, CancellationToken ct);

    /// <summary>What is left to do with one notice; null for nothing.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<OpenNotice?> FindOpenAsync(string noticeId, CancellationToken ct);

    /// <summary>False when somebody else did something with it meanwhile.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask<bool> SaveAsync(OpenNotice open, CancellationToken ct);

    /// <summary>Marks a notice as done with, and forgets what was left to do.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written; the notice may be looked at again.</exception>
    ValueTask CloseAsync(OpenNotice open, NoticeState state, CancellationToken ct);

    /// <summary>Puts a closed notice on its way again.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask ReopenAsync(StoredNotice notice, IReadOnlyList<NoticeDelivery> deliveries, DateTimeOffset now, CancellationToken ct);

    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<StoredNotice?> FindAsync(string noticeId, CancellationToken ct);

    /// <summary>The same with how its deliveries stand: those of one that waits are kept with the work.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    async ValueTask<StoredNotice?> FindWithDeliveriesAsync(string noticeId, CancellationToken ct) =>
        await FindAsync(noticeId, ct) is not { } found ? null
        : found.State == NoticeState.Waiting && await FindOpenAsync(noticeId, ct) is { } open ? found with { Deliveries = open.Deliveries }
        : found;

    /// <summary>Notices of a state, or of all, by their ids.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    IAsyncEnumerable<StoredNotice> ReadAsync(NoticeState? state, CancellationToken ct);

    /// <summary>Takes away notices that were delivered or dropped, and stored before a moment.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot be used.</exception>
    ValueTask<int> PurgeAsync(DateTimeOffset before, int most, CancellationToken ct);

    /// <exception cref="StoreUnavailableException">The store could not be read.</exception>
    ValueTask<IReadOnlyList<GoneEndpoint>> ReadGoneAsync(CancellationToken ct);

    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask SaveGoneAsync(GoneEndpoint gone, CancellationToken ct);

    /// <exception cref="StoreUnavailableException">The store could not be written.</exception>
    ValueTask ForgetGoneAsync(string endpoint, CancellationToken ct);
}
