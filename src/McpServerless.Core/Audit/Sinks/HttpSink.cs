using System.Net;
using System.Net.Http.Headers;
using McpServerless.Audit.Sinks.Formats;

namespace McpServerless.Audit.Sinks;

/// <summary>Posts records line by line to an address, such as the HTTP collector of a SIEM.</summary>
internal sealed class HttpSink(HttpClient http, Uri address, string? authorization, SinkFormat format) : IRecordSink
{
    public string Name => "http";

    public int MaxBatchBytes => 512 * 1024;

    public async ValueTask SendAsync(IReadOnlyList<OutgoingRecord> records, CancellationToken ct)
    {
        using var text = new PooledBytes(64 * 1024);
        foreach (var record in records) RecordText.WriteLine(format, record, text);
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ReadOnlyMemoryContent(text.Memory) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(format is SinkFormat.JsonLines or SinkFormat.Ocsf ? "application/x-ndjson" : "text/plain") { CharSet = "utf-8" };
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            if (answer.IsSuccessStatusCode) return;
            var said = $"It answered {(int)answer.StatusCode}.";
            throw IsForGood(answer.StatusCode) ? new RecordRefusedException(said) : new SinkUnavailableException(said);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new SinkUnavailableException($"It cannot be reached: {e.GetType().Name}.", e);
        }
    }

    /// <summary>What is wrong with the records themselves; a wrong address or key is repaired without them.</summary>
    internal static bool IsForGood(HttpStatusCode status) => status is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity;
}
