namespace McpServerless.Authentication;

/// <summary>The bearer token as it arrived. Printing it never shows it.</summary>
/// <param name="value">May be a part of the header that it came in: copying it for each request would cost more than finding it known.</param>
public sealed class AccessToken(ReadOnlyMemory<char> value)
{
    public AccessToken(string value)
        : this(value.AsMemory())
    {
    }

    /// <summary>For the verifier alone. It never goes upstream, into a log or into a record.</summary>
    internal ReadOnlySpan<char> Reveal() => value.Span;

    public override string ToString() => "[redacted]";
}
