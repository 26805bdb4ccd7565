using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace McpServerless.Hosting;

/// <summary>Judges every setting before anything starts, so that whoever deploys sees all mistakes at once.</summary>
public static class StartupSettings
{
    /// <summary>One line for each mistake; empty when the app may start.</summary>
    public static IReadOnlyList<string> FindFaults(IServiceProvider services)
    {
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (OptionsValidationException e)
        {
            return [.. e.Failures];
        }
        catch (AggregateException e) when (e.InnerExceptions.All(inner => inner is OptionsValidationException))
        {
            return [.. e.InnerExceptions.Cast<OptionsValidationException>().SelectMany(inner => inner.Failures)];
        }
    }
}
