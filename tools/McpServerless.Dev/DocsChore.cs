using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary><c>docs</c>: writes the documents that are made from the code. The tests that hold them to the code write them too, when told.</summary>
internal static class DocsChore
{
    public static async Task<int> RunAsync(ChoreContext context)
    {
        await Steps.ShowAsync(steps => Gateway.PrepareAsync(context, steps));
        string[] arguments = ["test", RepositoryRoot.Combine("tests", "McpServerless.Core.Tests"), "--filter", "GeneratedDocumentTests", "-e", "MCPSERVERLESS_WRITE_DOCS=1"];
        var (exitCode, _) = await Tool.TryAsync(context, "docs", Tool.Dotnet, arguments, Console.WriteLine);
        return exitCode == 0 ? 0 : throw new DevFailure($"Writing the documents ended with code {exitCode}.");
    }
}
