using FunctionsRuntime.Invocation;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker;

public static class FunctionContextExtensions
{
    private const string HttpContextKey = "HttpRequestContext";

    /// <returns>The request's context, or null for a timer and for middleware registered before the web application.</returns>
    /// <remarks>A test double of <see cref="FunctionContext"/> offers one in <c>Items</c>, under the real package's key.</remarks>
    public static HttpContext? GetHttpContext(this FunctionContext context)
    {
        if (context is InvocationContext { BoundHttpContext: var bound }) return bound;
        return context.Items.TryGetValue(HttpContextKey, out var item) ? item as HttpContext : null;
    }
}

public static class FunctionContextLoggerExtensions
{
    public static ILogger<T> GetLogger<T>(this FunctionContext context) => context.InstanceServices.GetRequiredService<ILogger<T>>();

    public static ILogger GetLogger(this FunctionContext context, string categoryName) =>
        context.InstanceServices.GetRequiredService<ILoggerFactory>().CreateLogger(categoryName);
}

public static class FunctionContextBindingFeatureExtensions
{
    public static InvocationResult GetInvocationResult(this FunctionContext context) => new UntypedResult(Running(context));

    public static InvocationResult<T> GetInvocationResult<T>(this FunctionContext context)
    {
        var running = Running(context);
        return running.Result is T
            ? new TypedResult<T>(running)
            : throw new InvalidOperationException(
                $"The invocation result is {running.Result?.GetType().ToString() ?? "null"}, not the requested {typeof(T)}.");
    }

    private static InvocationContext Running(FunctionContext context) =>
        context as InvocationContext ?? throw new InvalidOperationException("Only a running invocation has a result.");

    private sealed class UntypedResult(InvocationContext context) : InvocationResult
    {
        public override object? Value
        {
            get => context.Result;
            set => context.Result = value;
        }
    }

    private sealed class TypedResult<T>(InvocationContext context) : InvocationResult<T>
    {
        public override T? Value
        {
            get => (T?)context.Result;
            set => context.Result = value;
        }
    }
}
