using System.Text.Json;
using FunctionsRuntime.Invocation;
using Microsoft.AspNetCore.Http;

namespace FunctionsRuntime.Http;

/// <summary>Turns a request into an invocation, and what the invocation leaves behind into a response.</summary>
internal sealed class HttpDispatcher(InvocationPipeline pipeline, HttpThrottle? throttle, JsonSerializerOptions json)
{
    public RequestDelegate For(Function function) => throttle is null
        ? request => RunAsync(function, request)
        : request => RunThrottledAsync(throttle, function, request);

    private async Task RunThrottledAsync(HttpThrottle throttle, Function function, HttpContext request)
    {
        if (!throttle.TryAccept())
        {
            request.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return;
        }
        try
        {
            await throttle.WaitForTurnAsync(request);
            try
            {
                await RunAsync(function, request);
            }
            finally
            {
                throttle.EndTurn();
            }
        }
        catch (OperationCanceledException) when (request.RequestAborted.IsCancellationRequested)
        {
            // The client left while it waited: nobody is there to answer.
        }
        finally
        {
            throttle.Leave();
        }
    }

    private async Task RunAsync(Function function, HttpContext request)
    {
        var context = new InvocationContext(function, request);
        try
        {
            await pipeline.RunAsync(context);
            if (context is { ResultExecuted: false, Result: { } value }) await WritePlainAsync(request, value);
        }
        catch (Exception) when (!request.Response.HasStarted)
        {
            // Logged by the pipeline. The client learns nothing but that it failed.
            request.Response.Clear();
            request.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
        catch (Exception)
        {
            // Half an answer is out: only breaking the connection tells the client that it is not a whole one.
            request.Abort();
        }
    }

    /// <remarks>A result that neither MVC nor minimal APIs execute goes through the host: text as it is, anything else as JSON.</remarks>
    private Task WritePlainAsync(HttpContext request, object value)
    {
        if (request.Response.HasStarted) return Task.CompletedTask;
        if (value is string text)
        {
            request.Response.ContentType ??= "text/plain; charset=utf-8";
            return request.Response.WriteAsync(text, request.RequestAborted);
        }
        return request.Response.WriteAsJsonAsync(value, value.GetType(), json, request.RequestAborted);
    }
}
