using McpServerless.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace McpServerless.Upstreams.Credentials;

/// <summary>Where the gateway finds the secrets by which it proves itself to upstreams.</summary>
public sealed class CredentialOptions
{
    public const string Section = "Upstreams";

    /// <summary>The vault that has the secrets, such as <c>https://vault.vault.azure.net/</c>.</summary>
    /// <remarks>The gateway's identity needs the role Key Vault Secrets User there.</remarks>
    [SetByDeployment]
    public Uri? Vault { get; set; }

    /// <summary>Secrets by name, for one's own machine, or as references to a vault: <c>Upstreams:Secrets:orders--key</c>.</summary>
    /// <value>One that stands here is not looked for in the vault.</value>
    public Dictionary<string, string> Secrets { get; } = new(StringComparer.OrdinalIgnoreCase);
}

/// <summary>What the annotations cannot say.</summary>
internal sealed class CredentialOptionsValidator : IValidateOptions<CredentialOptions>
{
    public ValidateOptionsResult Validate(string? name, CredentialOptions options) =>
        options.Vault is null or { IsAbsoluteUri: true, Scheme: "https" } ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail("Upstreams:Vault must be the https address of a vault.");
}

/// <summary>The settings of credentials, as services.</summary>
public static class CredentialSettings
{
    public static IServiceCollection AddCredentialOptions(this IServiceCollection services)
    {
        services.AddOptions<CredentialOptions>().BindConfiguration(CredentialOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<CredentialOptions>, CredentialOptionsValidator>();
        return services;
    }
}
