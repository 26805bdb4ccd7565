using System.Text.Json;
using McpServerless.Access;
using McpServerless.Audit;
using McpServerless.Benchmarks.Hosts;
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
        Tools = ["echo-*", "*-async"],
        ExpiresAt = Never,
        Justification = "Measuring",
        Approver = "bench@example.com",
    };

    /// <summary>The virtual server whose list has so many tools.</summary>
    public static string ListServer(int tools) => $"list-{tools}";

    /// <param name="upstream">The upstream's address.</param>
    /// <param name="lists">Sizes of lists; each gets a virtual server of its own.</param>
    public static CatalogueVersion Catalogue(Uri upstream, IReadOnlyList<int> lists) => new()
    {
        Number = 1,
        // The streams case holds a thousand calls for longer than the defaults allow.
        Upstreams =
        [
            new Upstream { Name = Upstream, Url = upstream, AllowPrivateNetwork = true, TimeoutSeconds = 200, MaxConcurrentCalls = 2000 },
            .. lists.Select(size => new Upstream { Name = ListServer(size), Url = upstream, AllowPrivateNetwork = true }),
        ],
        Tools =
        [
            Echo(AuditMode.Async), Echo(AuditMode.Outcome), Echo(AuditMode.Strict), Streamed("stream-async"), Streamed(HeldStreams.HoldTool), Streamed(HeldStreams.PourTool),
            .. lists.SelectMany(size => Enumerable.Range(0, size).Select(i => Contract(ListServer(size), ToolPages.Name(i), AuditMode.Default, ToolPages.Definition(i)))),
        ],
        Servers =
        [
            new VirtualServer { Name = Server, Tools = [new FeatureSelection { Upstream = Upstream, Names = ["*"] }] },
            .. lists.Select(size => new VirtualServer { Name = ListServer(size), Tools = [new FeatureSelection { Upstream = ListServer(size), Names = ["*"] }] }),
        ],
    };

    public static async Task PublishAsync(Uri upstream, IReadOnlyList<int> lists, IAccessStore access, ICatalogueStore catalogues, CancellationToken ct)
    {
        await access.SaveClientAsync(Client, ct);
        await access.SaveGrantAsync(Grant, ct);
        foreach (var limited in LimitedClient.All)
        {
            await access.SaveClientAsync(Client with { ClientId = limited.ClientId, Budgets = limited.OfClient }, ct);
            await access.SaveGrantAsync(Grant with { GrantId = "grant-limited", ClientId = limited.ClientId, Budgets = limited.OfGrant }, ct);
        }

        foreach (var size in lists) await access.SaveGrantAsync(Grant with { GrantId = $"grant-{size}", Server = ListServer(size), Tools = ["tool-*"] }, ct);
        _ = await catalogues.PublishAsync(Catalogue(upstream, lists), expectedActive: 0, ct) ?? throw new InvalidOperationException("The catalogue was published already.");
        await access.BumpEpochAsync(ct);
    }

    private static ToolContract Echo(AuditMode mode)
    {
        var name = mode switch { AuditMode.Async => "echo-async", AuditMode.Outcome => "echo-outcome", _ => "echo-strict" };
        return Contract(Upstream, name, mode, $$"""
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
    }

    private static ToolContract Streamed(string name) => Contract(Upstream, name, AuditMode.Async, $$"""
        {
          "name": "{{name}}",
          "description": "Tells of its progress.",
          "inputSchema": { "type": "object", "properties": { "count": { "type": "integer", "minimum": 1 } }, "additionalProperties": false },
          "annotations": { "readOnlyHint": true }
        }
        """);

    private static ToolContract Contract(string upstream, string name, AuditMode mode, string definition)
    {
        using var document = JsonDocument.Parse(definition);
        var tool = document.RootElement.Clone();
        return new ToolContract
        {
            Upstream = upstream,
            Name = name,
            Definition = tool,
            Hash = CanonicalJson.Hash(tool),
            Version = "1.0.0",
            Team = "bench",
            Audit = mode,
        };
    }
}
