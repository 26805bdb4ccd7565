using McpServerless.Access;
using McpServerless.Authentication;
using McpServerless.Budgets;
using McpServerless.Catalogue;
using McpServerless.Contracts;
using McpServerless.Telemetry;
using McpServerless.Upstreams;
using Microsoft.Extensions.Logging;

namespace McpServerless.ToolCalls;

/// <summary>
/// The whole path of what goes to an upstream, top to bottom: calls of tools, and what is asked of prompts, resources, completions and tasks. What a stage
/// proves is what the next one takes, so none can be skipped.
/// </summary>
public sealed partial class ToolCallPipeline
{
    private readonly AccessTokenVerifier _tokens;
    private readonly Authorizer _authorizer;
    private readonly Continuations _continuations;
    private readonly ContractChecks _contracts;
    private readonly BudgetStage _budgets;
    private readonly UpstreamForwarder _upstreams;
    private readonly ResultChecks _results;
    private readonly Recorder _recorder;
    private readonly ILogger<ToolCallPipeline> _logger;

    internal ToolCallPipeline(
        AccessTokenVerifier tokens,
        Authorizer authorizer,
        Continuations continuations,
        ContractChecks contracts,
        BudgetStage budgets,
        UpstreamForwarder upstreams,
        ResultChecks results,
        Recorder recorder,
        ILogger<ToolCallPipeline> logger)
    {
        (_tokens, _authorizer, _continuations, _contracts, _budgets) = (tokens, authorizer, continuations, contracts, budgets);
        (_upstreams, _results, _recorder, _logger) = (upstreams, results, recorder, logger);
    }

    /// <summary>Serves one call and records how it ended. An answer whose record cannot be made durable is withheld.</summary>
    /// <returns>The result, or any refusal of <see cref="RefusalCode"/> that concerns a call.</returns>
    public async ValueTask<Outcome<CallResult>> CallAsync(GovernedCall call, CancellationToken ct)
    {
        var entry = _recorder.Open(call.Context);
        entry.Ask(call.Target);
        Outcome<CallResult> outcome;
        try
        {
            outcome = await RunStagesAsync(call, entry, ct);
            if (!outcome.Succeeded(out _, out var refused)) outcome = await _budgets.CountAsync(entry.Admission, refused, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            outcome = new Refusal(RefusalCode.Cancelled, "The client went away.") { OperatorNote = entry.Forwarded ? "after the call was forwarded" : "before the call was forwarded" };
        }
        catch (Exception e)
        {
            Log.Unforeseen(_logger, e, call.Context.RequestId);
            outcome = Refusal.Unforeseen(call.Context, e);
        }

        _budgets.Observe(call, entry, outcome.Succeeded(out _, out var refusal) ? null : refusal);
        if (call.Agent.IsLost) entry.Note ??= "the client had gone away when the call ended";
        // Without the request's token: a client that hangs up is recorded too.
        return await _recorder.CloseAsync(entry, outcome);
    }

    private async ValueTask<Outcome<CallResult>> RunStagesAsync(GovernedCall call, AuditEntry entry, CancellationToken ct)
    {
        // 1. Who is calling?
        entry.Trace.Enter(CallStage.Authenticate);
        if (!(await _tokens.AuthenticateAsync(call.Context.Token, ct)).Succeeded(out var caller, out var refusal)) return refusal;
        entry.Caller = caller;

        // 2. Is it a client that may enter this server, and is the session its own?
        entry.Trace.Enter(CallStage.Admit);
        if (!(await _authorizer.AdmitAsync(caller, call.Context, ct)).Succeeded(out var admission, out refusal)) return refusal;
        entry.Admission = admission;
        if (_budgets.FindProbing(admission) is { } probing) return probing;
        call = call with { Capabilities = call.Capabilities.Within(admission.Server.Definition.ClientRequests) };

        // 3. Does what it brings back of an earlier answer open?
        entry.Trace.Enter(CallStage.Continue);
        if (!_continuations.Open(admission, call).Succeeded(out var continuation, out refusal)) return refusal;
        entry.Subject = continuation.Name;

        // 4. May it use this? What it may not see is answered like what does not exist.
        entry.Trace.Enter(CallStage.Authorize);
        if (!_authorizer.Authorize(admission, continuation.Kind, continuation.Name).Succeeded(out var grant, out refusal)) return refusal;
        entry.Grant = grant;

        // 5. Does the call need a scope that the token lacks, and is it served at all?
        if (!_authorizer.Confirm(grant).Succeeded(out grant, out refusal)) return refusal;
        if (Continuations.FindMismatch(continuation, grant) is { } strayed) return strayed;
        foreach (var (name, value) in Deprecation.Of(grant.Feature.Contract)?.Headers() ?? []) call.Agent.Header(name, value);

        // 6. Do the headers say what the body says, and do the arguments keep the pinned contract?
        entry.Trace.Enter(CallStage.CheckArguments);
        if (ContractChecks.FindHeaderMismatch(grant, call) is { } mismatch) return mismatch;
        if (!_contracts.CheckArguments(grant, call, continuation, entry).Succeeded(out var arguments, out refusal)) return refusal;

        // 7. Is there a place for it in every budget?
        entry.Trace.Enter(CallStage.Reserve);
        if (!(await _budgets.ReserveAsync(arguments, entry, ct)).Succeeded(out var lease, out refusal)) return refusal;
        try
        {
            // 8. Is it written down that this call is about to happen?
            entry.Trace.Enter(CallStage.RecordIntent);
            if (!(await _recorder.RecordIntentAsync(entry, ct)).Succeeded(out var intent, out refusal)) return refusal;

            // 9. Forward to the upstream.
            entry.Trace.Enter(CallStage.Forward, grant.Feature.Upstream.Name);
            if (!(await _upstreams.ForwardAsync(lease, intent, arguments, entry, ct)).Succeeded(out var answer, out refusal)) return refusal;
            entry.Cost = BudgetStage.CostOf(arguments, answer);

            // 10. Does the result keep the protocol and the pinned contract? (11. The public method around this one records every ending.)
            entry.Trace.Enter(CallStage.CheckResult);
            if (!_results.Check(arguments, answer, entry).Succeeded(out var result, out refusal)) return refusal;
            result.Standings = lease.Standings;
            return result;
        }
        finally
        {
            _budgets.Close(lease, entry);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4001, LogLevel.Error, "Unforeseen fault in request {RequestId}")]
        public static partial void Unforeseen(ILogger logger, Exception exception, Guid requestId);
    }
}
