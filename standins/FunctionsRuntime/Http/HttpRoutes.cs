using FunctionsRuntime.Invocation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace FunctionsRuntime.Http;

/// <summary>The routes of the app's HTTP functions, checked as the host checks them before it starts.</summary>
internal static class HttpRoutes
{
    /// <exception cref="InvalidOperationException">A route is reserved or taken; the text names the functions.</exception>
    public static IReadOnlyList<HttpRoute> Of(IEnumerable<Function> functions, string prefix)
    {
        var routes = new List<HttpRoute>();
        foreach (var function in functions.Where(f => f.Http is not null))
        {
            var route = HttpRoute.Of(function, prefix);
            if (routes.Find(route.ConflictsWith) is { } other)
                throw new InvalidOperationException(
                    $"Function '{function.Name}': its route and method conflict with those of function '{other.Function.Name}'.");
            routes.Add(route);
        }
        return routes;
    }

    /// <summary>The host's router answers 404 where ASP.NET Core's would answer 405: there a method is a constraint of the route.</summary>
    public static Task NotFoundUnlessFunction(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint() is RouteEndpoint) return next(context);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}

internal sealed class HttpRoute
{
    private readonly RoutePattern pattern;
    private readonly string[] methods;
    private readonly string shape;

    private HttpRoute(Function function, RoutePattern pattern, string[] methods)
    {
        Function = function;
        this.pattern = pattern;
        this.methods = methods;
        shape = string.Join('/', pattern.PathSegments.Select(s => string.Concat(s.Parts.Select(p => Shape(pattern, p)))));
    }

    public Function Function { get; }

    public static HttpRoute Of(Function function, string prefix)
    {
        // The caller has filtered out other triggers.
        var (route, methods) = (function.Route!, function.Http!.Methods ?? []);
        // The host compares the beginning of the text, so that "administration" is reserved too.
        if (Begins("admin") || Begins("runtime"))
            throw new InvalidOperationException(
                $"Function '{function.Name}': a route must not begin with 'admin' or 'runtime', which the Functions host reserves.");
        return new HttpRoute(function, prefix.Length == 0 ? route : RoutePatternFactory.Combine(RoutePatternFactory.Parse(prefix), route), methods);

        bool Begins(string reserved) => route.RawText?.StartsWith(reserved, StringComparison.OrdinalIgnoreCase) ?? false;
    }

    /// <remarks>
    /// The host refuses the same text twice. Two routes that differ in nothing but their parameters' names are refused here too,
    /// because there the first one would silently hide the second.
    /// </remarks>
    public bool ConflictsWith(HttpRoute other) =>
        shape.Equals(other.shape, StringComparison.OrdinalIgnoreCase)
        && (methods.Length == 0 || other.methods.Length == 0 || methods.Intersect(other.methods, StringComparer.OrdinalIgnoreCase).Any());

    public Endpoint Endpoint(RequestDelegate run)
    {
        var endpoint = new RouteEndpointBuilder(run, pattern, order: 0) { DisplayName = Function.Name };
        if (methods.Length > 0) endpoint.Metadata.Add(new HttpMethodMetadata(methods));
        return endpoint.Build();
    }

    private static string Shape(RoutePattern pattern, RoutePatternPart part) => part switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternSeparatorPart separator => separator.Content,
        RoutePatternParameterPart { IsCatchAll: true } rest => $"{{*:{Policies(pattern, rest.Name)}}}",
        RoutePatternParameterPart parameter => $"{{:{Policies(pattern, parameter.Name)}{(parameter.IsOptional ? "?" : "")}}}",
        _ => part.ToString() ?? "",
    };

    private static string Policies(RoutePattern pattern, string parameter) =>
        pattern.ParameterPolicies.TryGetValue(parameter, out var policies) ? string.Join(':', policies.Select(p => p.Content)) : "";
}
