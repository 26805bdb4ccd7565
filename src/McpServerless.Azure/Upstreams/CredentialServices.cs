using Azure.Security.KeyVault.Secrets;
using McpServerless.Upstreams.Credentials;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace McpServerless.Azure.Upstreams;

/// <summary>Where the credentials of upstreams come from, as services.</summary>
public static class CredentialServices
{
    public static IServiceCollection AddUpstreamCredentials(this IServiceCollection services)
    {
        services.AddCredentialOptions();
        services.AddSingleton<ICredentialSource>(provider =>
        {
            var options = provider.GetRequiredService<IOptions<CredentialOptions>>();
            var identity = AzureCredential.For(provider.GetRequiredService<IConfiguration>()["AZURE_CLIENT_ID"]);
            var vault = options.Value.Vault is { } address ? new SecretClient(address, identity) : null;
            var tokens = new HttpMessageInvoker(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5), PooledConnectionLifetime = TimeSpan.FromMinutes(5) });
            return new CredentialSource(options, identity, vault, tokens, provider.GetRequiredService<TimeProvider>());
        });
        return services;
    }
}
