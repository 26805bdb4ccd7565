using System.Collections;

namespace McpServerless.Testing;

/// <summary>For <see cref="ChildProcessStart.Environment"/>: takes away every variable that a program can do without.</summary>
internal static class BareEnvironment
{
    private static readonly string[] Kept = ["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SystemRoot", "USERPROFILE", "LANG"];

    public static Dictionary<string, string?> With(string name, string value)
    {
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(variable => (string)variable.Key)
            .Where(variable => !Kept.Contains(variable, StringComparer.OrdinalIgnoreCase))
            .ToDictionary(variable => variable, _ => (string?)null);
        variables[name] = value;
        return variables;
    }
}
