namespace McpServerless.Infra.Tests;

[Collection(nameof(CompilerFixture))]
public class RepositoryTests(CompilerFixture fixture)
{
    [Fact]
    public async Task TheRepositoryItself_HasNoFinding()
    {
        var result = await fixture.CheckAsync();
        Assert.True(result.Findings.Count == 0, string.Join('\n', result.Findings));
        Assert.Equal(3, result.Deployments.Count);
        Assert.True(result.BicepFiles >= 14, $"{result.BicepFiles} files of Bicep");
        Assert.True(result.Queries >= 45, $"{result.Queries} queries");
    }
}
