using McpServerless.Access;
using McpServerless.Authentication;
using McpServerless.Catalogue;
using McpServerless.Sealing;
using McpServerless.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.ToolCalls;

/// <summary>Requests that the gateway answers itself, from the active catalogue: lists; and those that it cannot read.</summary>
public sealed partial class GatewayRequests
{
    private readonly AccessTokenVerifier _tokens;
    private readonly Authorizer _authorizer;
    private readonly Recorder _recorder;
    private readonly Seals _seals;
    private readonly int _pageSize;
    private readonly ILogger<GatewayRequests> _logger;

    internal GatewayRequests(AccessTokenVerifier tokens, Authorizer authorizer, Recorder recorder, Seals seals, IOptions<SessionOptions> options, ILogger<GatewayRequests> logger) =>
        (_tokens, _authorizer, _recorder, _seals, _pageSize, _logger) = (tokens, authorizer, recorder, seals, options.Value.PageSize, logger);

    /// <summary>Lets a caller in and records that it was.</summary>
    public ValueTask<Outcome<Admission>> AdmitAsync(RequestContext context, CancellationToken ct) =>
        AnswerAsync(context, static (admission, _, _) => ValueTask.FromResult<Outcome<Admission>>(admission), ct);

    /// <summary>Lets a caller in, answers it, and records how that ended. What the answer holds is withheld when its record cannot be made durable.</summary>
    /// <param name="context">The request.</param>
    /// <param name="answer">What the admitted caller gets.</param>
    /// <param name="ct">The caller went away.</param>
    /// <param name="recordBegin">Whether it is also recorded before it begins, because it can last.</param>
    internal async ValueTask<Outcome<T>> AnswerAsync<T>(RequestContext context, Func<Admission, AuditEntry, CancellationToken, ValueTask<Outcome<T>>> answer, CancellationToken ct, bool recordBegin = false)
        where T : class
    {
        var entry = _recorder.Open(context);
        Outcome<T> outcome;
        try
        {
            if (!(await AdmitAsync(context, entry, ct)).Succeeded(out var admission, out var refusal)) outcome = refusal;
            else if (recordBegin && !(await _recorder.RecordBeginAsync(entry, ct)).Succeeded(out _, out refusal)) outcome = refusal;
            else outcome = await answer(admission, entry, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            outcome = new Refusal(RefusalCode.Cancelled, "The client went away.");
        }
        catch (Exception e)
        {
            Log.Unforeseen(_logger, e, context.RequestId);
            outcome = Refusal.Unforeseen(context, e);
        }

        return await _recorder.CloseAsync(entry, outcome);
    }

    /// <summary>One page of what an admitted caller may use of a kind, in the catalogue's order. Refuses with <c>cursor_invalid</c>.</summary>
    /// <param name="context">The request.</param>
    /// <param name="list">Resources and templates are two lists of one kind.</param>
    /// <param name="cursor">Where an earlier page ended; null for the first.</param>
    /// <param name="ct">Ends the wait.</param>
    public ValueTask<Outcome<FeaturePage>> ListAsync(RequestContext context, FeatureList list, string? cursor, CancellationToken ct) =>
        AnswerAsync(context, (admission, _, _) => ValueTask.FromResult(Page(admission, list, cursor)), ct);

    /// <summary>Records a request that was refused before it could be understood, and says with what to answer it.</summary>
    /// <remarks>A caller without a valid token gets to know that and nothing else.</remarks>
    public async ValueTask<Refusal> RefuseAsync(RequestContext context, Refusal refusal, CancellationToken ct)
    {
        var entry = _recorder.Open(context);
        if (!(await _tokens.AuthenticateAsync(context.Token, ct)).Succeeded(out var caller, out var unauthenticated)) refusal = unauthenticated;
        entry.Caller = caller;
        return (await _recorder.CloseAsync<Admission>(entry, refusal)).Succeeded(out _, out var final) ? refusal : final;
    }

    private async ValueTask<Outcome<Admission>> AdmitAsync(RequestContext context, AuditEntry entry, CancellationToken ct)
    {
        entry.Trace.Enter(CallStage.Authenticate);
        if (!(await _tokens.AuthenticateAsync(context.Token, ct)).Succeeded(out var caller, out var refusal)) return refusal;
        entry.Caller = caller;
        entry.Trace.Enter(CallStage.Admit);
        if (!(await _authorizer.AdmitAsync(caller, context, ct)).Succeeded(out var admission, out refusal)) return refusal;
        entry.Admission = admission;
        return admission;
    }

    private Outcome<FeaturePage> Page(Admission admission, FeatureList list, string? cursor)
    {
        if (list != FeatureList.Tools && !admission.Server.Features.Any(f => f.Kind == list.Kind()))
        {
            return new Refusal(RefusalCode.MethodNotServed, "Method not found") { OperatorNote = "the server exposes nothing of this kind" };
        }

        var after = "";
        if (cursor is not null)
        {
            if (_seals.OpenCursor(cursor) is not { } place || place.List != list.ToString() || place.Server != admission.Server.Name || place.Principal != admission.Caller.Principal)
            {
                return new Refusal(RefusalCode.CursorInvalid, "Unknown cursor; list again from the beginning.");
            }

            after = place.After;
        }

        // By name and not by count: what is published or granted between two pages neither repeats nor hides the rest.
        // One more than a page tells whether there is another.
        var page = _authorizer.Visible(admission, list.Kind(), after).Where(f => list.Holds(f)).Take(_pageSize + 1).ToList();
        if (page.Count <= _pageSize) return new FeaturePage(page, null);
        page.RemoveAt(_pageSize);
        return new FeaturePage(page, _seals.Seal(new SealedCursor(admission.Server.Name, admission.Caller.Principal, list.ToString(), page[^1].Name)));
    }

    private static partial class Log
    {
        [LoggerMessage(4002, LogLevel.Error, "Unforeseen fault in request {RequestId}")]
        public static partial void Unforeseen(ILogger logger, Exception exception, Guid requestId);
    }
}

/// <summary>A part of a list.</summary>
/// <param name="Features">In the catalogue's order.</param>
/// <param name="NextCursor">Where the next page begins; null when this is the last.</param>
public sealed record FeaturePage(IReadOnlyList<ExposedFeature> Features, string? NextCursor);
