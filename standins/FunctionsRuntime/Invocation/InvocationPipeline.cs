using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Logging;

namespace FunctionsRuntime.Invocation;

/// <summary>The worker middleware around the function, put together once, in the order of registration.</summary>
internal sealed partial class InvocationPipeline(IEnumerable<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> middleware, ILogger logger)
{
    private static readonly ActivitySource Source = new("Microsoft.Azure.Functions.Worker");

    private readonly FunctionExecutionDelegate pipeline =
        middleware.Reverse().Aggregate((FunctionExecutionDelegate)ExecuteAsync, (next, use) => use(next));

    /// <summary>Runs the invocation; a failure is logged here and thrown on to the trigger.</summary>
    public async Task RunAsync(InvocationContext context)
    {
        using var activity = Source.HasListeners() ? StartActivity(context) : null;
        try
        {
            await pipeline(context);
        }
        catch (OperationCanceledException e) when (context.CancellationToken.IsCancellationRequested)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            Canceled(logger, context.Function.Name, context.InvocationId);
            throw;
        }
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            Failed(logger, e, context.Function.Name, context.InvocationId);
            throw;
        }
    }

    private static async Task ExecuteAsync(FunctionContext context)
    {
        var invocation = (InvocationContext)context;
        invocation.Result = await invocation.Function.Call.InvokeAsync(invocation);
    }

    private static Activity? StartActivity(InvocationContext context)
    {
        var trace = context.TraceContext;
        ActivityContext.TryParse(trace.TraceParent, trace.TraceState, isRemote: true, out var parent);
        return Source.StartActivity($"function {context.Function.Name}", ActivityKind.Internal, parent)?
            .SetTag("faas.name", context.Function.Name)
            .SetTag("faas.invocation_id", context.InvocationId);
    }

    [LoggerMessage(1, LogLevel.Error, "Function '{Function}', invocation id '{InvocationId}': an exception was thrown by the invocation.")]
    private static partial void Failed(ILogger logger, Exception exception, string function, string invocationId);

    [LoggerMessage(2, LogLevel.Debug, "Function '{Function}', invocation id '{InvocationId}': canceled.")]
    private static partial void Canceled(ILogger logger, string function, string invocationId);
}
