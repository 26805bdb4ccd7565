namespace McpServerless.Upstreams;

/// <summary>One message of a stream was longer than it may be.</summary>
internal sealed class MessageTooLargeException : IOException;

/// <summary>Ends an event stream whose next message grows past the limit. The stream as a whole may be as long as it likes.</summary>
internal sealed class MessageLimitStream(Stream inner, int limit) : Stream
{
    private long _sinceMessage;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>A message is complete; the count begins anew.</summary>
    public void MessageRead() => _sinceMessage = 0;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        _sinceMessage += count;
        // What is read ahead belongs to later messages, hence the room for one buffer.
        return _sinceMessage <= limit + (64L * 1024) ? count : throw new MessageTooLargeException();
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
