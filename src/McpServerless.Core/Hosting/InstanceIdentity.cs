using System.Reflection;
using McpServerless.Access;
using McpServerless.Audit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace McpServerless.Hosting;

/// <summary>What this instance says of itself in the ledger.</summary>
internal static class InstanceIdentity
{
    public static WriterIdentity Of(IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        var build = typeof(InstanceIdentity).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        return new WriterIdentity(
            build,
            ConfigurationFingerprint.Of(configuration),
            configuration["WEBSITE_INSTANCE_ID"] is { Length: > 0 } instance ? instance : Environment.MachineName,
            async ct => (await services.GetRequiredService<GovernanceState>().CurrentAsync(ct)).Succeeded(out var state, out _) ? state.Catalogue.Number : null);
    }
}
