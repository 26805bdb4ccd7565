using System.Text.Json;
using McpServerless.Catalogue;
using McpServerless.OpenApi;

namespace McpServerless.Contracts;

/// <summary>A tool contract with its schemas compiled, once per contract version. Safe for concurrent use.</summary>
internal sealed class CompiledContract
{
    private CompiledContract(ToolContract contract, ValueSchema input, ValueSchema? output, Redactions redactions, Redactions? resultRedactions, MirroredParameters mirrored)
    {
        (Contract, Input, Output, Mirrored) = (contract, input, output, mirrored);
        (Redactions, ResultRedactions) = (redactions, resultRedactions);
        var readOnly = contract.Definition.TryGetProperty("annotations", out var hints)
            && hints.ValueKind == JsonValueKind.Object
            && hints.TryGetProperty("readOnlyHint", out var hint)
            && hint.ValueKind == JsonValueKind.True;
        Http = contract.Http is { } http ? HttpBinding.Read(http) : null;
        Named = contract.AdditionalArguments == AdditionalArguments.AsSchema ? null : NamedArguments.Of(contract.Definition.GetProperty("inputSchema"));
        Audit = contract.Audit != AuditMode.Default ? contract.Audit : readOnly ? AuditMode.Outcome : AuditMode.Strict;
    }

    public ToolContract Contract { get; }

    public ValueSchema Input { get; }

    /// <summary>What the inputSchema names; null where the schema decides about the rest.</summary>
    public NamedArguments? Named { get; }

    /// <summary>Null when the contract does not promise a structured result.</summary>
    public ValueSchema? Output { get; }

    /// <summary>What the ledger keeps of arguments.</summary>
    public Redactions Redactions { get; }

    /// <summary>What the ledger keeps of results; null when the contract keeps nothing of them.</summary>
    public Redactions? ResultRedactions { get; }

    /// <summary>Arguments that modern requests repeat in headers.</summary>
    public MirroredParameters Mirrored { get; }

    /// <summary>How the tool of an HTTP API is called; null for an MCP server's.</summary>
    public HttpBinding? Http { get; }

    /// <summary>The audit mode in force: the contract's own, or the default for its annotations.</summary>
    public AuditMode Audit { get; }

    public static CompiledContract Compile(ToolContract contract)
    {
        var tool = contract.Definition;
        var input = tool.GetProperty("inputSchema");
        var promises = tool.TryGetProperty("outputSchema", out var output) && output.ValueKind == JsonValueKind.Object;
        return new CompiledContract(
            contract,
            ValueSchema.OfKnown(input),
            promises ? ValueSchema.OfKnown(output) : null,
            Redactions.From(input),
            promises ? Redactions.FromOutput(output) : null,
            MirroredParameters.Read(input).Parameters);
    }
}
