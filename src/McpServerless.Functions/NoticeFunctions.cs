using McpServerless.Access.Expiring;
using McpServerless.Notifying;
using Microsoft.Azure.Functions.Worker;

namespace McpServerless.Functions;

/// <summary>Sends notices every minute, says once a day what will end, and forgets what was delivered long ago.</summary>
public sealed class NoticeFunctions(NoticeDispatch dispatch, EndsAhead ends)
{
    [Function("notices")]
    public Task SendAsync([TimerTrigger("45 * * * * *")] TimerInfo timer, CancellationToken cancellationToken) => dispatch.RunAsync(cancellationToken);

    // What is due is worked out from the dates, so a late run needs nothing but to run.
    [Function("announceEnds")]
    public Task AnnounceAsync([TimerTrigger("0 20 5 * * *")] TimerInfo timer, CancellationToken cancellationToken) => ends.AnnounceAsync(cancellationToken);

    [Function("purgeNotices")]
    public async Task PurgeAsync([TimerTrigger("0 50 3 * * *")] TimerInfo timer, CancellationToken cancellationToken) => await dispatch.PurgeAsync(cancellationToken);
}
