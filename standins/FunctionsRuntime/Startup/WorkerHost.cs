using System.Reflection;
using System.Text.Json;
using FunctionsRuntime.Http;
using FunctionsRuntime.Invocation;
using FunctionsRuntime.Timers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FunctionsRuntime.Startup;

/// <summary>Marks that the app called <c>ConfigureFunctionsWebApplication</c>.</summary>
internal sealed class WebApplicationMark;

/// <summary>Host and worker in one process: Kestrel, routing and timers, with nothing else in a request's way.</summary>
internal static class WorkerHost
{
    private const long HostBodyLimit = 104_857_600;

    public static WebApplicationBuilder CreateBuilder(string[] args, Assembly app)
    {
        LocalSettings.Apply(AppContext.BaseDirectory, Environment.CurrentDirectory);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = app.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
            // Core Tools runs an app as Development, where the container checks scopes.
            EnvironmentName = Environment.GetEnvironmentVariable("AZURE_FUNCTIONS_ENVIRONMENT")
                ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT")
                ?? Environments.Development,
        });
        builder.Configuration
            .AddJsonFile("appsettings.json", optional: true)
            .AddJsonFile($"appsettings.{builder.Environment.EnvironmentName}.json", optional: true)
            .AddEnvironmentVariables("AZURE_FUNCTIONS_")
            .AddEnvironmentVariables()
            .AddCommandLine(args);
        builder.Host.UseDefaultServiceProvider(o => o.ValidateScopes = o.ValidateOnBuild = builder.Environment.IsDevelopment());
        AddLogging(builder);
        builder.WebHost.UseKestrelCore().UseUrls(ListeningAddress.From(builder.Configuration));
        builder.Services.AddRouting();
        builder.Services.PostConfigure<KestrelServerOptions>(LimitBodies(builder.Configuration));
        return builder;
    }

    public static IHost Build(
        WebApplicationBuilder builder,
        FunctionCatalogue catalogue,
        HostJson hostJson,
        IEnumerable<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> middleware)
    {
        var routes = HttpRoutes.Of(catalogue.Functions, hostJson.RoutePrefix);
        if (routes.Count > 0 && !builder.Services.Any(s => s.ServiceType == typeof(WebApplicationMark)))
            throw new InvalidOperationException("The app has HTTP functions: call ConfigureFunctionsWebApplication() on its builder.");
        var timers = TimerSchedule.Of(catalogue.Functions, builder.Configuration);
        builder.Services.AddSingleton(services =>
            new InvocationPipeline(middleware, services.GetRequiredService<ILoggerFactory>().CreateLogger("Function")));
        builder.Services.AddSingleton<IHostedService>(services => ActivatorUtilities.CreateInstance<TimerService>(services, timers));
        builder.Services.AddHostedService<ListeningAddress>();

        var app = builder.Build();
        // The real worker has no ASP.NET Core authentication in its pipeline, even when the app registers the services.
        ((IApplicationBuilder)app).Properties["__AuthenticationMiddlewareSet"] = true;
        ((IApplicationBuilder)app).Properties["__AuthorizationMiddlewareSet"] = true;
        app.UseRouting();
        app.Use(HttpRoutes.NotFoundUnlessFunction);
        var dispatcher = new HttpDispatcher(
            app.Services.GetRequiredService<InvocationPipeline>(),
            HttpThrottle.For(hostJson),
            app.Services.GetRequiredService<IOptions<JsonSerializerOptions>>().Value);
        ((IEndpointRouteBuilder)app).DataSources.Add(new DefaultEndpointDataSource(routes.Select(r => r.Endpoint(dispatcher.For(r.Function)))));
        return app;
    }

    private static void AddLogging(WebApplicationBuilder builder)
    {
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddSimpleConsole(o => o.SingleLine = true);
        // Configuration wins over these, which keep requests from being logged one by one.
        builder.Services.PostConfigure<LoggerFilterOptions>(o =>
        {
            o.Rules.Insert(0, new LoggerFilterRule(null, "Microsoft.AspNetCore", LogLevel.Warning, null));
            o.Rules.Insert(0, new LoggerFilterRule(null, "Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None, null));
            o.Rules.Insert(0, new LoggerFilterRule(null, "Microsoft.Hosting.Lifetime", LogLevel.Warning, null));
        });
    }

    /// <remarks>The host refuses above its own limit, the worker's Kestrel above its default of about 30 MB or what the app sets.</remarks>
    private static Action<KestrelServerOptions> LimitBodies(IConfiguration configuration) => options =>
    {
        var host = configuration.GetValue("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", HostBodyLimit);
        options.Limits.MaxRequestBodySize = Math.Min(options.Limits.MaxRequestBodySize ?? long.MaxValue, host);
    };
}
