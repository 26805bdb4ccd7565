using Azure.Core;
using Azure.Core.Pipeline;
using McpServerless.Azure.Tests.Storage;

namespace McpServerless.Azure.Tests.Access;

/// <summary>A process that dies at one of its writes: before the store has it, or after the store has it and before the process knows. From then on it does nothing more.</summary>
internal sealed class DyingProcess(int atWrite, bool answerIsLost) : RequestFault(_ => true)
{
    private readonly Lock _gate = new();
    private int _writes;

    public DyingProcess(Random random, int within)
        : this(random.Next(1, within + 1), random.Next(2) == 0)
    {
    }

    public bool IsDead { get; private set; }

    /// <summary>How many writes it has begun.</summary>
    public int Writes => _writes;

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var dies = false;
        lock (_gate)
        {
            if (IsDead) throw new IOException("The process is dead.");
            if (message.Request.Method != RequestMethod.Get) dies = ++_writes == atWrite;
            if (dies) IsDead = true;
        }

        if (dies && !answerIsLost) throw new IOException("The process died before its write.");
        await ProcessNextAsync(message, pipeline);
        if (dies) throw new IOException("The process died after its write.");
    }

    protected override ValueTask MeetAsync(int number, Func<ValueTask> send) => send();
}
