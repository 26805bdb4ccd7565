using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace McpServerless.Audit.Sinks;

/// <summary>The sinks that need nothing of Azure.</summary>
public static class RecordSinks
{
    public static IServiceCollection AddSinkOptions(this IServiceCollection services)
    {
        services.AddOptions<SinkOptions>().BindConfiguration(SinkOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SinkOptions>, SinkOptionsValidator>();
        services.AddSingleton<IValidateOptions<SinkOptions>, SinkPlaceValidator>();
        return services;
    }

    /// <summary>Those that settings name.</summary>
    public static IEnumerable<IRecordSink> Of(SinkOptions options)
    {
        if (options.Folder is { Length: > 0 } folder) yield return new FolderSink(folder, options.FolderFormat);
        // A redirection could lead the records, and the key with them, elsewhere.
        if (options.HttpAddress is { } address) yield return new HttpSink(new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }), address, options.HttpAuthorization is { Length: > 0 } key ? key : null, options.HttpFormat);
        if (options.Syslog is { Length: > 0 } receiver && SyslogSink.Read(receiver) is var (host, port)) yield return new SyslogSink(host, port, options.SyslogTls, options.SyslogFormat);
    }
}
