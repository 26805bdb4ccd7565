using FunctionsRuntime.Http;
using FunctionsRuntime.Startup;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Azure.Functions.Worker.Builder;

public static class FunctionsApplicationBuilderAspNetCoreExtensions
{
    /// <remarks>Middleware registered after this call runs inside the one that executes the function's result.</remarks>
    public static FunctionsApplicationBuilder ConfigureFunctionsWebApplication(this FunctionsApplicationBuilder builder)
    {
        if (builder.Services.Any(s => s.ServiceType == typeof(WebApplicationMark))) return builder;
        builder.Services.AddSingleton<WebApplicationMark>();
        builder.Services.AddMvcCore();
        builder.Use(HttpResultMiddleware.Around);
        return builder;
    }
}
