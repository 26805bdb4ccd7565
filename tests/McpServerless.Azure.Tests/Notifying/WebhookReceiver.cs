using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using McpServerless.Testing;
using Microsoft.AspNetCore.Http;

namespace McpServerless.Azure.Tests.Notifying;

/// <summary>A request as the receiver got it.</summary>
internal sealed record ReceivedNotice(string Id, long Timestamp, IReadOnlyList<string> Signatures, string ContentType, byte[] Body);

/// <summary>A webhook that checks what Standard Webhooks ask of a message, and answers as a test says.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private LoopbackServer? _server;

    public static string Secret(byte seed) => $"whsec_{Convert.ToBase64String([.. Enumerable.Repeat(seed, 32)])}";

    public ConcurrentQueue<ReceivedNotice> Received { get; } = new();

    /// <summary>What a request is answered with.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = context =>
    {
        context.Response.StatusCode = 200;
        return Task.CompletedTask;
    };

    public Uri Url => new(_server!.Url, "hooks");

    public static async Task<WebhookReceiver> StartAsync()
    {
        var receiver = new WebhookReceiver();
        receiver._server = await LoopbackServer.StartAsync(receiver.TakeAsync);
        return receiver;
    }

    public void AnswerWith(int status) => Answer = context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    /// <summary>Whether one of a message's signatures is one with this secret.</summary>
    public static bool IsSignedWith(ReceivedNotice notice, string secret)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{notice.Id}.{notice.Timestamp}.")), .. notice.Body];
        return notice.Signatures.Contains($"v1,{Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), signed))}");
    }

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = context.Request.Headers;
        Received.Enqueue(new ReceivedNotice(
            headers["webhook-id"].ToString(),
            long.Parse(headers["webhook-timestamp"].ToString(), CultureInfo.InvariantCulture),
            headers["webhook-signature"].ToString().Split(' '),
            context.Request.ContentType ?? "",
            body.ToArray()));
        await Answer(context);
    }
}
