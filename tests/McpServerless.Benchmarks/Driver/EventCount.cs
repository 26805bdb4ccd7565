using System.Globalization;
using System.Text;

namespace McpServerless.Benchmarks.Driver;

/// <summary>Reads a chunked event stream piece by piece, and keeps no more of it than how many events there were and how the last one ended.</summary>
internal sealed class EventCount
{
    private const int TailLength = 512;

    private readonly byte[] _tail = new byte[TailLength];
    private readonly StringBuilder _size = new();
    private int _tailLength;
    private int _left;
    private byte _last;
    private Part _part = Part.Size;

    private enum Part
    {
        Size,
        Data,
        AfterData,
        End,
    }

    public int Events { get; private set; }

    public ReadOnlySpan<byte> Tail => _tail.AsSpan(0, _tailLength);

    /// <returns>Whether the stream ended in good order.</returns>
    public bool Add(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_part == Part.Data)
            {
                var data = bytes[..Math.Min(_left, bytes.Length)];
                Count(data);
                bytes = bytes[data.Length..];
                if ((_left -= data.Length) == 0) _part = Part.AfterData;
                continue;
            }

            var read = bytes[0];
            bytes = bytes[1..];
            if (read != '\n')
            {
                if (_part == Part.Size && read != '\r') _size.Append((char)read);
                continue;
            }

            // The last chunk, of no bytes, has an empty line after it.
            if (_part == Part.End) return true;
            if (_part == Part.AfterData)
            {
                _part = Part.Size;
                continue;
            }

            _left = int.Parse(_size.ToString(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            _size.Clear();
            _part = _left == 0 ? Part.End : Part.Data;
        }

        return false;
    }

    private void Count(ReadOnlySpan<byte> data)
    {
        var rest = data;
        if (_last == '\n' && data[0] == '\n') Events++;
        for (int at; (at = rest.IndexOf("\n\n"u8)) >= 0; rest = rest[(at + 2)..]) Events++;
        _last = data[^1];
        var kept = data.Length > TailLength ? data[^TailLength..] : data;
        var stays = Math.Min(_tailLength, TailLength - kept.Length);
        _tail.AsSpan(_tailLength - stays, stays).CopyTo(_tail);
        kept.CopyTo(_tail.AsSpan(stays));
        _tailLength = stays + kept.Length;
    }
}
