namespace McpServerless.Cli.Output;

/// <summary>Progress as lines on standard error: readable in a terminal and in a pipeline's log.</summary>
internal sealed class ProgressLines(TextWriter error, string subject) : IProgress<string>
{
    public void Report(string value) => error.WriteLine($"{subject}: {value}");
}
