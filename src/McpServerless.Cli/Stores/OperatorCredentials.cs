using McpServerless.Azure.Upstreams;
using McpServerless.Upstreams.Credentials;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace McpServerless.Cli.Stores;

/// <summary>What an operator's machine proves itself with to upstreams: the settings of the gateway, as environment variables, and the operator's own identity.</summary>
internal static class OperatorCredentials
{
    public static ICredentialSource Open(TimeProvider time) => new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddEnvironmentVariables().Build())
        .AddSingleton(time)
        .AddUpstreamCredentials()
        .BuildServiceProvider()
        .GetRequiredService<ICredentialSource>();
}
