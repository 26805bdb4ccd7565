using McpServerless.Sealing;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace McpServerless.Http.Sealing;

/// <summary>Sealing as services. The host adds the store of the keys.</summary>
internal static class SealingServices
{
    public static IServiceCollection AddSealing(this IServiceCollection services)
    {
        // A name of its own: the default is the folder that an instance happens to run in.
        services.AddDataProtection().SetApplicationName("McpServerless");
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider => new ConfigureOptions<KeyManagementOptions>(options =>
            options.XmlRepository = new KeyRepository(provider.GetRequiredService<ISealingKeyStore>(), provider.GetRequiredService<TimeProvider>())));
        services.AddSingleton<ISealer, DataProtectionSealer>();
        return services;
    }
}
