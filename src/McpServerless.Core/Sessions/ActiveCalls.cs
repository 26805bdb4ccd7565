using System.Collections.Concurrent;
using McpServerless.Protocol;

namespace McpServerless.Sessions;

/// <summary>The calls of sessions that run on this instance, so that a notification can cancel one, and the sessions that ended here.</summary>
public sealed class ActiveCalls
{
    /// <summary>Of more than these the first to end are forgotten; what is left of them at upstreams has ended all the same.</summary>
    private const int MaxEnded = 10_000;

    private readonly ConcurrentDictionary<Guid, bool> _ended = new();
    private readonly ConcurrentQueue<Guid> _endedInOrder = new();
    private readonly ConcurrentDictionary<(Guid Session, string Request), CancellationTokenSource> _calls = new();

    /// <summary>Notes a call for as long as the result is not disposed. Of two with one id, which the protocol forbids, the later counts.</summary>
    public ActiveCall Begin(Guid session, RpcId request)
    {
        var key = (session, request.ToTag());
        var call = new ActiveCall(this, key);
        _calls[key] = call.Source;
        return call;
    }

    public bool HasEnded(Guid session) => _ended.ContainsKey(session);

    public void End(Guid session)
    {
        if (!_ended.TryAdd(session, true)) return;
        _endedInOrder.Enqueue(session);
        while (_ended.Count > MaxEnded && _endedInOrder.TryDequeue(out var first)) _ended.TryRemove(first, out _);
    }

    /// <returns>False when the call does not run here.</returns>
    public bool Cancel(Guid session, RpcId request)
    {
        if (!_calls.TryRemove((session, request.ToTag()), out var source)) return false;
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended at the same moment.
        }

        return true;
    }

    /// <summary>One call that can be cancelled.</summary>
    public sealed class ActiveCall : IDisposable
    {
        private readonly ActiveCalls _owner;
        private readonly (Guid, string) _key;

        internal ActiveCall(ActiveCalls owner, (Guid Session, string Request) key) => (_owner, _key) = (owner, key);

        public CancellationToken Token => Source.Token;

        internal CancellationTokenSource Source { get; } = new();

        public void Dispose()
        {
            _owner._calls.TryRemove(new(_key, Source));
            Source.Dispose();
        }
    }
}
