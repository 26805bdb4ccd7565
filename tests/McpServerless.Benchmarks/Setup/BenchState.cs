using System.Text.Json;
using McpServerless.Access;
using McpServerless.Audit;
using McpServerless.Catalogue;
using McpServerless.Testing;

namespace McpServerless.Benchmarks.Setup;

/// <summary>What the gateway governs here: one client, one grant, and one tool in each audit mode.</summary>
internal static class BenchState
{
    public const string Server = "bench";

    private const string ClientId = "33333333-3333-3333-3333-333333333333";
    private const string Upstream = "echo";
    private static readonly DateTimeOffset Never = new(2099, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Good for longer than any run.</summary>
    public static TokenRequest Token { get; } = new(ClientId) { Lifetime = TimeSpan.FromHours(12) };

    public static Client Client { get; } = new()
    {
        TenantId = TokenIssuer.TenantId,
        ClientId = ClientId,
        DisplayName = "Benchmark",
        Owner = "bench@example.com",
        Purpose = "Measuring",
        ModelId = "bench-model-1",
        State = ClientState.Active,
        ExpiresAt = Never,
    };

    public static Grant Grant { get; } = new()
    {
        GrantId = "grant-bench",
        ClientId = ClientId,
        Server = Server,
        Tools = ["echo-*"],
        ExpiresAt = Never,
        Justification = "Measuring",
        Approver = "bench@example.com",
    };

    public static CatalogueVersion Catalogue(Uri upstream) => new()
    {
        Number = 1,
        Upstreams = [new Upstream { Name = Upstream, Url = upstream, AllowPrivateNetwork = true }],
        Tools = [Contract(AuditMode.Async), Contract(AuditMode.Outcome), Contract(AuditMode.Strict)],
        Servers = [new VirtualServer { Name = Server, Tools = [new FeatureSelection { Upstream = Upstream, Names = ["*"] }] }],
    };

    public static async Task PublishAsync(Uri upstream, IAccessStore access, ICatalogueStore catalogues, CancellationToken ct)
    {
        await access.SaveClientAsync(Client, ct);
        await access.SaveGrantAsync(Grant, ct);
        _ = await catalogues.PublishAsync(Catalogue(upstream), expectedActive: 0, ct) ?? throw new InvalidOperationException("The catalogue was published already.");
        await access.BumpEpochAsync(ct);
    }

    private static ToolContract Contract(AuditMode mode)
    {
        var name = mode switch { AuditMode.Async => "echo-async", AuditMode.Outcome => "echo-outcome", _ => "echo-strict" };
        using var definition = JsonDocument.Parse($$"""
            {
              "name": "{{name}}",
              "description": "Says the message again.",
              "inputSchema": {
                "type": "object",
                "properties": { "message": { "type": "string", "maxLength": 4000, "description": "What to say." } },
                "required": ["message"],
                "additionalProperties": false
              },
              "outputSchema": {
                "type": "object",
                "properties": { "message": { "type": "string" }, "length": { "type": "integer", "minimum": 0 } },
                "required": ["message", "length"],
                "additionalProperties": false
              },
              "annotations": { "readOnlyHint": true }
            }
            """);
        var tool = definition.RootElement.Clone();
        return new ToolContract
        {
            Upstream = Upstream,
            Name = name,
            Definition = tool,
            Hash = CanonicalJson.Hash(tool),
            Version = "1.0.0",
            Team = "bench",
            Audit = mode,
        };
    }
}
