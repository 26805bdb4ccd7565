using System.Text.Json;
using McpServerless.Infra.Bicep;
using McpServerless.Infra.Queries;

namespace McpServerless.Infra.Rules;

/// <summary>The table of audit records, the rule that feeds it and the function that reads it: one set of columns in all of them.</summary>
internal static class AuditTableRules
{
    private const string Table = "McpAudit_CL";
    private const string Stream = "Custom-McpAudit_CL";

    /// <summary>Columns that the service itself has in every table, so that a table of one's own cannot (Azure Monitor, "Standard columns").</summary>
    private static readonly string[] Reserved = ["TenantId", "Type", "_ResourceId", "_IsBillable", "_BilledSize", "_SubscriptionId", "SourceSystem", "MG", "ManagementGroupName", "Id", "UniqueId", "Title"];

    private static readonly string[] Types = ["string", "int", "long", "real", "boolean", "datetime", "dynamic"];

    public static IEnumerable<Finding> Check(InfraWorkspace workspace, Deployment deployment)
    {
        var wanted = AuditColumns.Read(workspace);
        if (!wanted.TryGetValue("TimeGenerated", out var time) || time != "datetime") yield return new Finding(AuditColumns.File, "audit-columns", "TimeGenerated must be a datetime.");
        foreach (var (name, type) in wanted)
        {
            if (Reserved.Contains(name, StringComparer.OrdinalIgnoreCase)) yield return new Finding(AuditColumns.File, "audit-columns", $"{name} is a column of the service's own.");
            if (!Types.Contains(type)) yield return new Finding(AuditColumns.File, "audit-columns", $"{name}: a column cannot be of type {type}.");
        }

        foreach (var table in deployment.OfType("Microsoft.OperationalInsights/workspaces/tables"))
        {
            if (!Same(wanted, table.Element("properties/schema/columns"))) yield return deployment.Finding(table, "audit-columns", $"the table's columns are not those of {AuditColumns.File}.");
            if (!table.Name.EndsWith("_CL", StringComparison.Ordinal)) yield return deployment.Finding(table, "audit-table", "the name of a table of one's own ends with _CL.");
            if (table.At("properties/schema/name") != Table) yield return deployment.Finding(table, "audit-table", $"schema/name must be {Table}.");
            if (int.Parse(table.At("properties/totalRetentionInDays") ?? "0", null) < int.Parse(table.At("properties/retentionInDays") ?? "0", null))
                yield return deployment.Finding(table, "audit-retention", "totalRetentionInDays is shorter than retentionInDays.");
        }

        foreach (var rule in deployment.OfType("Microsoft.Insights/dataCollectionRules"))
        {
            if (rule.At("kind") != "Direct") yield return deployment.Finding(rule, "audit-rule", "kind must be Direct, so that the rule has an endpoint of its own.");
            if (!Same(wanted, rule.Element($"properties/streamDeclarations/{Stream}/columns"))) yield return deployment.Finding(rule, "audit-columns", $"the stream's columns are not those of {AuditColumns.File}.");
            if (rule.At("properties/dataFlows/0/outputStream") != Stream) yield return deployment.Finding(rule, "audit-rule", $"outputStream must be {Stream}.");
            if (rule.At("properties/dataFlows/0/streams/0") != Stream) yield return deployment.Finding(rule, "audit-rule", $"streams must have {Stream}.");
            if (rule.At("properties/dataFlows/0/destinations/0") != rule.At("properties/destinations/logAnalytics/0/name")) yield return deployment.Finding(rule, "audit-rule", "the flow leads to a destination that is not declared.");
        }
    }

    public static void AddQueries(InfraWorkspace workspace, IReadOnlyList<Deployment> deployments, QuerySet queries)
    {
        if (deployments.Count == 0) return;
        var rule = deployments[0].OfType("Microsoft.Insights/dataCollectionRules").FirstOrDefault();
        if (rule?.At("properties/dataFlows/0/transformKql") is { } transform)
            queries.Add(new Query("infra/modules/audit-table.bicep", 1, transform) { Named = "transformKql", NeededColumns = [.. AuditColumns.Read(workspace).Keys] });
        var parser = deployments[0].OfType("Microsoft.OperationalInsights/workspaces/savedSearches").FirstOrDefault();
        if (parser is null) return;
        // The function's parameter, as its definition says, in front of its text and on the same line.
        var isDeclared = parser.At("properties/functionParameters") == "disabled:bool=False";
        queries.Add(new Query("infra/queries/asim-agent-event.kql", 1, (isDeclared ? "let disabled = false; " : "") + parser.At("properties/query"))
        {
            AllowedColumns = AuditColumns.AgentEvent,
        });
    }

    private static bool Same(IReadOnlyDictionary<string, string> wanted, JsonElement? columns) =>
        columns is { ValueKind: JsonValueKind.Array } array
        && array.EnumerateArray().Select(column => $"{column.GetProperty("name").GetString()} {column.GetProperty("type").GetString()}")
            .SequenceEqual(wanted.Select(column => $"{column.Key} {column.Value}"), StringComparer.OrdinalIgnoreCase);
}
