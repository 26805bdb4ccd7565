using System.Buffers;

namespace McpServerless;

/// <summary>Bytes in a rented array, up to a limit. Grows as it is written.</summary>
public sealed class PooledBytes : IBufferWriter<byte>, IDisposable
{
    private byte[] _array;

    public PooledBytes(int capacity = 4096) => _array = ArrayPool<byte>.Shared.Rent(capacity);

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Memory => _array.AsMemory(0, Length);

    public void Advance(int count) => Length += count;

    /// <summary>Forgets what was written and keeps the array.</summary>
    public void Clear() => Length = 0;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsSpan(Length);
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <returns>False when there was more than the limit; what was read is then of no use.</returns>
    public async ValueTask<bool> ReadToEndAsync(Stream stream, int limit, CancellationToken ct)
    {
        while (true)
        {
            // One byte beyond the limit tells "too long" from "just fits".
            var free = GetMemory(1);
            var room = limit + 1 - Length;
            if (room <= 0) return false;
            var count = await stream.ReadAsync(free[..Math.Min(free.Length, room)], ct);
            if (count == 0) return true;
            Advance(count);
        }
    }

    public void Dispose()
    {
        var array = Interlocked.Exchange(ref _array, []);
        if (array.Length > 0) ArrayPool<byte>.Shared.Return(array);
        Length = 0;
    }

    private void Reserve(int sizeHint)
    {
        var needed = Math.Max(sizeHint, 1);
        if (_array.Length - Length >= needed) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_array.Length * 2, Length + needed));
        _array.AsSpan(0, Length).CopyTo(larger);
        if (_array.Length > 0) ArrayPool<byte>.Shared.Return(_array);
        _array = larger;
    }
}
