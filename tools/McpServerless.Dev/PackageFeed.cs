using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary>Packages that are replaced together, and the names under which <c>StandIns</c> lists what replaces them.</summary>
internal sealed record PackageGroup(IReadOnlyList<string> Packages, IReadOnlyList<string> StandIns);

/// <summary>Finds out which packages the feed lacks, by restoring them, and lists their stand-ins for the build.</summary>
/// <remarks>
/// What can be replaced is read from <c>Directory.Build.targets</c>, the versions from <c>Directory.Packages.props</c>. The answer is kept
/// in <c>StandIns.props</c>, which git ignores, until one of the two changes.
/// </remarks>
internal static partial class PackageFeed
{
    /// <summary>The function app runs here without Core Tools, and the worker's telemetry package would bring the real worker back.</summary>
    private static readonly string[] Always = ["FunctionsRuntime", "Telemetry"];

    private static string AnswerFile => RepositoryRoot.Combine("StandIns.props");

    public static async Task<string> CheckAsync(ChoreContext context)
    {
        var targets = await File.ReadAllTextAsync(RepositoryRoot.Combine("Directory.Build.targets"), context.Stop);
        var packages = await File.ReadAllTextAsync(RepositoryRoot.Combine("Directory.Packages.props"), context.Stop);
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(targets + packages)))[..16];
        if (await KnownAsync(key, context.Stop) is { } known) return known;

        var groups = GroupsIn(XDocument.Parse(targets));
        var versions = VersionsIn(XDocument.Parse(packages));
        WriteProbeSurroundings();
        var missing = await Task.WhenAll(groups.Select(group => MissingAsync(context, group, versions)));
        var standIns = groups.Where((_, index) => missing[index] is not null).SelectMany(group => group.StandIns).ToArray();
        var lacking = missing.OfType<string>().Where(reason => reason.Length > 0).ToArray();
        await File.WriteAllTextAsync(AnswerFile, Answer(key, standIns, lacking), context.Stop);
        return Say(standIns, lacking.Length > 0);
    }

    /// <summary>Makes the next check ask the feed.</summary>
    public static void Forget() => File.Delete(AnswerFile);

    private static async Task<string?> KnownAsync(string key, CancellationToken stop)
    {
        if (!File.Exists(AnswerFile)) return null;
        var text = await File.ReadAllTextAsync(AnswerFile, stop);
        if (!text.Contains($"(key {key})", StringComparison.Ordinal)) return null;
        var standIns = XDocument.Parse(text).Descendants("StandIns").Single().Value.Split(';', StringSplitOptions.RemoveEmptyEntries);
        return Say(standIns, standIns.Except(Always).Any());
    }

    private static string Say(string[] standIns, bool lacks) =>
        (lacks ? "the feed lacks packages; stand-ins: " : "the feed has all packages; stand-ins, as in every local run: ") + string.Join(", ", standIns);

    private static PackageGroup[] GroupsIn(XDocument targets) =>
    [
        .. from item in targets.Descendants()
           where item.Name.LocalName is "StandIn" or "_JsonSchemaBase" && item.Attribute("Folder") is not null
           select new PackageGroup(Words(item.Attribute("Include")), Words(item.Attribute("Folder"))),
    ];

    private static string[] Words(XAttribute? attribute) => attribute?.Value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static Dictionary<string, string> VersionsIn(XDocument packages) =>
        packages.Descendants("PackageVersion").ToDictionary(
            package => package.Attribute("Include")?.Value ?? "", package => package.Attribute("Version")?.Value ?? "", StringComparer.OrdinalIgnoreCase);

    /// <returns>Why a group is replaced, empty when it always is; null when the feed has it.</returns>
    private static async Task<string?> MissingAsync(ChoreContext context, PackageGroup group, Dictionary<string, string> versions)
    {
        if (group.StandIns.Intersect(Always).Any()) return "";
        var asked = group.Packages.Where(versions.ContainsKey).Select(package => (package, versions[package])).ToArray();
        var project = Probe(group.StandIns[0], asked);
        var (exitCode, output) = await Tool.TryAsync(context, $"feed-{group.StandIns[0]}", Tool.Dotnet, ["restore", project, "-nologo", "-v:m", "-tl:off"]);
        if (exitCode == 0) return null;
        var absent = AbsentPackage.Matches(output).Select(match => match.Value).Distinct().ToArray();
        // Anything else (no network, a refused login) says nothing about what the feed has.
        return absent.Length > 0
            ? string.Join("; ", absent)
            : throw new DevFailure($"The package feed cannot be asked for {string.Join(", ", group.Packages)}.\n{output}");
    }

    private static string Probe(string name, IEnumerable<(string Id, string Version)> packages)
    {
        var folder = RepositoryRoot.Combine("artifacts", "probe", name);
        Directory.CreateDirectory(folder);
        var project = Path.Combine(folder, "Probe.csproj");
        var references = packages.Select(package => new XElement("PackageReference", new XAttribute("Include", package.Id), new XAttribute("Version", package.Version)));
        new XElement("Project", new XAttribute("Sdk", "Microsoft.NET.Sdk"),
            new XElement("PropertyGroup", new XElement("TargetFramework", $"net{Environment.Version.Major}.0")),
            new XElement("ItemGroup", references)).Save(project);
        return project;
    }

    /// <summary>A probe is not part of the solution: it sees none of its settings, and above all no stand-ins.</summary>
    private static void WriteProbeSurroundings()
    {
        var folder = RepositoryRoot.Combine("artifacts", "probe");
        Directory.CreateDirectory(folder);
        foreach (var file in (ReadOnlySpan<string>)["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props"])
            File.WriteAllText(Path.Combine(folder, file), "<Project />\n");
    }

    private static string Answer(string key, string[] standIns, string[] lacking)
    {
        var because = lacking.Length == 0 ? "    The feed has every package." : string.Join('\n', lacking.Select(reason => "    " + reason.Replace("--", "- -", StringComparison.Ordinal)));
        return $"""
            <!--
              Written by dev.cs (key {key}); see standins/README.md. Delete it to build with the real packages.
            {because}
                Local runs need no Core Tools: {string.Join(", ", Always)}.
            -->
            <Project><PropertyGroup><StandIns>{string.Join(';', standIns)}</StandIns></PropertyGroup></Project>

            """;
    }

    [GeneratedRegex(@"Unable to find (a stable )?package [^\r\n]*?(?=\. No packages|\r|\n|$)")]
    private static partial Regex AbsentPackage { get; }
}
