namespace McpServerless.Testing;

/// <summary>What a program writes on both of its streams: all of it in a file if one is named, and its end in memory.</summary>
internal sealed class ChildLog : IDisposable
{
    private const int LinesKept = 200;

    private readonly Lock _guard = new();
    private readonly Queue<string> _end = new();
    private StreamWriter? _file;

    public ChildLog(string? path)
    {
        Path = path;
        if (path is null) return;
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!); // A file always lies in a folder.
        _file = new StreamWriter(path, append: true) { AutoFlush = true };
    }

    public string? Path { get; }

    public void Note(string line)
    {
        lock (_guard)
        {
            _file?.WriteLine(line);
            _end.Enqueue(line);
            if (_end.Count > LinesKept) _end.Dequeue();
        }
    }

    public string LastLines(int count)
    {
        lock (_guard)
            return string.Join('\n', _end.TakeLast(count));
    }

    public void Dispose()
    {
        lock (_guard)
        {
            _file?.Dispose();
            _file = null;
        }
    }
}
