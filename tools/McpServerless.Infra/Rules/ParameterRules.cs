using System.Text.Json;
using McpServerless.Infra.Bicep;

namespace McpServerless.Infra.Rules;

/// <summary><c>main.parameters.json</c> against main.bicep: azd stops or asks where the two differ.</summary>
internal static class ParameterRules
{
    private static readonly string[] GivenByAzd = ["AZURE_ENV_NAME", "AZURE_LOCATION", "AZURE_PRINCIPAL_ID", "AZURE_PRINCIPAL_TYPE", "AZURE_SUBSCRIPTION_ID", "AZURE_TENANT_ID", "AZURE_RESOURCE_GROUP"];

    /// <summary>Those that only whoever edits the file gives.</summary>
    private static readonly string[] NotFromEnvironment = ["moreSettings"];

    public static IEnumerable<Finding> Check(InfraWorkspace workspace, JsonElement main)
    {
        var declared = main.GetProperty("parameters");
        using var file = JsonDocument.Parse(workspace.Read(Deployments.ParametersFile));
        var given = file.RootElement.GetProperty("parameters");
        foreach (var parameter in given.EnumerateObject())
        {
            if (!declared.TryGetProperty(parameter.Name, out var declaration))
            {
                yield return Wrong($"'{parameter.Name}' is not a parameter of main.bicep.");
                continue;
            }

            var value = AzureResource.AsText(parameter.Value.GetProperty("value")) ?? "";
            var type = declaration.GetProperty("type").GetString() ?? "";
            var variables = Deployments.Variable.Matches(value);
            // azd puts an empty text where a variable is not set, which is no number and neither true nor false.
            if (!type.Equals("string", StringComparison.OrdinalIgnoreCase) && variables.Any(variable => !variable.Groups[2].Success))
                yield return Wrong($"'{parameter.Name}' is {type} and needs a default: ${{NAME=default}}.");
            foreach (var variable in variables.Select(match => match.Groups[1].Value))
            {
                if (!GivenByAzd.Contains(variable) && !variable.StartsWith("MCP_", StringComparison.Ordinal) && variable != "GATEWAY_CLIENT_ID")
                    yield return Wrong($"'{parameter.Name}' reads {variable}, which neither azd sets nor begins with MCP_.");
            }
        }

        foreach (var parameter in declared.EnumerateObject().Where(parameter => !given.TryGetProperty(parameter.Name, out _)))
        {
            if (!NotFromEnvironment.Contains(parameter.Name)) yield return Wrong($"parameter '{parameter.Name}' of main.bicep is not here, so nobody can set it with azd env set.");
        }
    }

    private static Finding Wrong(string message) => new(Deployments.ParametersFile, "parameters-file", message);
}
