using System.Collections.Immutable;
using System.Reflection;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;

namespace FunctionsRuntime.Invocation;

/// <summary>A <c>[Function]</c> method with its one trigger, ready to be called.</summary>
internal sealed class Function
{
    public required string Name { get; init; }

    public required MethodInfo Method { get; init; }

    public required FunctionDefinition Definition { get; init; }

    public required MethodCall Call { get; init; }

    public HttpTriggerAttribute? Http { get; init; }

    /// <summary>The route below the prefix: the trigger's, else the function's name. Null unless the trigger is HTTP.</summary>
    public RoutePattern? Route { get; init; }

    public TimerTriggerAttribute? Timer { get; init; }

    /// <exception cref="InvalidOperationException">The method is not a function that the real worker could run; the text names it.</exception>
    public static Function Of(MethodInfo method)
    {
        // Only methods that carry the attribute are asked for.
        var name = method.GetCustomAttribute<FunctionAttribute>()!.Name;
        if (!method.IsPublic)
            throw new InvalidOperationException($"Function '{name}' is not a public method; the Functions worker would not find it.");
        var triggers = method.GetParameters()
            .Select(p => (Parameter: p, Http: p.GetCustomAttribute<HttpTriggerAttribute>(), Timer: p.GetCustomAttribute<TimerTriggerAttribute>()))
            .Where(t => t.Http is not null || t.Timer is not null)
            .ToList();
        if (triggers.Count != 1)
            throw new InvalidOperationException($"Function '{name}' has {triggers.Count} triggers; a function has exactly one.");
        var (parameter, http, timer) = triggers[0];
        var route = http is null ? null : RouteOf(name, http);
        return new Function
        {
            Name = name,
            Method = method,
            Http = http,
            Timer = timer,
            Route = route,
            Definition = new ReflectedDefinition(name, method, parameter.Name ?? "trigger", http is null ? "timerTrigger" : "httpTrigger"),
            Call = MethodCall.Compile(name, method, route),
        };
    }

    private static RoutePattern RouteOf(string name, HttpTriggerAttribute trigger)
    {
        var text = (string.IsNullOrWhiteSpace(trigger.Route) ? name : trigger.Route).Trim('/');
        try
        {
            return RoutePatternFactory.Parse(text);
        }
        catch (RoutePatternException e)
        {
            throw new InvalidOperationException($"Function '{name}': the route '{text}' is not readable. {e.Message}", e);
        }
    }

    private sealed class ReflectedDefinition(string name, MethodInfo method, string triggerName, string triggerType) : FunctionDefinition
    {
        public override ImmutableArray<FunctionParameter> Parameters { get; } = [.. method.GetParameters().Select(p =>
            new FunctionParameter(p.Name ?? "", p.ParameterType, p.HasDefaultValue, p.HasDefaultValue ? p.DefaultValue : null))];

        public override string PathToAssembly => method.Module.FullyQualifiedName;

        public override string EntryPoint { get; } = $"{method.DeclaringType?.FullName}.{method.Name}";

        public override string Id => Name;

        public override string Name { get; } = name;

        public override IImmutableDictionary<string, BindingMetadata> InputBindings { get; } =
            ImmutableDictionary<string, BindingMetadata>.Empty.Add(triggerName, new Binding(triggerName, triggerType, BindingDirection.In));

        public override IImmutableDictionary<string, BindingMetadata> OutputBindings { get; } = triggerType == "httpTrigger"
            ? ImmutableDictionary<string, BindingMetadata>.Empty.Add("$return", new Binding("$return", "http", BindingDirection.Out))
            : ImmutableDictionary<string, BindingMetadata>.Empty;
    }

    private sealed class Binding(string name, string type, BindingDirection direction) : BindingMetadata
    {
        public override string Name { get; } = name;

        public override string Type { get; } = type;

        public override BindingDirection Direction { get; } = direction;
    }
}
