using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;

namespace FunctionsRuntime.Invocation;

/// <summary>The running invocation. What a function seldom asks for (ids, items, features) is made when it asks.</summary>
internal sealed class InvocationContext : FunctionContext
{
    private string? invocationId;
    private IDictionary<object, object>? items;
    private FeatureSet? features;
    private IServiceProvider? services;
    private readonly CancellationToken stopping;
    private CancellationToken? cancellation;

    public InvocationContext(Function function, HttpContext request)
    {
        Function = function;
        Request = request;
    }

    public InvocationContext(Function function, TimerInfo timer, IServiceProvider services, CancellationToken ct)
    {
        Function = function;
        Timer = timer;
        this.services = services;
        stopping = ct;
    }

    public Function Function { get; }

    /// <summary>The HTTP request that triggered the function; null for a timer.</summary>
    public HttpContext? Request { get; }

    /// <summary>What the function and its middleware see of <see cref="Request"/>: nothing outside the web application's middleware.</summary>
    public HttpContext? BoundHttpContext { get; set; }

    public TimerInfo? Timer { get; }

    public object? Result { get; set; }

    /// <summary>Whether the result has been executed as an action result or a minimal API's result: then it is not written as a value.</summary>
    public bool ResultExecuted { get; set; }

    /// <summary>The deserialized <c>[FromBody]</c> argument; a request has one body, so there is at most one.</summary>
    public object? Body { get; set; }

    public override string InvocationId => invocationId ??= Guid.NewGuid().ToString();

    public override string FunctionId => Function.Definition.Id;

    public override FunctionDefinition FunctionDefinition => Function.Definition;

    /// <remarks>A server makes the token only for those who ask, and after the request no longer has the one that it gave.</remarks>
    public override CancellationToken CancellationToken => cancellation ??= Request?.RequestAborted ?? stopping;

    public override IServiceProvider InstanceServices
    {
        get => services ?? Request!.RequestServices; // An invocation without services of its own came from a request.
        set
        {
            services = value;
            if (Request is not null) Request.RequestServices = value;
        }
    }

    public override IDictionary<object, object> Items
    {
        get => items ??= new Dictionary<object, object>();
        set => items = value;
    }

    public override IInvocationFeatures Features => features ??= new FeatureSet();

    public override TraceContext TraceContext => new Trace(Request);

    public override BindingContext BindingContext => new RouteData(Request);

    public override RetryContext RetryContext => NoRetry.Instance;

    private sealed class Trace(HttpContext? request) : TraceContext
    {
        public override string TraceParent =>
            request?.Request.Headers.TraceParent.ToString() is { Length: > 0 } sent ? sent : Activity.Current?.Id ?? "";

        public override string TraceState => request?.Request.Headers.TraceState.ToString() ?? "";
    }

    private sealed class RouteData(HttpContext? request) : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData =>
            request is null ? ImmutableDictionary<string, object?>.Empty : request.GetRouteData().Values;
    }

    private sealed class NoRetry : RetryContext
    {
        public static readonly NoRetry Instance = new();

        public override int RetryCount => 0;

        public override int MaxRetryCount => 0;
    }

    private sealed class FeatureSet : IInvocationFeatures
    {
        private readonly Dictionary<Type, object> byType = [];

        public T? Get<T>() => byType.TryGetValue(typeof(T), out var feature) ? (T)feature : default;

        public void Set<T>(T instance) => byType[typeof(T)] = instance ?? throw new ArgumentNullException(nameof(instance));

        public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => byType.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
