using System.Text.Json;
using McpServerless.Audit;
using McpServerless.Catalogue;
using McpServerless.Upstreams;
using McpServerless.Upstreams.Credentials;

namespace McpServerless.Contracts.Importing;

/// <summary>Reads what an MCP server says of its tools now.</summary>
public sealed class LiveUpstream(ICredentialSource credentials, TimeProvider time) : IDisposable
{
    private readonly UpstreamHttp _http = new(credentials, time);

    /// <exception cref="UpstreamUnreadableException">The upstream is no MCP server, could not be reached, or did not answer as MCP has it.</exception>
    public async Task<IReadOnlyList<ToolContract>> ReadAsync(Upstream upstream, CancellationToken ct)
    {
        if (upstream.Protocol != UpstreamProtocol.Mcp) throw new UpstreamUnreadableException($"upstream {upstream.Name} is an HTTP API, which does not list tools; mcpgov import openapi reads its document");
        var client = new UpstreamClient(upstream, _http.For(upstream), time);
        if (!(await client.ListToolsAsync(ct)).Succeeded(out var tools, out var refusal)) throw new UpstreamUnreadableException($"upstream {upstream.Name}: {refusal.OperatorNote ?? refusal.Detail}");
        return Read(upstream.Name, tools);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Definitions as contracts that nobody owns yet. What has no name or is there twice is not one that can be called, and is an error of the server.</summary>
    internal static IReadOnlyList<ToolContract> Read(string upstream, IReadOnlyList<JsonElement> tools)
    {
        var contracts = new SortedDictionary<string, ToolContract>(StringComparer.Ordinal);
        foreach (var tool in tools)
        {
            if (tool.ValueKind != JsonValueKind.Object || !tool.TryGetProperty("name", out var name) || name.ValueKind != JsonValueKind.String)
                throw new UpstreamUnreadableException($"upstream {upstream}: lists a tool without a name");
            var contract = new ToolContract
            {
                Upstream = upstream,
                Name = name.GetString()!,
                Definition = tool,
                Hash = CanonicalJson.Hash(tool),
                Version = "0",
                Team = "",
            };
            if (!contracts.TryAdd(contract.Name, contract)) throw new UpstreamUnreadableException($"upstream {upstream}: lists the tool {contract.Name} twice");
        }

        return [.. contracts.Values];
    }
}

/// <summary>An upstream's definitions could not be read.</summary>
public sealed class UpstreamUnreadableException(string message) : Exception(message);
