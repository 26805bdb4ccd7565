using McpServerless.Infra.Bicep;

namespace McpServerless.Infra.Tests;

/// <summary>One compiler for all tests: its start is what takes time.</summary>
public sealed class CompilerFixture : IAsyncLifetime
{
    public BicepCompiler Compiler { get; private set; } = null!;

    public async Task InitializeAsync() => Compiler = await BicepCompiler.StartAsync(CancellationToken.None);

    public async Task DisposeAsync() => await Compiler.DisposeAsync();

    /// <summary>The checks on a copy of the repository, after a change of it.</summary>
    public async Task<InfraResult> CheckAsync(Action<InfraWorkspace>? change = null)
    {
        using var workspace = InfraWorkspace.Copy();
        change?.Invoke(workspace);
        return await InfraCheck.RunAsync(workspace, Compiler, CancellationToken.None);
    }
}

[CollectionDefinition(nameof(CompilerFixture))]
public sealed class CompilerCollection : ICollectionFixture<CompilerFixture>;
