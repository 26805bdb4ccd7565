using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace McpServerless.Infra.Bicep;

/// <summary>The deployments that are looked at: the defaults, and what people change most. Parameters come from <c>main.parameters.json</c>, as azd fills it.</summary>
internal static partial class Deployments
{
    private const string SomeId = "33333333-3333-3333-3333-333333333333";

    private static readonly (string Name, Dictionary<string, string> Environment)[] Sets =
    [
        ("defaults", new() { ["AZURE_PRINCIPAL_ID"] = SomeId }),
        ("private network", new()
        {
            ["AZURE_PRINCIPAL_ID"] = SomeId, ["MCP_PRIVATE_NETWORK"] = "true", ["MCP_ALWAYS_READY"] = "2", ["MCP_MONTHLY_BUDGET"] = "100",
            ["MCP_ALERT_EMAILS"] = "oncall@contoso.example, owner@contoso.example", ["MCP_ALERT_WEBHOOK"] = "https://hooks.contoso.example/mcp",
            ["MCP_PUBLIC_BASE_URL"] = "https://mcp.contoso.example",
        }),
        ("own app registration", new() { ["MCP_DEPLOY_ENTRA"] = "false", ["GATEWAY_CLIENT_ID"] = SomeId }),
    ];

    public const string ParametersFile = "infra/main.parameters.json";

    /// <param name="workspace">Where the files are.</param>
    /// <param name="compiler">Works the expressions out.</param>
    /// <param name="parameterTypes">Types of main.bicep's parameters.</param>
    /// <param name="findings">Takes what is wrong with a set.</param>
    public static async Task<IReadOnlyList<Deployment>> PredictAsync(
        InfraWorkspace workspace, BicepCompiler compiler, IReadOnlyDictionary<string, string> parameterTypes, List<Finding> findings, CancellationToken cancellationToken)
    {
        List<Deployment> deployments = [];
        foreach (var (name, environment) in Sets)
        {
            environment["AZURE_ENV_NAME"] = "check";
            environment["AZURE_LOCATION"] = "westeurope";
            workspace.Write("infra/check.bicepparam", ParametersOf(workspace, environment, parameterTypes));
            try
            {
                using var snapshot = await compiler.PredictAsync(workspace.Combine("infra", "check.bicepparam"), cancellationToken);
                var resources = snapshot.RootElement.GetProperty("predictedResources").EnumerateArray().Select(resource => AzureResource.Read(resource.Clone())).ToArray();
                deployments.Add(new Deployment(name, environment.GetValueOrDefault("MCP_PRIVATE_NETWORK") == "true", environment.GetValueOrDefault("MCP_DEPLOY_ENTRA") != "false", resources));
                foreach (var diagnostic in snapshot.RootElement.GetProperty("diagnostics").EnumerateArray())
                    findings.Add(new Finding(name, "deployment", AzureResource.AsText(diagnostic) ?? ""));
            }
            catch (InvalidOperationException wrong)
            {
                findings.Add(new Finding(ParametersFile, "deployment", $"{name}: {wrong.Message}"));
            }
            finally
            {
                workspace.Delete("infra/check.bicepparam");
            }
        }

        return deployments;
    }

    private static string ParametersOf(InfraWorkspace workspace, Dictionary<string, string> environment, IReadOnlyDictionary<string, string> types)
    {
        using var file = JsonDocument.Parse(workspace.Read(ParametersFile));
        var text = new StringBuilder("using './main.bicep'\n");
        foreach (var parameter in file.RootElement.GetProperty("parameters").EnumerateObject())
        {
            var value = Fill(AzureResource.AsText(parameter.Value.GetProperty("value")) ?? "", environment);
            var isText = !types.TryGetValue(parameter.Name, out var type) || type.Equals("string", StringComparison.OrdinalIgnoreCase);
            text.Append(CultureInfo.InvariantCulture, $"param {parameter.Name} = {(isText ? $"'{value.Replace("'", "\\'", StringComparison.Ordinal)}'" : value)}\n");
        }

        return text.ToString();
    }

    private static string Fill(string value, Dictionary<string, string> environment) =>
        Variable.Replace(value, match => environment.TryGetValue(match.Groups[1].Value, out var given) ? given : match.Groups[2].Value);

    /// <summary>As azd writes them: <c>${NAME}</c>, or <c>${NAME=default}</c>.</summary>
    [GeneratedRegex(@"\$\{([A-Z0-9_]+)(?:=([^}]*))?\}")]
    internal static partial Regex Variable { get; }
}
