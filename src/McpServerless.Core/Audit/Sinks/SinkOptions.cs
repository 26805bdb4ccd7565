using System.ComponentModel.DataAnnotations;
using McpServerless.Hosting;
using Microsoft.Extensions.Options;

namespace McpServerless.Audit.Sinks;

/// <summary>How a record is spelt for those who read it elsewhere.</summary>
public enum SinkFormat
{
    /// <summary>The record as the ledger has it, one a line.</summary>
    JsonLines,

    /// <summary>OCSF API Activity, one a line.</summary>
    Ocsf,

    /// <summary>ArcSight Common Event Format.</summary>
    Cef,

    /// <summary>IBM QRadar Log Event Extended Format 2.0.</summary>
    Leef,
}

/// <summary>Where records are sent besides the ledger. Each place has an outbox of its own; without a place nothing is sent.</summary>
public sealed class SinkOptions
{
    public const string Section = "Sinks";

    /// <summary>The endpoint of the data collection rule that takes records into Azure Monitor (Logs Ingestion API).</summary>
    /// <remarks>The gateway's identity needs the role Monitoring Metrics Publisher on the rule.</remarks>
    [SetByDeployment]
    public Uri? LogsIngestionEndpoint { get; set; }

    /// <summary>The immutable id of that rule.</summary>
    [SetByDeployment]
    public string? LogsIngestionRule { get; set; }

    /// <summary>Where records are posted, a batch a request.</summary>
    /// <value>An https address; http only on the own machine. An answer of 2xx means that the batch was taken.</value>
    public Uri? HttpAddress { get; set; }

    /// <summary>The header <c>Authorization</c> of these requests, better as a reference to a vault.</summary>
    public string? HttpAuthorization { get; set; }

    /// <summary>How records are posted.</summary>
    public SinkFormat HttpFormat { get; set; } = SinkFormat.JsonLines;

    /// <summary>Host and port of a syslog receiver (RFC 5424), such as <c>siem.contoso.example:6514</c>.</summary>
    public string? Syslog { get; set; }

    /// <summary>Whether the receiver is spoken to over TLS (RFC 5425).</summary>
    /// <value>Default true. Without it everybody on the way reads along.</value>
    public bool SyslogTls { get; set; } = true;

    /// <summary>Whether each message is a datagram (RFC 5426). Needs <see cref="SyslogTls"/> off.</summary>
    /// <value>Default false. Nothing tells whether a datagram arrived: what the network took counts as sent, and may be lost.</value>
    public bool SyslogUdp { get; set; }

    /// <summary>The most bytes of one datagram.</summary>
    /// <value>480 to 65,507; default 8,192. RFC 5426 (section 3.2) lets a receiver be content with 480 over IPv4 and 1,180 over IPv6. A longer record is not sent, and that is put on record.</value>
    [Range(480, 65507)]
    public int SyslogUdpMaxBytes { get; set; } = 8192;

    /// <summary>How records stand in the messages.</summary>
    public SinkFormat SyslogFormat { get; set; } = SinkFormat.JsonLines;

    /// <summary>Whether records are also events of OpenTelemetry, through the host's logging.</summary>
    /// <value>Default false. Handing over is not delivery: an exporter that cannot send drops.</value>
    public bool Telemetry { get; set; }

    /// <summary>A folder with a file for each day and instance, for one's own machine or a mounted share.</summary>
    public string? Folder { get; set; }

    /// <summary>How records stand in these files.</summary>
    public SinkFormat FolderFormat { get; set; } = SinkFormat.JsonLines;

    /// <summary>Time for one batch, in milliseconds.</summary>
    /// <value>100 to 60,000; default 10,000. A batch past it is sent again with the next run.</value>
    [Range(100, 60000)]
    public int TimeoutMilliseconds { get; set; } = 10_000;

    /// <summary>How far a place may be behind before it is an alert, in seconds.</summary>
    /// <value>60 to 86,400; default 900. The alert is a record of the ledger and an error in the log, once an hour.</value>
    [Range(60, 86400)]
    public int AlertAfterSeconds { get; set; } = 900;
}

[OptionsValidator]
internal sealed partial class SinkOptionsValidator : IValidateOptions<SinkOptions>;

/// <summary>What the annotations cannot say.</summary>
internal sealed class SinkPlaceValidator : IValidateOptions<SinkOptions>
{
    public ValidateOptionsResult Validate(string? name, SinkOptions options)
    {
        var faults = new List<string>();
        if ((options.LogsIngestionEndpoint is null) != string.IsNullOrEmpty(options.LogsIngestionRule)) faults.Add("Set both or none of Sinks:LogsIngestionEndpoint and Sinks:LogsIngestionRule.");
        if (options.LogsIngestionEndpoint is { } endpoint && !IsSafe(endpoint)) faults.Add("Sinks:LogsIngestionEndpoint must be an https address.");
        if (options.HttpAddress is { } address && !IsSafe(address)) faults.Add("Sinks:HttpAddress must be an https address.");
        if (options.HttpAuthorization?.AsSpan().IndexOfAny('\r', '\n') >= 0) faults.Add("Sinks:HttpAuthorization must be one line.");
        if (options.Syslog is { Length: > 0 } receiver && SyslogSink.Read(receiver) is null) faults.Add("Sinks:Syslog must be HOST:PORT.");
        if (options is { SyslogUdp: true, SyslogTls: true }) faults.Add("Sinks:SyslogUdp needs Sinks:SyslogTls to be false: datagrams are not encrypted.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static bool IsSafe(Uri address) => address.IsAbsoluteUri && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));
}
