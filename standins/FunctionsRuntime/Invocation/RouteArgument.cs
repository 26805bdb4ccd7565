using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Routing;

namespace FunctionsRuntime.Invocation;

/// <summary>Reads a route value as the parameter's type. Values are invariant, as in a URL.</summary>
internal sealed class RouteArgument<T>
{
    private readonly string function;
    private readonly string name;
    private readonly bool optional;
    private readonly T? fallback;
    private readonly Func<string, T> parse;

    public RouteArgument(string function, ParameterInfo parameter)
    {
        this.function = function;
        name = parameter.Name ?? "";
        optional = parameter.HasDefaultValue || default(T) is null;
        fallback = parameter.HasDefaultValue && parameter.DefaultValue is T value ? value : default;
        parse = (Func<string, T>)Parser(function, parameter);
    }

    /// <exception cref="InvalidOperationException">The text is not a value of the type; the client sees a 500, as on the real worker.</exception>
    public T? Read(InvocationContext context)
    {
        // A function with a route value was triggered by a request.
        var text = context.Request!.GetRouteValue(name)?.ToString();
        if (text is null)
            return optional ? fallback : throw new InvalidOperationException(
                $"Function '{function}': the route has no value for parameter '{name}'.");
        try
        {
            return parse(text);
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            throw new InvalidOperationException($"Function '{function}': the route value of '{name}' is not a {typeof(T)}.", e);
        }
    }

    private static Delegate Parser(string function, ParameterInfo parameter)
    {
        var target = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        if (target == typeof(string)) return static string (string text) => text;
        if (target.IsEnum) return (string text) => (T)Enum.Parse(target, text, ignoreCase: true);
        if (!target.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IParsable<>)))
            throw new InvalidOperationException($"Function '{function}': parameter '{parameter.Name}' cannot be read from a route as {typeof(T)}.");
        var method = target == typeof(T) ? nameof(ParseValue) : nameof(ParseNullable);
        return typeof(RouteArgument<T>).GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)! // Both are right below.
            .MakeGenericMethod(target)
            .CreateDelegate<Func<string, T>>();
    }

    private static TParsed ParseValue<TParsed>(string text)
        where TParsed : IParsable<TParsed> => TParsed.Parse(text, CultureInfo.InvariantCulture);

    private static TParsed? ParseNullable<TParsed>(string text)
        where TParsed : struct, IParsable<TParsed> => TParsed.Parse(text, CultureInfo.InvariantCulture);
}
