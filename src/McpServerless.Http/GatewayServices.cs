using McpServerless.Http.Health;
using McpServerless.Http.Manage;
using McpServerless.Http.Mcp;
using McpServerless.Http.Metadata;
using McpServerless.Http.Sealing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace McpServerless.Http;

/// <summary>The HTTP side as services.</summary>
public static class GatewayServices
{
    public static IServiceCollection AddGateway(this IServiceCollection services)
    {
        services.AddOptions<GatewayOptions>().BindConfiguration(GatewayOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidator>();
        services.AddSingleton<IValidateOptions<GatewayOptions>, PublicBaseUrlValidator>();
        services.AddSealing();
        services.AddSingleton<RefusalAnswer>();
        services.AddSingleton<McpMethods>();
        services.AddSingleton<McpEndpoint>();
        services.AddSingleton<ProtectedResourceMetadata>();
        services.AddSingleton<HealthEndpoint>();
        services.AddManagement();
        return services;
    }
}
