using System.Text.Json;
using YamlDotNet.RepresentationModel;

namespace McpServerless.Infra.Rules;

/// <summary>azure.yaml, the hooks and host.json: what azd and the Functions host read before anything is made.</summary>
internal static class ProjectRules
{
    private const string File = "azure.yaml";

    public static IEnumerable<Finding> Check(InfraWorkspace workspace)
    {
        List<Finding> findings = [];
        var stream = new YamlStream();
        try
        {
            using var reader = new StringReader(workspace.Read(File));
            stream.Load(reader);
        }
        catch (YamlDotNet.Core.YamlException wrong)
        {
            return [new Finding($"{File}:{wrong.Start.Line}", "azure-yaml", wrong.Message)];
        }

        var root = stream.Documents[0].RootNode;
        if (Text(root, "infra", "path") != "infra" || Text(root, "infra", "provider") != "bicep") Wrong("infra must be bicep, in the folder infra.");
        if (Text(root, "services", "gateway", "host") != "function") Wrong("services.gateway.host must be function.");
        if (Text(root, "services", "gateway", "language") != "dotnet") Wrong("services.gateway.language must be dotnet.");
        var project = Text(root, "services", "gateway", "project");
        if (project is null || !Directory.Exists(Testing.RepositoryRoot.Combine(project))) Wrong($"services.gateway.project: there is no folder {project}.");
        Hooks(workspace, root, findings);
        Host(workspace, findings);
        return findings;

        void Wrong(string message) => findings.Add(new Finding(File, "azure-yaml", message));
    }

    private static void Hooks(InfraWorkspace workspace, YamlNode root, List<Finding> findings)
    {
        if (At(root, "hooks") is not YamlMappingNode hooks)
        {
            findings.Add(new Finding(File, "hooks", "there are no hooks."));
            return;
        }

        foreach (var (name, hook) in hooks.Children)
        {
            foreach (var (platform, shell, ending) in (ReadOnlySpan<(string, string, string)>)[("posix", "sh", ".sh"), ("windows", "pwsh", ".ps1")])
            {
                var run = Text(hook, platform, "run");
                if (run is null) findings.Add(new Finding(File, "hooks", $"{name} has nothing to run on {platform}."));
                else if (!workspace.Has(run)) findings.Add(new Finding(File, "hooks", $"{name} runs {run}, which is not there."));
                else if (!run.EndsWith(ending, StringComparison.Ordinal)) findings.Add(new Finding(File, "hooks", $"{name} on {platform} runs {run}, not a {ending} file."));
                if (Text(hook, platform, "shell") != shell) findings.Add(new Finding(File, "hooks", $"{name} on {platform}: shell must be {shell}."));
            }
        }

        foreach (var script in workspace.FilesBelow("infra/hooks", "*.sh"))
        {
            if (!workspace.Has(Path.ChangeExtension(script, ".ps1"))) findings.Add(new Finding(script, "hooks", "has no counterpart for Windows."));
            if (workspace.Read(script).Contains('\r', StringComparison.Ordinal)) findings.Add(new Finding(script, "hooks", "has Windows line ends, which sh does not take."));
        }
    }

    private static void Host(InfraWorkspace workspace, List<Finding> findings)
    {
        using var host = JsonDocument.Parse(workspace.Read("host.json"));
        var http = host.RootElement.GetProperty("extensions").GetProperty("http");
        if (http.GetProperty("routePrefix").GetString() != "") findings.Add(new Finding("host.json", "route-prefix", "routePrefix must be empty: /.well-known and /servers stand at the top."));
        if (!host.RootElement.TryGetProperty("telemetryMode", out var mode) || !"OpenTelemetry".Equals(mode.GetString(), StringComparison.OrdinalIgnoreCase))
            findings.Add(new Finding("host.json", "telemetry-mode", "telemetryMode must be OpenTelemetry: otherwise the host writes telemetry of its own beside the app's."));
    }

    private static YamlNode? At(YamlNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var part in path) node = node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(part), out var child) ? child : null;
        return node;
    }

    private static string? Text(YamlNode? node, params ReadOnlySpan<string> path) => (At(node, path) as YamlScalarNode)?.Value;
}
