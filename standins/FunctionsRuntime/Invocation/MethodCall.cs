using System.Linq.Expressions;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.DependencyInjection;

namespace FunctionsRuntime.Invocation;

/// <summary>A function's method as a delegate, compiled once: no reflection per invocation.</summary>
internal sealed class MethodCall
{
    private readonly ObjectFactory? createInstance;
    private readonly Func<object?, InvocationContext, Task<object?>> invoke;

    private MethodCall(ObjectFactory? createInstance, Func<object?, InvocationContext, Task<object?>> invoke, Type? bodyType)
    {
        this.createInstance = createInstance;
        this.invoke = invoke;
        BodyType = bodyType;
    }

    /// <summary>The type of the <c>[FromBody]</c> parameter, if there is one.</summary>
    public Type? BodyType { get; }

    /// <remarks>The instance is not disposed, because the real worker does not dispose it either; its scoped services are.</remarks>
    public Task<object?> InvokeAsync(InvocationContext context)
    {
        var instance = createInstance?.Invoke(context.InstanceServices, null);
        return BodyType is null ? invoke(instance, context) : BindBodyAndInvokeAsync(instance, context, BodyType);
    }

    private async Task<object?> BindBodyAndInvokeAsync(object? instance, InvocationContext context, Type bodyType)
    {
        context.Body = await RequestBody.ReadAsync(context, bodyType);
        return await invoke(instance, context);
    }

    public static MethodCall Compile(string function, MethodInfo method, RoutePattern? route)
    {
        // A method that carries [Function] is declared by a type.
        var type = method.DeclaringType!;
        var instance = Expression.Parameter(typeof(object), "instance");
        var context = Expression.Parameter(typeof(InvocationContext), "context");
        var routeNames = (route?.Parameters ?? []).Select(p => p.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var arguments = method.GetParameters().Select(p => Argument(function, p, context, routeNames));
        Expression call = Expression.Call(method.IsStatic ? null : Expression.Convert(instance, type), method, arguments);
        var body = method.GetParameters().Where(p => p.GetCustomAttribute<FromBodyAttribute>() is not null).ToList();
        if (body.Count > (route is null ? 0 : 1))
            throw new InvalidOperationException($"Function '{function}' has {body.Count} [FromBody] parameters; an HTTP request has one body, a timer none.");
        return new MethodCall(
            method.IsStatic ? null : ActivatorUtilities.CreateFactory(type, Type.EmptyTypes),
            Expression.Lambda<Func<object?, InvocationContext, Task<object?>>>(
                Completion(function, method.ReturnType, call), instance, context).Compile(),
            body.SingleOrDefault()?.ParameterType);
    }

    private static Expression Argument(string function, ParameterInfo parameter, Expression context, HashSet<string> routeNames)
    {
        var type = parameter.ParameterType;
        if (type == typeof(HttpRequest) && parameter.GetCustomAttribute<HttpTriggerAttribute>() is not null)
            return Expression.Property(Expression.Property(context, nameof(InvocationContext.Request)), nameof(HttpContext.Request));
        if (type == typeof(TimerInfo) && parameter.GetCustomAttribute<TimerTriggerAttribute>() is not null)
            return Expression.Property(context, nameof(InvocationContext.Timer));
        if (type == typeof(FunctionContext)) return Expression.Convert(context, type);
        if (type == typeof(CancellationToken)) return Expression.Property(context, nameof(InvocationContext.CancellationToken));
        if (parameter.GetCustomAttribute<FromBodyAttribute>() is not null)
            return Expression.Call(typeof(RequestBody), nameof(RequestBody.Argument), [type], context);
        if (parameter.Name is { } name && routeNames.Contains(name))
        {
            var argument = Activator.CreateInstance(
                typeof(RouteArgument<>).MakeGenericType(type),
                BindingFlags.Public | BindingFlags.Instance | BindingFlags.DoNotWrapExceptions,
                binder: null,
                [function, parameter],
                culture: null);
            return Expression.Call(Expression.Constant(argument), nameof(RouteArgument<>.Read), null, context);
        }
        throw new InvalidOperationException(
            $"Function '{function}': nothing binds parameter '{parameter.Name}' of type {type}. "
            + "It may be HttpRequest (with [HttpTrigger]), TimerInfo (with [TimerTrigger]), FunctionContext, CancellationToken, [FromBody], or a value of the route.");
    }

    private static Expression Completion(string function, Type returned, Expression call)
    {
        if (returned == typeof(void)) return Expression.Block(call, Expression.Constant(Task.FromResult<object?>(null)));
        if (returned == typeof(Task)) return Expression.Call(typeof(MethodCall), nameof(WithoutResult), null, call);
        if (returned.IsGenericType && returned.GetGenericTypeDefinition() == typeof(Task<>))
            return Expression.Call(typeof(MethodCall), nameof(WithResult), returned.GetGenericArguments(), call);
        if (returned == typeof(ValueTask) || (returned.IsGenericType && returned.GetGenericTypeDefinition() == typeof(ValueTask<>)))
            throw new InvalidOperationException(
                $"Function '{function}' returns {returned}, which the Functions worker does not await; return a Task.");
        return Expression.Call(typeof(Task), nameof(Task.FromResult), [typeof(object)], Expression.Convert(call, typeof(object)));
    }

    private static async Task<object?> WithoutResult(Task task)
    {
        await task;
        return null;
    }

    private static async Task<object?> WithResult<T>(Task<T> task) => await task;
}
