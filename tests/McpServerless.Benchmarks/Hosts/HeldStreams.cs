using Microsoft.AspNetCore.Http;

namespace McpServerless.Benchmarks.Hosts;

/// <summary>Streams of the upstream that stay open until the benchmark releases them, and such that never end by themselves.</summary>
internal sealed class HeldStreams
{
    /// <summary>A call that shows one notification and is then held.</summary>
    public const string HoldTool = "hold-async";

    /// <summary>A call that sends notifications as fast as they are taken.</summary>
    public const string PourTool = "pour-async";

    /// <summary>Method that ends what is held.</summary>
    public const string Release = "bench/release";

    /// <summary>Method that asks how much was poured.</summary>
    public const string Sent = "bench/sent";

    private static readonly string Padding = new('x', 1000);

    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytesSent;

    public long BytesSent => Interlocked.Read(ref _bytesSent);

    public void ReleaseAll() => _released.TrySetResult();

    /// <summary>The stream that a session has beside its requests.</summary>
    public async Task HoldSessionAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.Body.FlushAsync();
        await HeldAsync(context);
    }

    public async Task HoldCallAsync(HttpContext context, UpstreamCall request)
    {
        context.Response.ContentType = "text/event-stream";
        using var message = new PooledBytes(512);
        UpstreamCall.WriteProgress(message, request.ProgressToken, 1);
        await context.Response.Body.WriteAsync(message.Memory);
        await context.Response.Body.FlushAsync();
        if (!await HeldAsync(context)) return;
        message.Clear();
        UpstreamCall.WriteEnd(message, request.Id);
        await context.Response.Body.WriteAsync(message.Memory);
    }

    public async Task PourAsync(HttpContext context, UpstreamCall request)
    {
        context.Response.ContentType = "text/event-stream";
        using var message = new PooledBytes(2048);
        try
        {
            for (var i = 1; !context.RequestAborted.IsCancellationRequested; i++)
            {
                message.Clear();
                UpstreamCall.WriteProgress(message, request.ProgressToken, i, Padding);
                await context.Response.Body.WriteAsync(message.Memory, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                Interlocked.Add(ref _bytesSent, message.Length);
            }
        }
        catch (OperationCanceledException)
        {
            // Its reader went away, as this stream ends.
        }
    }

    /// <returns>False when the gateway went away first.</returns>
    private async Task<bool> HeldAsync(HttpContext context)
    {
        try
        {
            await _released.Task.WaitAsync(context.RequestAborted);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
