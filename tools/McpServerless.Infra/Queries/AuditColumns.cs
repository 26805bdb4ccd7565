using System.Text.Json;

namespace McpServerless.Infra.Queries;

/// <summary>The columns that queries may name.</summary>
internal static class AuditColumns
{
    public const string File = "schemas/mcp-audit-table.json";

    public static IReadOnlyDictionary<string, string> Read(InfraWorkspace workspace)
    {
        using var file = JsonDocument.Parse(workspace.Read(File));
        var columns = new OrderedDictionary<string, string>();
        foreach (var column in file.RootElement.EnumerateArray()) columns[column.GetProperty("name").GetString() ?? ""] = column.GetProperty("type").GetString() ?? "";
        return columns;
    }

    /// <summary>All tables, in Kusto's names of types.</summary>
    public static Dictionary<string, Dictionary<string, string>> Tables(InfraWorkspace workspace)
    {
        using var known = JsonDocument.Parse(Resources.Read("azure-monitor-tables.json"));
        var everywhere = Columns(known.RootElement.GetProperty("everyTable"));
        var tables = known.RootElement.GetProperty("tables").EnumerateObject().ToDictionary(table => table.Name, table => With(everywhere, Columns(table.Value)));
        var audit = Read(workspace).ToDictionary(column => column.Key, column => column.Value == "boolean" ? "bool" : column.Value);
        tables["McpAudit_CL"] = With(everywhere, audit);
        // What a rule's transformation reads: the stream, without what the service adds later.
        tables["source"] = audit;
        return tables;
    }

    /// <summary>ASIM Agent Event 0.1.0.</summary>
    public static IReadOnlyList<string> AgentEvent
    {
        get
        {
            using var known = JsonDocument.Parse(Resources.Read("azure-monitor-tables.json"));
            return [.. known.RootElement.GetProperty("asimAgentEvent").EnumerateArray().Select(column => column.GetString() ?? "")];
        }
    }

    private static Dictionary<string, string> Columns(JsonElement table) =>
        table.EnumerateObject().ToDictionary(column => column.Name, column => column.Value.GetString() ?? "");

    private static Dictionary<string, string> With(Dictionary<string, string> some, Dictionary<string, string> more)
    {
        var all = new Dictionary<string, string>(some);
        foreach (var (name, type) in more) all[name] = type;
        return all;
    }
}
