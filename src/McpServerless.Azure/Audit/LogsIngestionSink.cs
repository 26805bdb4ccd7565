using System.IO.Compression;
using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using McpServerless.Audit.Sinks;
using McpServerless.Audit.Sinks.Formats;

namespace McpServerless.Azure.Audit;

/// <summary>Sends records into the table <c>McpAudit_CL</c> through a data collection rule.</summary>
/// <remarks>Logs Ingestion API, version 2023-01-01 (learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview): an array of rows, compressed, below 1 MB.</remarks>
internal sealed class LogsIngestionSink : IRecordSink
{
    private const string Stream = "Custom-McpAudit_CL";

    private readonly Uri _address;
    private readonly HttpPipeline _pipeline;

    public LogsIngestionSink(Uri endpoint, string rule, TokenCredential credential, HttpPipelineTransport? transport = null)
    {
        _address = new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/dataCollectionRules/{Uri.EscapeDataString(rule)}/streams/{Stream}?api-version=2023-01-01");
        var options = new IngestionClientOptions { Retry = { MaxRetries = 2, NetworkTimeout = TimeSpan.FromSeconds(10) } };
        if (transport is not null) options.Transport = transport;
        _pipeline = HttpPipelineBuilder.Build(options, new BearerTokenAuthenticationPolicy(credential, "https://monitor.azure.com/.default"));
    }

    public string Name => "azure-monitor";

    /// <summary>The limit counts what is sent before it is compressed; a row repeats some members and names longer ones.</summary>
    public int MaxBatchBytes => 350 * 1024;

    public async ValueTask SendAsync(IReadOnlyList<OutgoingRecord> records, CancellationToken ct)
    {
        try
        {
            using var message = _pipeline.CreateMessage();
            message.Request.Method = RequestMethod.Post;
            message.Request.Uri.Reset(_address);
            message.Request.Headers.Add("Content-Type", "application/json");
            message.Request.Headers.Add("Content-Encoding", "gzip");
            message.Request.Content = RequestContent.Create(Compressed(records));
            await _pipeline.SendAsync(message, ct);
            if (message.Response.Status == 204) return;
            var said = $"It answered {message.Response.Status}.";
            throw message.Response.Status is 400 or 413 ? new RecordRefusedException(said) : new SinkUnavailableException(said);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException or AuthenticationFailedException or IOException or HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new SinkUnavailableException($"It cannot be reached: {e.GetType().Name}.", e);
        }
    }

    private static byte[] Compressed(IReadOnlyList<OutgoingRecord> records)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var json = new Utf8JsonWriter(gzip))
        {
            json.WriteStartArray();
            foreach (var record in records) MonitorRow.Write(record, json);
            json.WriteEndArray();
        }

        return bytes.ToArray();
    }

    private sealed class IngestionClientOptions : ClientOptions;
}
