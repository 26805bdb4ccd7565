using System.Text.Json;
using McpServerless.Contracts;

namespace McpServerless.Catalogue;

/// <summary>Something of an upstream as one virtual server shows it.</summary>
public abstract class ExposedFeature
{
    private protected ExposedFeature(SubjectKind kind, string name, Contract contract, Upstream upstream, AuditMode audit)
    {
        (Kind, Name, Contract, Upstream, Audit) = (kind, name, contract, upstream, audit);
        Definition = FeatureDefinition.Of(contract.Definition, kind == SubjectKind.Resource ? null : name, Deprecation.Of(contract));
    }

    public SubjectKind Kind { get; }

    /// <summary>What agents use: the upstream's own name with the selection's prefix; for a resource its URI or URI template.</summary>
    public string Name { get; }

    public Contract Contract { get; }

    public Upstream Upstream { get; }

    /// <summary>The pinned MCP object under the exposed name, as UTF-8 JSON.</summary>
    public FeatureDefinition Definition { get; }

    /// <summary>The audit mode in force: the contract's own, or the default of its kind.</summary>
    public AuditMode Audit { get; }
}

/// <summary>A tool as one virtual server shows it.</summary>
public sealed class ExposedTool : ExposedFeature
{
    internal ExposedTool(string name, CompiledContract compiled, Upstream upstream)
        : base(SubjectKind.Tool, name, compiled.Contract, upstream, compiled.Audit) => Compiled = compiled;

    internal CompiledContract Compiled { get; }
}

/// <summary>A prompt as one virtual server shows it.</summary>
public sealed class ExposedPrompt : ExposedFeature
{
    internal ExposedPrompt(string name, PromptContract contract, Upstream upstream)
        : base(SubjectKind.Prompt, name, contract, upstream, contract.Audit == AuditMode.Default ? AuditMode.Outcome : contract.Audit)
    {
        Arguments = contract.Definition.TryGetProperty("arguments"u8, out var arguments) && arguments.ValueKind == JsonValueKind.Array
            ? arguments.EnumerateArray().ToDictionary(
                a => a.GetProperty("name"u8).GetString()!, // Checked when the catalogue was applied.
                a => a.TryGetProperty("required"u8, out var required) && required.ValueKind == JsonValueKind.True,
                StringComparer.Ordinal)
            : [];
    }

    /// <summary>Its arguments by name, and whether each is required.</summary>
    internal IReadOnlyDictionary<string, bool> Arguments { get; }
}

/// <summary>A resource or a template as one virtual server shows it.</summary>
public sealed class ExposedResource : ExposedFeature
{
    internal ExposedResource(ResourceContract contract, Upstream upstream)
        : base(SubjectKind.Resource, contract.Name, contract, upstream, contract.Audit == AuditMode.Default ? AuditMode.Outcome : contract.Audit) =>
        Template = contract.IsTemplate ? UriTemplate.Parse(contract.Name) : null;

    /// <summary>Null for a resource of its own.</summary>
    public UriTemplate? Template { get; }

    internal bool StandsFor(string uri) => Template is null ? uri == Name : Template.Matches(uri);
}
