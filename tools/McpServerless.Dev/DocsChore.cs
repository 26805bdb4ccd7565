using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary><c>docs</c>: writes the documents that are made from the code. The tests that hold them to the code write them too, when told.</summary>
internal static class DocsChore
{
    public static async Task<int> RunAsync(ChoreContext context)
    {
        await Steps.ShowAsync(steps => Gateway.PrepareAsync(context, steps));
        foreach (var (project, tests) in ((string, string)[])[("McpServerless.Core.Tests", "GeneratedDocumentTests"), ("McpServerless.Http.Tests", "GeneratedDocumentTests"), ("McpServerless.Infra.Tests", "SettingsTests.Page|SettingsTests.SampleFile_HasEvery")])
        {
            var filter = string.Join('|', tests.Split('|').Select(name => $"FullyQualifiedName~{name}"));
            string[] arguments = ["test", RepositoryRoot.Combine("tests", project), "--filter", filter, "-e", "MCPSERVERLESS_WRITE_DOCS=1"];
            var (exitCode, _) = await Tool.TryAsync(context, "docs", Tool.Dotnet, arguments, Console.WriteLine);
            if (exitCode != 0) throw new DevFailure($"Writing the documents ended with code {exitCode}.");
        }

        return 0;
    }
}
