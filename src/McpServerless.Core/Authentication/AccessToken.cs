namespace McpServerless.Authentication;

/// <summary>The bearer token as it arrived. Printing it never shows it.</summary>
public sealed class AccessToken(string value)
{
    /// <summary>For the verifier alone. It never goes upstream, into a log or into a record.</summary>
    internal string Reveal() => value;

    public override string ToString() => "[redacted]";
}
