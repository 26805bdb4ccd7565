namespace Json.Pointer;

/// <summary>Walks a printed pointer segment by segment, without allocating.</summary>
internal ref struct JsonPointerSegments(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> _rest = text;
    private ReadOnlySpan<char> _current;

    public readonly JsonPointerSegment Current => new(_current);

    public readonly JsonPointerSegments GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.IsEmpty) return false;
        _rest = _rest[1..];
        var end = _rest.IndexOf('/');
        _current = end < 0 ? _rest : _rest[..end];
        _rest = _rest[_current.Length..];
        return true;
    }
}
