using System.Text.Json;
using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary>The development tools of <c>package.json</c>, installed exactly as <c>package-lock.json</c> says.</summary>
internal static class NodePackages
{
    public static async Task<string> InstallAsync(ChoreContext context)
    {
        if (AreCurrent()) return "as package-lock.json says";
        await Tool.RunAsync(context, "npm", Tool.Npm, "ci", "--no-audit", "--no-fund", "--loglevel=error");
        return AreCurrent() ? "installed" : throw new DevFailure("npm ci ended well, yet node_modules is not what package-lock.json says.");
    }

    /// <summary>npm writes what it has installed, at the very end, into a lock file of the same form inside node_modules.</summary>
    private static bool AreCurrent()
    {
        var installed = RepositoryRoot.Combine("node_modules", ".package-lock.json");
        if (!File.Exists(installed)) return false;
        using var wanted = JsonDocument.Parse(File.ReadAllBytes(RepositoryRoot.Combine("package-lock.json")));
        using var found = JsonDocument.Parse(File.ReadAllBytes(installed));
        var have = found.RootElement.GetProperty("packages");
        foreach (var package in wanted.RootElement.GetProperty("packages").EnumerateObject())
        {
            if (package.Name.Length == 0) continue; // The repository itself.
            if (!have.TryGetProperty(package.Name, out var there))
            {
                if (IsOptional(package.Value)) continue; // For another platform.
                return false;
            }

            if (VersionOf(there) != VersionOf(package.Value)) return false;
        }

        return true;
    }

    private static bool IsOptional(JsonElement package) => package.TryGetProperty("optional", out _) || package.TryGetProperty("devOptional", out _);

    private static string? VersionOf(JsonElement package) => package.TryGetProperty("version", out var version) ? version.GetString() : null;
}
