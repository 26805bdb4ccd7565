using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace McpServerless.Audit.Sinks;

/// <summary>The sinks that need nothing of Azure.</summary>
public static class RecordSinks
{
    /// <summary>All that there can be, those of Azure included.</summary>
    public static IReadOnlyList<string> Names { get; } = ["azure-monitor", "folder", "http", "syslog", "telemetry"];

    public static IServiceCollection AddSinkOptions(this IServiceCollection services)
    {
        services.AddOptions<SinkOptions>().BindConfiguration(SinkOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SinkOptions>, SinkOptionsValidator>();
        services.AddSingleton<IValidateOptions<SinkOptions>, SinkPlaceValidator>();
        return services;
    }

    /// <summary>Those that settings name.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="logging">Takes records as events; null where there is none.</param>
    public static IEnumerable<IRecordSink> Of(SinkOptions options, ILoggerFactory? logging = null)
    {
        if (options.Folder is { Length: > 0 } folder) yield return new FolderSink(folder, options.FolderFormat);
        if (options.Telemetry && logging is not null) yield return new LogEventSink(logging.CreateLogger(LogEventSink.Category));
        // A redirection could lead the records, and the key with them, elsewhere.
        if (options.HttpAddress is { } address) yield return new HttpSink(new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }), address, options.HttpAuthorization is { Length: > 0 } key ? key : null, options.HttpFormat);
        if (options.Syslog is { Length: > 0 } receiver && SyslogSink.Read(receiver) is var (host, port)) yield return options.SyslogUdp ? new SyslogDatagrams(host, port, options.SyslogUdpMaxBytes, options.SyslogFormat) : new SyslogSink(host, port, options.SyslogTls, options.SyslogFormat);
    }
}
