using McpServerless.Access.Administration;
using McpServerless.Authentication;
using McpServerless.Http.Manage.Operations;
using McpServerless.Management;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.Http.Manage;

/// <summary>The management API as services.</summary>
internal static class ManagementServices
{
    public static IServiceCollection AddManagement(this IServiceCollection services)
    {
        services.AddSingleton<IManageOperations, SelfOperations>();
        services.AddSingleton<IManageOperations, ClientOperations>();
        services.AddSingleton<IManageOperations, GrantOperations>();
        services.AddSingleton<IManageOperations, QuestionOperations>();
        services.AddSingleton<IManageOperations, RequestOperations>();
        services.AddSingleton<IManageOperations, SwitchOperations>();
        services.AddSingleton<IManageOperations, CounterOperations>();
        services.AddSingleton<IManageOperations, CatalogueOperations>();
        services.AddSingleton<IManageOperations, ContractOperations>();
        services.AddSingleton<IManageOperations, AuditOperations>();
        services.AddSingleton<IManageOperations, TeamOperations>();
        services.AddSingleton<IManageOperations, NoticeOperations>();
        services.AddSingleton<IManageOperations, ReviewOperations>();
        services.AddSingleton(provider => new ManageTable(provider.GetServices<IManageOperations>()));
        services.AddSingleton<OpenApiDescription>();
        services.AddSingleton<RefusalBrake>();
        services.AddSingleton<ManageReader>();
        services.AddSingleton<ManageWriter>();
        services.AddSingleton<RepeatedRequests>();
        services.AddSingleton(p => new ManageEndpoint(
            Of<ManageTable>(p), Of<AccessTokenVerifier>(p), Of<GovernanceCallers>(p), Of<OpenApiDescription>(p), Of<ManageReader>(p), Of<ManageWriter>(p),
            Of<RepeatedRequests>(p), Of<RefusalBrake>(p), Of<ChangeRecords>(p), Of<IOptions<GatewayOptions>>(p), Of<TimeProvider>(p), Of<ILogger<ManageEndpoint>>(p)));
        return services;
    }

    private static T Of<T>(IServiceProvider provider)
        where T : notnull => provider.GetRequiredService<T>();
}
