using System.Xml;
using McpServerless.Infra.Bicep;
using McpServerless.Infra.Queries;

namespace McpServerless.Infra.Rules;

/// <summary>Alerts that would not be made, would not fire, or would tell nobody.</summary>
internal static class AlertRules
{
    private const string Folder = "infra/queries/alerts";

    public static IEnumerable<Finding> Check(Deployment deployment)
    {
        foreach (var alert in deployment.OfType("Microsoft.Insights/scheduledQueryRules"))
        {
            if (alert.At("properties/skipQueryValidation") != "true")
                yield return deployment.Finding(alert, "alert-validation", "skipQueryValidation must be true: at the first deployment the table has no rows, and the rule would not be made.");
            if (alert.At("properties/enabled") != "true") yield return deployment.Finding(alert, "alert-off", "is not enabled.");
            if (!alert.Elements("properties/actions/actionGroups").Any()) yield return deployment.Finding(alert, "alert-silent", "tells nobody: it has no action group.");
            if (!alert.Elements("properties/scopes").Any()) yield return deployment.Finding(alert, "alert-scope", "has no scope.");
            var (every, window) = (Duration(alert.At("properties/evaluationFrequency")), Duration(alert.At("properties/windowSize")));
            if (every is null || window is null) yield return deployment.Finding(alert, "alert-window", "evaluationFrequency and windowSize must be durations such as PT5M.");
            else if (every > window) yield return deployment.Finding(alert, "alert-window", $"looks at {window} every {every}: what happens between is never seen.");
            else if (window > TimeSpan.FromDays(2)) yield return deployment.Finding(alert, "alert-window", "the window can be two days at most.");
            if (every >= TimeSpan.FromDays(1) && alert.At("properties/autoMitigate") == "true")
                yield return deployment.Finding(alert, "alert-mitigate", "a rule that is evaluated once a day cannot resolve itself.");
            if (alert.Elements("properties/criteria/allOf").Count() != 1) yield return deployment.Finding(alert, "alert-criteria", "must have one criterion.");
        }
    }

    /// <summary>Every query as the rule has it, with the columns by which it splits.</summary>
    public static void AddQueries(Deployment deployment, QuerySet queries)
    {
        foreach (var alert in deployment.OfType("Microsoft.Insights/scheduledQueryRules"))
        {
            var text = alert.At("properties/criteria/allOf/0/query") ?? "";
            var dimensions = alert.Elements("properties/criteria/allOf/0/dimensions").Select(dimension => dimension.GetProperty("name").GetString() ?? "").ToArray();
            queries.Add(new Query(FileOf(queries.Workspace, text) ?? $"{deployment.Name}: {alert.Name}", 1, text) { NeededColumns = dimensions });
        }

        foreach (var file in queries.Workspace.FilesBelow(Folder, "*.kql"))
        {
            if (!queries.Files.Contains(file)) queries.Wrong(new Finding(file, "alert-unused", "no alert asks this."));
        }
    }

    private static string? FileOf(InfraWorkspace workspace, string text) =>
        workspace.FilesBelow(Folder, "*.kql").FirstOrDefault(file => workspace.Read(file) == text);

    private static TimeSpan? Duration(string? text)
    {
        try
        {
            return text is null ? null : XmlConvert.ToTimeSpan(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
