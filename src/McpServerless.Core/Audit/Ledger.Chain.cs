using McpServerless.Telemetry;

namespace McpServerless.Audit;

public sealed partial class Ledger
{
    /// <summary>One partition of this writer: its waiting records, its last hash, and at most one write at a time.</summary>
    /// <param name="opened">Done when the writer's first record of the day is durable: nothing of it stands in the ledger before.</param>
    /// <param name="next">Sequence of its next record.</param>
    /// <param name="lastHash">SHA-256 of its last record; empty before the first.</param>
    private sealed class Chain(Ledger ledger, string day, string client, Task opened, long next = 1, string lastHash = "")
    {
        private readonly Lock _gate = new();
        private readonly Queue<Pending> _waiting = new();
        private Task _writing = Task.CompletedTask;
        private TaskCompletionSource? _hold;
        private int _awaited;
        private bool _busy;
        private bool _holdsNoMore;
        private long _next = next;
        private long _stated = next - 1;
        private string _lastHash = lastHash;

        public string Day => day;

        public string Client => client;

        /// <summary>The last durable record; null when there is none.</summary>
        public ChainHead? Head
        {
            get
            {
                lock (_gate) return _next == 1 ? null : new ChainHead(day, client, ledger.Writer, _next - 1, _lastHash);
            }
        }

        /// <summary>The head, when it is not the one that was stated last.</summary>
        public ChainHead? Unstated => Head is { } head && head.Sequence > _stated ? head : null;

        public void Stated(ChainHead head) => _stated = head.Sequence;

        public bool IsIdle
        {
            get
            {
                lock (_gate) return !_busy;
            }
        }

        public void Add(Pending pending)
        {
            lock (_gate)
            {
                _waiting.Enqueue(pending);
                if (pending.Durable is not null) _awaited++;
                if (IsUrgent) _hold?.TrySetResult();
                if (_busy) return;
                _busy = true;
                _writing = Task.Run(WriteAllAsync);
            }
        }

        /// <summary>What waits is written at once from now on.</summary>
        public void HoldNoMore()
        {
            lock (_gate)
            {
                _holdsNoMore = true;
                _hold?.TrySetResult();
            }
        }

        public Task IdleAsync()
        {
            lock (_gate) return _writing;
        }

        private bool IsUrgent => _awaited > 0 || _waiting.Count >= AuditSegment.MaxRecords || _holdsNoMore;

        private async Task WriteAllAsync()
        {
            while (true)
            {
                await HoldAsync();
                if (TakeBatch() is not { Count: > 0 } batch) return;
                if (!opened.IsCompletedSuccessfully && !await OpenedAsync()) return;
                var segment = Seal(batch);
                await ledger._writes.WaitAsync();
                try
                {
                    if (!await PersistAsync(segment)) return;
                }
                finally
                {
                    ledger._writes.Release();
                }

                lock (_gate) (_next, _lastHash) = (segment.FirstSequence + segment.Records.Count, segment.LastHash);
                ledger._index?.Add(segment, batch.Select(p => p.Record));
                ledger.Release(batch);
                GatewayTelemetry.Written.Add(batch.Count);
                GatewayTelemetry.LedgerLag.Record(ledger.TimeSource.GetElapsedTime(batch[0].ArrivedAt).TotalSeconds);
                for (var i = 0; i < segment.Records.Count; i++) batch[i].Durable?.TrySetResult();
            }
        }

        private async Task<bool> OpenedAsync()
        {
            try
            {
                await opened.WaitAsync(ledger._abandon.Token);
                return true;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        /// <summary>Gives other records the time to arrive, as long as the oldest one may be held.</summary>
        private async Task HoldAsync()
        {
            Task cut;
            TimeSpan left;
            lock (_gate)
            {
                if (IsUrgent || !_waiting.TryPeek(out var oldest)) return;
                left = TimeSpan.FromMilliseconds(ledger._options.HoldMilliseconds) - ledger.TimeSource.GetElapsedTime(oldest.ArrivedAt);
                if (left <= TimeSpan.Zero) return;
                _hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                cut = _hold.Task;
            }

            // Its end is no fault here.
            await cut.WaitAsync(left, ledger.TimeSource, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        /// <summary>What goes into the next segment. Empty means that the chain is idle from now on.</summary>
        private List<Pending> TakeBatch()
        {
            lock (_gate)
            {
                var batch = new List<Pending>(Math.Min(_waiting.Count, AuditSegment.MaxRecords));
                _hold = null;
                while (batch.Count < AuditSegment.MaxRecords && _waiting.TryDequeue(out var pending)) batch.Add(pending);
                _awaited -= batch.Count(p => p.Durable is not null);
                _busy = batch.Count > 0;
                return batch;
            }
        }

        private AuditSegment Seal(List<Pending> batch)
        {
            var records = new List<ReadOnlyMemory<byte>>(batch.Count);
            var hash = _lastHash;
            var length = 0;
            foreach (var pending in batch)
            {
                var json = pending.Record.ToJson(ledger.Writer, _next + records.Count, hash);
                if (json.Length > AuditSegment.MaxRecordLength) json = pending.Record.WithoutArguments().ToJson(ledger.Writer, _next + records.Count, hash);
                if (length + json.Length + 1 > AuditSegment.MaxLength) break;
                length += json.Length + 1;
                hash = CanonicalJson.Hash(json);
                records.Add(json);
            }

            PutBack(batch, records.Count);
            return new AuditSegment { Day = day, ClientId = client, Writer = ledger.Writer, FirstSequence = _next, Records = records, LastHash = hash };
        }

        /// <summary>Records that no longer fit go to the front again, in their order.</summary>
        private void PutBack(List<Pending> batch, int taken)
        {
            if (taken == batch.Count) return;
            lock (_gate)
            {
                var later = _waiting.ToArray();
                _waiting.Clear();
                foreach (var pending in batch.Skip(taken).Concat(later)) _waiting.Enqueue(pending);
                _awaited += batch.Skip(taken).Count(p => p.Durable is not null);
            }

            batch.RemoveRange(taken, batch.Count - taken);
        }

        /// <summary>True when the segment is durable; false only when the host gave up waiting for it.</summary>
        private async Task<bool> PersistAsync(AuditSegment segment)
        {
            for (var attempt = 0; ; attempt++)
            {
                using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(ledger._options.WriteTimeoutMilliseconds), ledger.TimeSource);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ledger._abandon.Token);
                try
                {
                    if (ledger._index is { } index) await index.ListAsync(day, both.Token);
                    await ledger.StoreOf.AppendAsync(segment, both.Token);
                    Volatile.Write(ref ledger._failing, false);
                    return true;
                }
                catch (Exception e) when (!ledger._abandon.IsCancellationRequested)
                {
                    Volatile.Write(ref ledger._failing, true);
                    GatewayTelemetry.FailedWrites.Add(1);
                    Log.WriteFailed(ledger.Logger, e, segment.Records.Count, attempt + 1);
                }
                catch (Exception)
                {
                    return false;
                }

                var pause = TimeSpan.FromMilliseconds(Math.Min(50 << Math.Min(attempt, 6), 2000) * (0.5 + Random.Shared.NextDouble()));
                try
                {
                    await Task.Delay(pause, ledger.TimeSource, ledger._abandon.Token);
                }
                catch (OperationCanceledException)
                {
                    return false;
                }
            }
        }
    }
}
