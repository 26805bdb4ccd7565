using System.Text.Json;
using System.Text.RegularExpressions;

namespace McpServerless.Infra.Rules;

/// <summary>Rules about the compiled template, modules included.</summary>
internal static partial class TemplateRules
{
    /// <summary>Outputs that sound like a secret and are none.</summary>
    private static readonly string[] NoSecrets = ["connectionString"];

    public static IEnumerable<Finding> Check(JsonElement main)
    {
        foreach (var template in InfraCheck.Templates(main))
        {
            foreach (var finding in Outputs(template)) yield return finding;
            foreach (var finding in Versions(template)) yield return finding;
        }

        foreach (Match match in ListCall.Matches(main.GetRawText()))
            yield return new Finding("infra/main.bicep", "keys-read", $"{match.Groups[1].Value}() hands out a key. Everything here is reached with an identity.");
    }

    private static IEnumerable<Finding> Outputs(JsonElement template)
    {
        if (!template.TryGetProperty("outputs", out var outputs)) yield break;
        foreach (var output in outputs.EnumerateObject())
        {
            if (SecretName.IsMatch(output.Name) && !NoSecrets.Contains(output.Name))
                yield return new Finding("infra", "secret-output", $"output {output.Name} sounds like a secret. Deployments keep their outputs, and azd writes them to a file.");
        }
    }

    /// <summary>The compiler knows which versions there are. A preview can change under a deployment that worked.</summary>
    private static IEnumerable<Finding> Versions(JsonElement template)
    {
        foreach (var resource in InfraCheck.ResourcesOf(template))
        {
            if (resource.TryGetProperty("apiVersion", out var version) && version.GetString() is { } text && text.EndsWith("-preview", StringComparison.OrdinalIgnoreCase))
                yield return new Finding("infra", "preview-version", $"{resource.GetProperty("type").GetString()} is used at {text}. Use a version that is not a preview.");
        }
    }

    [GeneratedRegex(@"\b(list(?:Keys|AccountSas|ServiceSas|Secrets|ConnectionStrings|CredentialsV2|\w*Keys))\(", RegexOptions.IgnoreCase)]
    private static partial Regex ListCall { get; }

    [GeneratedRegex("(secret|password|key|sas|token|connectionstring)s?$", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName { get; }
}
