using McpServerless.OpenApi;

namespace McpServerless.Catalogue.Files;

/// <summary>Whether contracts say how they are called exactly where their upstream is an HTTP API, and whether that holds together.</summary>
internal static class HttpChecks
{
    public static void Check(FileSet set, List<CatalogueFinding> findings)
    {
        var protocols = set.Upstreams.DistinctBy(u => u.Item.Name, StringComparer.Ordinal).ToDictionary(u => u.Item.Name, u => u.Item.Protocol, StringComparer.Ordinal);
        foreach (var (file, tool) in set.Tools)
        {
            // An upstream that no file describes is reported as such.
            if (protocols.TryGetValue(tool.Upstream, out var protocol))
            {
                if (protocol == UpstreamProtocol.Rest && tool.Http is null)
                    findings.Add(file.Finding(FindingRule.HttpBindingMissing, "", $"has no member http, and the upstream '{tool.Upstream}' speaks REST; import it again, or remove protocol: rest"));
                if (protocol == UpstreamProtocol.Mcp && tool.Http is not null)
                    findings.Add(file.Finding(FindingRule.HttpBindingUnexpected, "/http", $"has no meaning: the upstream '{tool.Upstream}' speaks MCP; write protocol: rest into its file if it does not"));
            }

            if (tool.Http is not { } http) continue;
            foreach (var (pointer, message) in HttpBindingChecks.Check(HttpBinding.Read(http), tool.Definition.GetProperty("inputSchema")))
                findings.Add(file.Finding(FindingRule.HttpBindingInvalid, "/http" + pointer, message));
        }
    }
}
