using System.Text.Json;

namespace FunctionsRuntime.Startup;

/// <summary>Puts the <c>Values</c> of <c>local.settings.json</c> into the environment, as Core Tools does before it starts an app.</summary>
internal static class LocalSettings
{
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads the file beside the app, else the one in the current folder. A variable that is set already stays as it is.</summary>
    public static void Apply(params IEnumerable<string> folders)
    {
        var file = folders.Select(f => Path.Combine(f, "local.settings.json")).FirstOrDefault(File.Exists);
        if (file is null) return;
        using var settings = JsonDocument.Parse(File.ReadAllBytes(file), Lenient);
        if (!settings.RootElement.TryGetProperty("Values", out var values)) return;
        foreach (var setting in values.EnumerateObject())
        {
            if (setting.Name.Length == 0 || setting.Value.ValueKind == JsonValueKind.Null) continue;
            if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(setting.Name)))
                Environment.SetEnvironmentVariable(setting.Name, setting.Value.ToString());
        }
    }
}
