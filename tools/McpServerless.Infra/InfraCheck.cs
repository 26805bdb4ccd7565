using System.Text.Json;
using McpServerless.Infra.Bicep;
using McpServerless.Infra.Queries;
using McpServerless.Infra.Rules;

namespace McpServerless.Infra;

/// <summary>What the checks found, and what was looked at.</summary>
public sealed record InfraResult(IReadOnlyList<Finding> Findings, IReadOnlyList<Deployment> Deployments, int BicepFiles, int Queries);

/// <summary><c>dotnet run dev.cs check infra</c>: compiles, works out what would be deployed, holds that to the rules, and binds every query.</summary>
public static class InfraCheck
{
    public static async Task<InfraResult> RunAsync(InfraWorkspace workspace, BicepCompiler compiler, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        findings.AddRange(ProjectRules.Check(workspace));
        await GraphTypes.GiveAsync(workspace, compiler.Program, cancellationToken);
        var files = workspace.FilesBelow("infra", "*.bicep");
        var (diagnostics, template) = await compiler.CompileAsync(workspace.Combine("infra", "main.bicep"), cancellationToken);
        findings.AddRange(diagnostics.Select(diagnostic => Said(workspace, diagnostic)));
        findings.AddRange(await UnusedModulesAsync(workspace, compiler, files, cancellationToken));

        IReadOnlyList<Deployment> deployments = [];
        if (template is not null)
        {
            using (template)
            {
                findings.AddRange(TemplateRules.Check(template.RootElement));
                findings.AddRange(ParameterRules.Check(workspace, template.RootElement));
                var types = template.RootElement.GetProperty("parameters").EnumerateObject()
                    .ToDictionary(parameter => parameter.Name, parameter => parameter.Value.GetProperty("type").GetString() ?? "");
                if (!findings.Exists(finding => finding.Where == Deployments.ParametersFile))
                    deployments = await Deployments.PredictAsync(workspace, compiler, types, findings, cancellationToken);
            }
        }

        foreach (var deployment in deployments)
        {
            findings.AddRange(ResourceRules.Check(deployment));
            findings.AddRange(RoleRules.Check(deployment));
            findings.AddRange(EntraRules.Check(deployment));
            findings.AddRange(NetworkRules.Check(deployment));
            findings.AddRange(AppRules.Check(deployment));
            findings.AddRange(AlertRules.Check(deployment));
            findings.AddRange(AuditTableRules.Check(workspace, deployment));
        }

        if (deployments.Count > 0) findings.AddRange(EntraRules.CheckByHand(workspace, deployments[0]));
        var queries = new QuerySet(workspace);
        findings.AddRange(WorkbookRules.Check(workspace, queries));
        if (deployments.Count > 0) AlertRules.AddQueries(deployments[0], queries);
        AuditTableRules.AddQueries(workspace, deployments, queries);
        DocumentQueries.Add(workspace, queries);
        findings.AddRange(await queries.BindAsync(cancellationToken));
        return new InfraResult([.. findings.Distinct()], deployments, files.Count, queries.Count);
    }

    /// <summary>A module that nothing uses is not compiled with the rest, and would be stale without anyone noticing.</summary>
    private static async Task<IEnumerable<Finding>> UnusedModulesAsync(InfraWorkspace workspace, BicepCompiler compiler, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        var sources = files.ToDictionary(file => file, workspace.Read);
        foreach (var file in files.Where(file => file != "infra/main.bicep"))
        {
            var name = Path.GetFileName(file);
            if (sources.Any(source => source.Key != file && source.Value.Contains(name, StringComparison.Ordinal))) continue;
            findings.Add(new Finding(file, "unused-module", "no other file uses this module."));
            var (diagnostics, template) = await compiler.CompileAsync(workspace.Combine(file), cancellationToken);
            template?.Dispose();
            findings.AddRange(diagnostics.Select(diagnostic => Said(workspace, diagnostic)));
        }

        return findings;
    }

    private static Finding Said(InfraWorkspace workspace, BicepDiagnostic diagnostic)
    {
        var file = diagnostic.File.Length == 0 ? "infra" : workspace.Relative(new Uri(diagnostic.File).LocalPath);
        return new Finding($"{file}:{diagnostic.Line}", diagnostic.Code, diagnostic.Message);
    }

    internal static IEnumerable<JsonElement> Templates(JsonElement template)
    {
        yield return template;
        foreach (var resource in ResourcesOf(template))
        {
            if (!resource.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object || !properties.TryGetProperty("template", out var nested)) continue;
            foreach (var inner in Templates(nested)) yield return inner;
        }
    }

    internal static IEnumerable<JsonElement> ResourcesOf(JsonElement template) => !template.TryGetProperty("resources", out var resources)
        ? []
        : resources.ValueKind == JsonValueKind.Array ? resources.EnumerateArray() : resources.EnumerateObject().Select(resource => resource.Value);
}
