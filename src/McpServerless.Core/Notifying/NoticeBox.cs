namespace McpServerless.Notifying;

/// <summary>Where notices are put. What goes out, where to and when is decided by <see cref="NoticeDispatch"/>.</summary>
/// <remarks>
/// A notice about what is so by itself (an end that has passed, a decision that is written) is posted before that is marked: whoever dies in between
/// says it again under the same id. One about a change that may still fail is held back until the change is made; of what is left
/// behind by a crash the state tells whether it was.
/// </remarks>
public sealed class NoticeBox(INoticeStore store, TimeProvider time)
{
    /// <summary>A change takes no longer; what is held back longer was left behind.</summary>
    private static readonly TimeSpan Hold = TimeSpan.FromMinutes(15);

    /// <returns>False when it was posted before.</returns>
    /// <exception cref="StoreUnavailableException">It is not known to be posted.</exception>
    public ValueTask<bool> PostAsync(Notice notice, CancellationToken ct) => store.AddAsync(notice, time.GetUtcNow(), ct);

    /// <summary>Whether there is a notice of that id.</summary>
    /// <exception cref="StoreUnavailableException">The outbox could not be read.</exception>
    public async ValueTask<bool> IsPostedAsync(string noticeId, CancellationToken ct) => await store.FindAsync(noticeId, ct) is not null;

    /// <exception cref="StoreUnavailableException">It is not known to be held.</exception>
    public ValueTask HoldAsync(Notice notice, NoticeProof proof, CancellationToken ct) => store.HoldAsync(new HeldNotice(notice, proof), time.GetUtcNow(), time.GetUtcNow() + Hold, ct);

    /// <summary>Says that the change was made. Where that fails, the state says so when the time is over.</summary>
    public async ValueTask ReleaseAsync(Notice notice, CancellationToken ct)
    {
        try
        {
            await store.ReleaseAsync(notice, time.GetUtcNow(), ct);
        }
        catch (StoreUnavailableException)
        {
            // The change was made, which is what the caller has to know.
        }
    }
}
