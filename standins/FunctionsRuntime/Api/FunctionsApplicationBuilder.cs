using System.Reflection;
using FunctionsRuntime.Invocation;
using FunctionsRuntime.Startup;
using Microsoft.AspNetCore.Builder;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Builder;

public class FunctionsApplicationBuilder : IHostApplicationBuilder, IFunctionsWorkerApplicationBuilder
{
    private readonly WebApplicationBuilder web;
    private readonly List<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> middleware = [];
    private readonly Assembly app;
    private bool built;

    internal FunctionsApplicationBuilder(string[]? args, Assembly app)
    {
        this.app = app;
        web = WorkerHost.CreateBuilder(args ?? [], app);
    }

    public IDictionary<object, object> Properties => ((IHostApplicationBuilder)web).Properties;

    public ConfigurationManager Configuration => web.Configuration;

    public IHostEnvironment Environment => web.Environment;

    public ILoggingBuilder Logging => web.Logging;

    public IMetricsBuilder Metrics => web.Metrics;

    public IServiceCollection Services => web.Services;

    IConfigurationManager IHostApplicationBuilder.Configuration => Configuration;

    /// <summary>Tests name the types whose functions they want; an app's are found in its assemblies.</summary>
    internal IReadOnlyCollection<Type>? FunctionTypes { get; set; }

    /// <summary>Tests bring a host.json of their own; an app's lies beside it.</summary>
    internal HostJson? HostJson { get; set; }

    /// <exception cref="InvalidOperationException">A function could not run on the real host either; the text names it.</exception>
    public IHost Build()
    {
        RefuseWhenBuilt();
        built = true;
        var functions = FunctionCatalogue.Of(FunctionTypes ?? FunctionCatalogue.TypesOf(app));
        return WorkerHost.Build(web, functions, HostJson ?? HostJson.Read(AppContext.BaseDirectory), middleware);
    }

    public void ConfigureContainer<TContainerBuilder>(
        IServiceProviderFactory<TContainerBuilder> factory, Action<TContainerBuilder>? configure = null)
        where TContainerBuilder : notnull => ((IHostApplicationBuilder)web).ConfigureContainer(factory, configure);

    public IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware)
    {
        RefuseWhenBuilt();
        this.middleware.Add(middleware);
        return this;
    }

    private void RefuseWhenBuilt()
    {
        if (built) throw new InvalidOperationException("The application has already been built.");
    }
}
