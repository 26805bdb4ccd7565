using McpServerless.Audit;
using McpServerless.Catalogue;
using Microsoft.Extensions.Logging;

namespace McpServerless.ToolCalls;

/// <summary>Proof that a call may be forwarded: where its contract asks for it, the intent is durable.</summary>
internal sealed class RecordedIntent;

/// <summary>Opens an entry for each request and closes it with a record, whatever the ending was.</summary>
internal sealed partial class Recorder(Ledger ledger, TimeProvider time, ILogger<Recorder> logger)
{
    private static readonly RecordedIntent Recorded = new();

    public AuditEntry Open(RequestContext context) => new(context, time);

    /// <summary>In mode strict, makes the intent durable before anything is sent. Refuses with <c>audit_unavailable</c>.</summary>
    public async ValueTask<Outcome<RecordedIntent>> RecordIntentAsync(AuditEntry entry, CancellationToken ct) =>
        entry.Mode != AuditMode.Strict || await ledger.AppendAsync(entry.Intent(), ct) ? Recorded : Unavailable("the intent could not be recorded; nothing was sent");

    /// <summary>Makes durable that something begins that can last, whatever the mode. Refuses with <c>audit_unavailable</c>.</summary>
    public async ValueTask<Outcome<RecordedIntent>> RecordBeginAsync(AuditEntry entry, CancellationToken ct) =>
        await ledger.AppendAsync(entry.Intent(), ct) ? Recorded : Unavailable("the beginning could not be recorded; nothing was sent");

    /// <summary>Records the ending; the answer is withheld with <c>audit_unavailable</c> when the record is not durable in time.</summary>
    public async ValueTask<Outcome<T>> CloseAsync<T>(AuditEntry entry, Outcome<T> outcome)
        where T : class
    {
        outcome.Succeeded(out var value, out var refusal);
        entry.Trace.EnterRecord(refusal);
        var record = entry.Outcome(refusal);
        Log.Ended(logger, record.RequestId, record.Method, record.RefusalCode ?? "ok", record.DurationMicroseconds / 1000.0 ?? 0);
        var kept = entry.Mode == AuditMode.Async
            ? await ledger.PostAsync(record, CancellationToken.None)
            : await ledger.AppendAsync(record, CancellationToken.None);
        if (!kept)
        {
            (value as IDisposable)?.Dispose();
            Log.Withheld(logger, record.RequestId);
            outcome = refusal = Unavailable("the record could not be made durable; the answer is withheld");
        }

        entry.Trace.End(entry, refusal);
        return outcome;
    }

    private static Refusal Unavailable(string note) =>
        new(RefusalCode.AuditUnavailable, "The gateway cannot record this request; try again shortly.") { OperatorNote = note, RetryAfterSeconds = 5 };

    private static partial class Log
    {
        [LoggerMessage(4101, LogLevel.Debug, "Request {RequestId} {Method} ended: {Ending} after {Milliseconds} ms")]
        public static partial void Ended(ILogger logger, Guid requestId, string? method, string ending, double milliseconds);

        [LoggerMessage(4102, LogLevel.Warning, "The answer to request {RequestId} was withheld: its record is not durable")]
        public static partial void Withheld(ILogger logger, Guid requestId);
    }
}
