using McpServerless.Access;
using McpServerless.Access.Administration;
using McpServerless.Access.Credentials;
using McpServerless.Access.Expiring;
using McpServerless.Access.Reviewing;
using McpServerless.Audit;
using McpServerless.Audit.Checkpoints;
using McpServerless.Audit.Indexing;
using McpServerless.Audit.Retention;
using McpServerless.Authentication;
using McpServerless.Budgets;
using McpServerless.Budgets.Runaway;
using McpServerless.Catalogue;
using McpServerless.Catalogue.Publishing;
using McpServerless.Contracts;
using McpServerless.Contracts.Sanitising;
using McpServerless.Contracts.Watching;
using McpServerless.Management;
using McpServerless.Notifying;
using McpServerless.Sealing;
using McpServerless.Sessions;
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
        services.AddOptions<CredentialWatchOptions>().BindConfiguration(CredentialWatchOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<CredentialWatchOptions>, CredentialWatchOptionsValidator>();
        services.AddSingleton<IValidateOptions<CredentialWatchOptions>, GraphEndpointValidator>();
        services.AddOptions<ReviewOptions>().BindConfiguration(ReviewOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ReviewOptions>, ReviewOptionsValidator>();
        services.AddOptions<AuditOptions>().BindConfiguration(AuditOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AuditOptions>, AuditOptionsValidator>();
        services.AddSingleton<IValidateOptions<AuditOptions>, HashKeyValidator>();
        services.AddOptions<RetentionOptions>().BindConfiguration(RetentionOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RetentionOptions>, RetentionOptionsValidator>();
        services.AddOptions<SessionOptions>().BindConfiguration(SessionOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SessionOptions>, SessionOptionsValidator>();
        services.AddOptions<WatchOptions>().BindConfiguration(WatchOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<WatchOptions>, WatchOptionsValidator>();
        services.AddOptions<ManagementOptions>().BindConfiguration(ManagementOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ManagementOptions>, ManagementOptionsValidator>();

        services.AddOptions<NoticeOptions>().BindConfiguration(NoticeOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<NoticeOptions>, NoticeOptionsValidator>();
        services.AddSingleton<IValidateOptions<NoticeOptions>, NoticeEndpointValidator>();

        services.AddOptions<BudgetOptions>().BindConfiguration(BudgetOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<BudgetOptions>, BudgetOptionsValidator>();
        services.AddOptions<RunawayOptions>().BindConfiguration(RunawayOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RunawayOptions>, RunawayOptionsValidator>();

        services.AddSingleton<Seals>();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<AccessTokenVerifier>();
        services.AddSingleton<GovernanceState>();
        services.AddSingleton<Authorizer>();
        services.AddSingleton<ChangeRecords>();
        services.AddSingleton<ClientAdministration>();
        services.AddSingleton<GrantAdministration>();
        services.AddSingleton<GrantRequests>();
        services.AddSingleton<SwitchAdministration>();
        services.AddSingleton<TeamAdministration>();
        services.AddSingleton<CatalogueAdministration>();
        services.AddSingleton<ContractAdministration>();
        services.AddSingleton<GovernanceCallers>();
        services.AddSingleton<AccessExpiry>();
        services.AddSingleton<EndsAhead>();
        services.AddSingleton<CredentialWatch>();
        services.AddSingleton<GrantUseSurvey>();
        services.AddSingleton<ReviewOutcomes>();
        services.AddSingleton<ReviewAnswers>();
        services.AddSingleton<ReviewDesk>();
        services.AddSingleton<ReviewCampaigns>();
        services.AddSingleton<NoticeBox>();
        services.AddSingleton<Webhook>();
        services.AddSingleton<NoticeDispatch>();
        services.AddSingleton<NoticeAdministration>();
        services.AddSingleton<HashKeys>();
        services.AddHostedService(provider => provider.GetRequiredService<HashKeys>());
        services.AddSingleton<Sanitiser>();
        services.AddSingleton<ContractChecks>();
        services.AddSingleton<BudgetEngine>();
        services.AddHostedService(provider => provider.GetRequiredService<BudgetEngine>());
        services.AddSingleton<BudgetOperations>();
        services.AddSingleton<BudgetAdministration>();
        services.AddSingleton<DemandWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<DemandWatch>());
        services.AddSingleton<RunawayWatch>();
        services.AddSingleton<BudgetStage>();
        services.AddSingleton<BudgetTool>();
        services.AddSingleton<UpstreamHttp>();
        services.AddSingleton<UpstreamClients>();
        services.AddSingleton<RestClient>();
        services.AddSingleton<UpstreamForwarder>();
        services.AddSingleton(provider => InstanceIdentity.Of(provider));
        services.AddSingleton<Ledger>();
        services.AddHostedService(provider => provider.GetRequiredService<Ledger>());
        services.AddHostedService<Prefetch>();
        services.AddSingleton<IndexRepair>();
        services.AddSingleton<LedgerPurge>();
        services.AddSingleton<CheckpointTimer>();
        services.AddSingleton<CheckpointSchedule>();
        services.AddSingleton<Recorder>();
        services.AddSingleton<Continuations>();
        services.AddSingleton<ResultChecks>();
        services.AddSingleton<ActiveCalls>();
        AddPublic(services, p => new ToolCallPipeline(Of<AccessTokenVerifier>(p), Of<Authorizer>(p), Of<Continuations>(p), Of<ContractChecks>(p), Of<BudgetStage>(p), Of<UpstreamForwarder>(p), Of<ResultChecks>(p), Of<Recorder>(p), Of<ILogger<ToolCallPipeline>>(p)));
        AddPublic(services, p => new GatewayRequests(Of<AccessTokenVerifier>(p), Of<Authorizer>(p), Of<Recorder>(p), Of<Seals>(p), Of<IOptions<SessionOptions>>(p), Of<ILogger<GatewayRequests>>(p)));
        AddPublic(services, p => new AgentSessions(Of<GatewayRequests>(p), Of<UpstreamClients>(p), Of<ActiveCalls>(p), Of<Seals>(p), Of<IOptions<SessionOptions>>(p), Of<TimeProvider>(p)));
        AddPublic(services, p => new SessionStreams(Of<GatewayRequests>(p), Of<Authorizer>(p), Of<UpstreamClients>(p), Of<ResultChecks>(p), Of<Seals>(p), Of<IOptions<SessionOptions>>(p), Of<TimeProvider>(p)));
        AddPublic(services, p => new Subscriptions(Of<GatewayRequests>(p), Of<Authorizer>(p), Of<Continuations>(p), Of<UpstreamClients>(p), Of<IOptions<SessionOptions>>(p), Of<TimeProvider>(p)));
        AddPublic(services, p => new ContractWatch(Of<ICatalogueStore>(p), Of<IContractWatchStore>(p), Of<IAccessStore>(p), Of<UpstreamClients>(p), Of<Ledger>(p), Of<IOptions<WatchOptions>>(p), Of<TimeProvider>(p), Of<ILogger<ContractWatch>>(p), Of<NoticeBox>(p)));
        return services;
    }

    /// <summary>The container only finds public constructors, and theirs take types that nobody outside should make.</summary>
    private static void AddPublic<T>(IServiceCollection services, Func<IServiceProvider, T> create)
        where T : class => services.AddSingleton(create);

    private static T Of<T>(IServiceProvider provider)
        where T : notnull => provider.GetRequiredService<T>();
}
