using System.Reflection;
using OpenTelemetry;
using OpenTelemetry.Resources;

namespace Microsoft.Azure.Functions.Worker.OpenTelemetry;

public static class ConfigureFunctionsOpenTelemetry
{
    /// <summary>Traces invocations, and describes the function app as the resource.</summary>
    public static IOpenTelemetryBuilder UseFunctionsWorkerDefaults(this IOpenTelemetryBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.ConfigureResource(resource => resource.AddDetector(new FunctionsResourceDetector()));
        return builder.WithTracing(tracing => tracing.AddSource("Microsoft.Azure.Functions.Worker"));
    }
}

/// <summary>Describes the app by the variables that the platform sets; a name or version given by <c>OTEL_*</c> variables is left alone.</summary>
public sealed class FunctionsResourceDetector : IResourceDetector
{
    public Resource Detect()
    {
        var app = Assembly.GetEntryAssembly()?.GetName();
        var site = Variable("WEBSITE_SITE_NAME");
        var attributes = new Dictionary<string, object>
        {
            ["ai.sdk.prefix"] = $"dotnetiso:{typeof(FunctionsResourceDetector).Assembly.GetName().Version}",
            ["process.pid"] = Environment.ProcessId,
        };
        if (Variable("OTEL_SERVICE_NAME") is null && !IsGiven("service.name")) attributes["service.name"] = site ?? app?.Name ?? "unknown";
        if (!IsGiven("service.version")) attributes["service.version"] = app?.Version?.ToString() ?? "unknown";
        if (site is not null)
        {
            attributes["cloud.provider"] = "azure";
            attributes["cloud.platform"] = "azure_functions";
            if (Variable("REGION_NAME") is { } region) attributes["cloud.region"] = region;
            if (ResourceIdOf(site) is { } id) attributes["cloud.resource_id"] = id;
            if (Variable("WEBSITE_SLOT_NAME") is { } slot) attributes["deployment.environment.name"] = slot;
            if (Variable("FUNCTIONS_SITE_UPDATE_ID") is { } update) attributes["azure.functions.site.update_id"] = update;
        }
        return new Resource(attributes);
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static bool IsGiven(string attribute) =>
        Variable("OTEL_RESOURCE_ATTRIBUTES")?.Split(',').Any(pair => pair.Trim().StartsWith($"{attribute}=", StringComparison.Ordinal)) ?? false;

    /// <remarks>The platform's owner name is the subscription's id, a plus sign and more.</remarks>
    private static string? ResourceIdOf(string site) =>
        Variable("WEBSITE_OWNER_NAME") is { } owner && Variable("WEBSITE_RESOURCE_GROUP") is { } group
            ? $"/subscriptions/{owner.Split('+')[0]}/resourceGroups/{group}/providers/Microsoft.Web/sites/{site}"
            : null;
}
