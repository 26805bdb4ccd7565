using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.DependencyInjection
{
    public static class OpenTelemetryServicesExtensions
    {
        /// <remarks>
        /// May be called by several parts of an app: they share one provider for each signal. The service comes first, so that what
        /// other hosted services do while they start is observed already.
        /// </remarks>
        public static OpenTelemetryBuilder AddOpenTelemetry(this IServiceCollection services)
        {
            ArgumentNullException.ThrowIfNull(services);
            if (!services.Any(s => s.ServiceType == typeof(IHostedService) && s.ImplementationType == typeof(TelemetryHostedService)))
            {
                services.TryAddSingleton<ITelemetryHostInitializer, TelemetryHostInitializer>();
                services.Insert(0, ServiceDescriptor.Singleton<IHostedService, TelemetryHostedService>());
            }
            return new OpenTelemetryBuilder(services);
        }
    }
}

namespace OpenTelemetry
{
    public interface ITelemetryHostInitializer
    {
        void Initialize();
    }

    internal sealed class TelemetryHostInitializer(IServiceProvider services) : ITelemetryHostInitializer
    {
        /// <remarks>Making a provider starts it. The container disposes of it when the host ends, which flushes what is left.</remarks>
        public void Initialize()
        {
            _ = services.GetService<MeterProvider>();
            _ = services.GetService<TracerProvider>();
            _ = services.GetService<LoggerProvider>();
        }
    }

    internal sealed class TelemetryHostedService(ITelemetryHostInitializer telemetry) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            telemetry.Initialize();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
