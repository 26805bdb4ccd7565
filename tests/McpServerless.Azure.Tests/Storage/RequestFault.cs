using Azure.Core;
using Azure.Core.Pipeline;

namespace McpServerless.Azure.Tests.Storage;

/// <summary>Something that happens to requests on their way to the service or back. It meets every try of a request.</summary>
internal abstract class RequestFault(Func<Request, bool> concerns) : HttpPipelinePolicy
{
    private int _met;

    /// <summary>How many tries it has met.</summary>
    public int Met => Volatile.Read(ref _met);

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        if (!concerns(message.Request))
        {
            await ProcessNextAsync(message, pipeline);
            return;
        }

        await MeetAsync(Interlocked.Increment(ref _met), () => ProcessNextAsync(message, pipeline));
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("The stores are asynchronous.");

    /// <param name="number">1 for the first try that it meets.</param>
    protected abstract ValueTask MeetAsync(int number, Func<ValueTask> send);
}

/// <summary>The service does what it was asked to, but its answer does not arrive.</summary>
internal sealed class LostAnswer(Func<Request, bool> concerns, int times = 1) : RequestFault(concerns)
{
    protected override async ValueTask MeetAsync(int number, Func<ValueTask> send)
    {
        await send();
        if (number <= times) throw new IOException("The answer was lost.");
    }
}

/// <summary>The service never gets the request.</summary>
internal sealed class LostRequest(Func<Request, bool> concerns, int from = 1, int times = int.MaxValue) : RequestFault(concerns)
{
    protected override ValueTask MeetAsync(int number, Func<ValueTask> send) =>
        number >= from && number - from < times ? throw new IOException("The request was lost.") : send();
}

/// <summary>Lets pass, and counts.</summary>
internal sealed class Counted(Func<Request, bool> concerns) : RequestFault(concerns)
{
    protected override ValueTask MeetAsync(int number, Func<ValueTask> send) => send();
}

/// <summary>Holds requests back until so many have arrived.</summary>
internal sealed class Rendezvous(Func<Request, bool> concerns, int parties) : RequestFault(concerns)
{
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected override async ValueTask MeetAsync(int number, Func<ValueTask> send)
    {
        if (number == parties) _all.TrySetResult();
        await _all.Task;
        await send();
    }
}

/// <summary>Which requests a fault concerns.</summary>
internal static class Requests
{
    /// <summary>An insert into a table.</summary>
    public static Func<Request, bool> Insert(string table) =>
        request => request.Method == RequestMethod.Post && Path(request).EndsWith(table, StringComparison.Ordinal);

    /// <summary>Anything that adds or changes a single row of a table.</summary>
    public static Func<Request, bool> Write(string table) => request =>
        Insert(table)(request)
        || ((request.Method == RequestMethod.Put || request.Method == RequestMethod.Patch) && Path(request).Contains(table + "(", StringComparison.Ordinal));

    /// <summary>A point read of a table.</summary>
    public static Func<Request, bool> Find(string table) =>
        request => request.Method == RequestMethod.Get && Path(request).Contains(table + "(P", StringComparison.Ordinal);

    public static bool Transaction(Request request) => Path(request).EndsWith("$batch", StringComparison.Ordinal);

    private static string Path(Request request) => request.Uri.ToUri().AbsolutePath;
}
