using FunctionsRuntime.Invocation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace FunctionsRuntime.Http;

/// <summary>
/// Gives the function its <see cref="HttpContext"/> and executes what it returned. Middleware registered after the web application
/// runs inside this one, so that it may replace a result before it is executed, and never sees the response of one.
/// </summary>
internal static class HttpResultMiddleware
{
    private static readonly ActionDescriptor NoAction = new();

    public static FunctionExecutionDelegate Around(FunctionExecutionDelegate next) => context =>
        context is InvocationContext { Request: { } request } invocation ? RunAsync(invocation, request, next) : next(context);

    private static async Task RunAsync(InvocationContext context, HttpContext request, FunctionExecutionDelegate next)
    {
        context.BoundHttpContext = request;
        await next(context);
        switch (context.Result)
        {
            case EmptyResult:
                // Executing it does nothing, so nothing is made for it to do that with.
                context.ResultExecuted = true;
                break;
            case IActionResult result:
                await result.ExecuteResultAsync(new ActionContext(request, request.GetRouteData(), NoAction));
                context.ResultExecuted = true;
                break;
            case IResult result:
                await result.ExecuteAsync(request);
                context.ResultExecuted = true;
                break;
        }
    }
}
