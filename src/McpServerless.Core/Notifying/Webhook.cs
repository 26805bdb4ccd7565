using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text.Json;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.SystemTextJson;
using McpServerless.Upstreams;

namespace McpServerless.Notifying;

/// <summary>What an endpoint did with a notice.</summary>
/// <param name="Taken">Whether it has it now.</param>
/// <param name="Gone">Whether it wants nothing any more (410).</param>
/// <param name="Fault">Why it does not have it; null when it does.</param>
/// <param name="RetryAfter">When it asked to be sent to again; null when it did not say.</param>
internal sealed record WebhookAnswer(bool Taken, bool Gone, string? Fault, TimeSpan? RetryAfter);

/// <summary>Sends notices as CloudEvents 1.0 (structured JSON) with the headers of Standard Webhooks.</summary>
/// <remarks>The body is the same at every try; its signature is made anew, for the time stands in it. What an endpoint answers is not read beyond its status.</remarks>
public sealed class Webhook(UpstreamHttp http, TimeProvider time)
{
    private const string TypePrefix = "mcpserverless.";

    private static readonly JsonEventFormatter Formatter = new();

    internal async ValueTask<WebhookAnswer> SendAsync(NoticeEndpoint endpoint, Notice notice, string source, CancellationToken ct)
    {
        var body = BodyOf(notice, source, out var type);
        var now = time.GetUtcNow();
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint.Address) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type.ToString());
        request.Headers.UserAgent.ParseAdd("McpServerless");
        request.Headers.TryAddWithoutValidation("webhook-id", notice.NoticeId);
        request.Headers.TryAddWithoutValidation("webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation("webhook-signature", WebhookSignature.Of(KeysOf(endpoint), notice.NoticeId, now, body.Span));
        try
        {
            using var answer = await http.For(endpoint.AllowPrivateNetwork || endpoint.Address is { IsLoopback: true }).SendAsync(request, ct);
            if (answer.IsSuccessStatusCode) return new WebhookAnswer(true, false, null, null);
            return new WebhookAnswer(false, answer.StatusCode == HttpStatusCode.Gone, $"It answered {(int)answer.StatusCode}.", RetryAfterOf(answer, now));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new WebhookAnswer(false, false, $"It cannot be reached: {(e as HttpRequestException)?.HttpRequestError.ToString() ?? e.GetType().Name}.", null);
        }
    }

    /// <summary>The event as it is sent.</summary>
    internal static ReadOnlyMemory<byte> BodyOf(Notice notice, string source, out ContentType type) => Formatter.EncodeStructuredModeMessage(
        new CloudEvent(CloudEventsSpecVersion.V1_0)
        {
            Id = notice.NoticeId,
            Source = new Uri(source, UriKind.RelativeOrAbsolute),
            Type = TypePrefix + notice.Type,
            Subject = notice.Subject,
            Time = notice.Time,
            DataContentType = MediaTypeNames.Application.Json,
            Data = DataOf(notice),
        },
        out type);

    private static JsonElement DataOf(Notice notice) => JsonSerializer.SerializeToElement(
        new NoticeData(notice.Summary, notice.ToDo, notice.Command, notice.Concerns, notice.ClientId, notice.Server, notice.GrantId), NoticeJson.Default.NoticeData);

    private static IEnumerable<byte[]> KeysOf(NoticeEndpoint endpoint) =>
        ((string?[])[endpoint.Secret, endpoint.PreviousSecret]).OfType<string>().Select(WebhookSignature.ReadSecret).OfType<byte[]>();

    private static TimeSpan? RetryAfterOf(HttpResponseMessage answer, DateTimeOffset now) => answer.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - now,
        _ => null,
    };
}
