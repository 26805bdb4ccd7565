using McpServerless.Access;
using McpServerless.Authentication;
using McpServerless.Catalogue;
using Microsoft.Extensions.Logging;

namespace McpServerless.ToolCalls;

/// <summary>Requests that the gateway answers itself, from the active catalogue: handshakes, discovery, lists; and those that it cannot read.</summary>
public sealed partial class GatewayRequests
{
    private readonly AccessTokenVerifier _tokens;
    private readonly Authorizer _authorizer;
    private readonly Recorder _recorder;
    private readonly ILogger<GatewayRequests> _logger;

    internal GatewayRequests(AccessTokenVerifier tokens, Authorizer authorizer, Recorder recorder, ILogger<GatewayRequests> logger) =>
        (_tokens, _authorizer, _recorder, _logger) = (tokens, authorizer, recorder, logger);

    /// <summary>Lets a caller in and records that it was.</summary>
    public async ValueTask<Outcome<Admission>> AdmitAsync(RequestContext context, CancellationToken ct)
    {
        var entry = _recorder.Open(context);
        return await _recorder.CloseAsync(entry, await RunAsync(context, entry, ct));
    }

    /// <summary>The tools that an admitted caller may call, in the catalogue's order.</summary>
    public IReadOnlyList<ExposedFeature> Visible(Admission admission, SubjectKind kind) => _authorizer.Visible(admission, kind);

    /// <summary>Records a request that was refused before it could be understood, and says with what to answer it.</summary>
    /// <remarks>A caller without a valid token gets to know that and nothing else.</remarks>
    public async ValueTask<Refusal> RefuseAsync(RequestContext context, Refusal refusal, CancellationToken ct)
    {
        var entry = _recorder.Open(context);
        if (!(await _tokens.AuthenticateAsync(context.Token, ct)).Succeeded(out var caller, out var unauthenticated)) refusal = unauthenticated;
        entry.Caller = caller;
        return (await _recorder.CloseAsync<Admission>(entry, refusal)).Succeeded(out _, out var final) ? refusal : final;
    }

    private async ValueTask<Outcome<Admission>> RunAsync(RequestContext context, AuditEntry entry, CancellationToken ct)
    {
        try
        {
            if (!(await _tokens.AuthenticateAsync(context.Token, ct)).Succeeded(out var caller, out var refusal)) return refusal;
            entry.Caller = caller;
            if (!(await _authorizer.AdmitAsync(caller, context.Server, ct)).Succeeded(out var admission, out refusal)) return refusal;
            entry.Admission = admission;
            return admission;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return new Refusal(RefusalCode.Cancelled, "The client went away.");
        }
        catch (Exception e)
        {
            Log.Unforeseen(_logger, e, context.RequestId);
            return new Refusal(RefusalCode.InternalError, $"Internal error; correlation id {context.RequestId:D}.") { OperatorNote = e.GetType().Name };
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4002, LogLevel.Error, "Unforeseen fault in request {RequestId}")]
        public static partial void Unforeseen(ILogger logger, Exception exception, Guid requestId);
    }
}
