using System.Text.Json;
using McpServerless.Infra.Bicep;

namespace McpServerless.Infra.Rules;

/// <summary>The function app and its settings.</summary>
public static class AppRules
{
    /// <summary>Settings that Flex Consumption keeps elsewhere, or that bring a key back (Azure Functions, "Flex Consumption plan", deprecated settings).</summary>
    private static readonly string[] Forbidden =
    [
        "FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_WORKER_RUNTIME_VERSION", "FUNCTIONS_EXTENSION_VERSION", "WEBSITE_RUN_FROM_PACKAGE", "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING",
        "WEBSITE_CONTENTSHARE", "AzureWebJobsStorage", "AzureWebJobsDashboard", "APPINSIGHTS_INSTRUMENTATIONKEY", "Storage__ConnectionString",
    ];

    private static readonly string[] Needed =
    [
        "AzureWebJobsStorage__blobServiceUri", "AzureWebJobsStorage__queueServiceUri", "AzureWebJobsStorage__tableServiceUri", "AzureWebJobsStorage__credential",
        "AzureWebJobsStorage__clientId", "AzureWebJobsDisableHomepage", "APPLICATIONINSIGHTS_CONNECTION_STRING", "APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "AZURE_CLIENT_ID",
    ];

    /// <summary>The app settings of a deployment, by name.</summary>
    public static IReadOnlyDictionary<string, string> SettingsOf(Deployment deployment) =>
        deployment.OfType("Microsoft.Web/sites/config").Where(config => config.Name.EndsWith("appsettings", StringComparison.Ordinal))
            .SelectMany(config => config.Element("properties") is { ValueKind: JsonValueKind.Object } properties ? properties.EnumerateObject() : default)
            .ToDictionary(setting => setting.Name, setting => AzureResource.AsText(setting.Value) ?? "");

    internal static IEnumerable<Finding> Check(Deployment deployment)
    {
        foreach (var app in deployment.OfType("Microsoft.Web/sites"))
        {
            foreach (var (path, value, why) in Musts)
            {
                if (app.At(path) != value) yield return deployment.Finding(app, "app", $"{path} is {app.At(path) ?? "not set"}, and must be {value}: {why}.");
            }

            if (app.At("properties/functionAppConfig/deployment/storage/authentication/storageAccountConnectionStringName") is not null)
                yield return deployment.Finding(app, "app", "the package is fetched with the identity, not with a connection string.");
        }

        foreach (var way in (string[])["scm", "ftp"])
        {
            var off = deployment.OfType("Microsoft.Web/sites/basicPublishingCredentialsPolicies").Any(policy => policy.Name.EndsWith("/" + way, StringComparison.Ordinal) && policy.At("properties/allow") == "false");
            if (!off) yield return new Finding(deployment.Name, "app-passwords", $"publishing with a password ({way}) must be off.");
        }

        var settings = SettingsOf(deployment);
        foreach (var name in Forbidden.Where(settings.ContainsKey)) yield return new Finding(deployment.Name, "app-settings", $"the setting {name} does not belong here.");
        foreach (var name in Needed.Where(name => !settings.ContainsKey(name))) yield return new Finding(deployment.Name, "app-settings", $"the setting {name} is missing.");
        foreach (var (name, value) in settings)
        {
            if (value.Contains("AccountKey=", StringComparison.OrdinalIgnoreCase) || value.Contains("SharedAccess", StringComparison.OrdinalIgnoreCase) || value.Contains("sig=", StringComparison.Ordinal))
                yield return new Finding(deployment.Name, "app-secret", $"the setting {name} holds a secret.");
        }

        if (settings.TryGetValue("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", out var how) && !how.Contains(";Authorization=AAD", StringComparison.Ordinal))
            yield return new Finding(deployment.Name, "app-settings", "APPLICATIONINSIGHTS_AUTHENTICATION_STRING must have ;Authorization=AAD: local authentication is off.");
        if (settings.TryGetValue("AzureWebJobsStorage__credential", out var credential) && credential != "managedidentity")
            yield return new Finding(deployment.Name, "app-settings", "AzureWebJobsStorage__credential must be managedidentity.");
        if (settings.TryGetValue("AzureWebJobsDisableHomepage", out var homepage) && homepage != "true")
            yield return new Finding(deployment.Name, "app-settings", "AzureWebJobsDisableHomepage must be true.");
    }

    private static readonly (string Path, string Value, string Why)[] Musts =
    [
        ("properties/httpsOnly", "true", "tokens must not travel in the clear"),
        ("properties/siteConfig/minTlsVersion", "1.2", "older TLS is broken"),
        ("properties/siteConfig/ftpsState", "Disabled", "nobody deploys with FTP"),
        ("identity/type", "UserAssigned", "roles exist before the app does"),
        ("kind", "functionapp,linux", "Flex Consumption runs on Linux"),
        ("properties/functionAppConfig/runtime/name", "dotnet-isolated", "that is what the package is built for"),
        ("properties/functionAppConfig/runtime/version", "10.0", "that is what the package is built for"),
        ("properties/functionAppConfig/deployment/storage/type", "blobContainer", "that is where azd puts the package"),
        ("properties/functionAppConfig/deployment/storage/authentication/type", "UserAssignedIdentity", "the host's account has no keys"),
        ("tags/azd-service-name", "gateway", "azd finds the app by it"),
    ];
}
