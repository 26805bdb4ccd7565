using McpServerless.Access;
using McpServerless.Audit;
using McpServerless.Authentication;
using McpServerless.Budgets;
using McpServerless.Budgets.Runaway;
using McpServerless.Contracts;
using McpServerless.ToolCalls;
using McpServerless.Upstreams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.Hosting;

/// <summary>Everything that decides, as services. The host adds the stores.</summary>
public static class GovernanceServices
{
    public static IServiceCollection AddGovernance(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<AuthenticationOptions>().BindConfiguration(AuthenticationOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AuthenticationOptions>, AuthenticationOptionsValidator>();
        services.AddSingleton<IValidateOptions<AuthenticationOptions>, IssuerOptionsValidator>();
        services.AddOptions<AccessOptions>().BindConfiguration(AccessOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AccessOptions>, AccessOptionsValidator>();
        services.AddOptions<AuditOptions>().BindConfiguration(AuditOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AuditOptions>, AuditOptionsValidator>();
        services.AddSingleton<IValidateOptions<AuditOptions>, HashKeyValidator>();

        services.AddOptions<BudgetOptions>().BindConfiguration(BudgetOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<BudgetOptions>, BudgetOptionsValidator>();
        services.AddOptions<RunawayOptions>().BindConfiguration(RunawayOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RunawayOptions>, RunawayOptionsValidator>();

        services.AddSingleton<SigningKeys>();
        services.AddSingleton<AccessTokenVerifier>();
        services.AddSingleton<GovernanceState>();
        services.AddSingleton<Authorizer>();
        services.AddSingleton<ContractChecks>();
        services.AddSingleton<BudgetEngine>();
        services.AddHostedService(provider => provider.GetRequiredService<BudgetEngine>());
        services.AddSingleton<BudgetOperations>();
        services.AddSingleton<RunawayWatch>();
        services.AddSingleton<BudgetStage>();
        services.AddSingleton<UpstreamHttp>();
        services.AddSingleton<UpstreamClients>();
        services.AddSingleton<UpstreamForwarder>();
        services.AddSingleton<Ledger>();
        services.AddHostedService(provider => provider.GetRequiredService<Ledger>());
        services.AddSingleton<Recorder>();
        services.AddSingleton(provider => new ToolCallPipeline(
            provider.GetRequiredService<AccessTokenVerifier>(),
            provider.GetRequiredService<Authorizer>(),
            provider.GetRequiredService<ContractChecks>(),
            provider.GetRequiredService<BudgetStage>(),
            provider.GetRequiredService<UpstreamForwarder>(),
            provider.GetRequiredService<Recorder>(),
            provider.GetRequiredService<ILogger<ToolCallPipeline>>()));
        services.AddSingleton(provider => new GatewayRequests(
            provider.GetRequiredService<AccessTokenVerifier>(),
            provider.GetRequiredService<Authorizer>(),
            provider.GetRequiredService<Recorder>(),
            provider.GetRequiredService<ILogger<GatewayRequests>>()));
        return services;
    }
}
