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
/// in <c>StandIns.props</c>, which git ignores, until one of the two changes: for local runs, and what the feed lacks alone.
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
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(targets + packages + string.Join(';', Always))))[..16];
        if (await KnownAsync(key, context.Stop) is { } known) return known;

        var groups = GroupsIn(XDocument.Parse(targets));
        var versions = VersionsIn(XDocument.Parse(packages));
        WriteProbeSurroundings();
        var reasons = await Task.WhenAll(groups.Select(group => MissingAsync(context, group, versions)));
        var missing = groups.Where((_, index) => reasons[index] is not null).SelectMany(group => group.StandIns).ToArray();
        await File.WriteAllTextAsync(AnswerFile, Answer(key, missing, [.. reasons.OfType<string>()]), context.Stop);
        return Say(missing);
    }

    /// <summary>The stand-ins of the packages that the feed lacks, as the last check found out.</summary>
    public static async Task<string[]> MissingStandInsAsync(CancellationToken stop) => MissingIn(await File.ReadAllTextAsync(AnswerFile, stop));

    /// <summary>Makes the next check ask the feed.</summary>
    public static void Forget() => File.Delete(AnswerFile);

    private static async Task<string?> KnownAsync(string key, CancellationToken stop)
    {
        if (!File.Exists(AnswerFile)) return null;
        var text = await File.ReadAllTextAsync(AnswerFile, stop);
        if (!text.Contains($"(key {key})", StringComparison.Ordinal)) return null;
        return Say(MissingIn(text));
    }

    private static string[] MissingIn(string answer) =>
        XDocument.Parse(answer).Descendants("StandIns").Single(list => list.Attribute("Condition") is not null).Value.Split(';', StringSplitOptions.RemoveEmptyEntries);

    private static string[] ForLocalRuns(string[] missing) => [.. Always.Union(missing)];

    private static string Say(string[] missing) =>
        (missing.Length > 0 ? "the feed lacks packages; stand-ins: " : "the feed has all packages; stand-ins, as in every local run: ") + string.Join(", ", ForLocalRuns(missing));

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

    /// <returns>What the feed lacks of a group; null when it has all of it.</returns>
    private static async Task<string?> MissingAsync(ChoreContext context, PackageGroup group, Dictionary<string, string> versions)
    {
        var asked = group.Packages.Where(versions.ContainsKey).Select(package => (package, versions[package])).ToArray();
        var project = Probe(group.StandIns[0], asked);
        var (exitCode, output) = await Tool.TryAsync(context, $"feed-{group.StandIns[0]}", Tool.Dotnet, ["restore", project, "-nologo", "-v:m", "-tl:off"]);
        if (exitCode == 0) return null;
        var absent = AbsentIn(output);
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

    private static string Answer(string key, string[] missing, string[] reasons)
    {
        var because = reasons.Length == 0 ? "    The feed has every package." : string.Join('\n', reasons.Select(reason => "    " + reason.Replace("--", "- -", StringComparison.Ordinal)));
        return $"""
            <!--
              Written by dev.cs (key {key}); see standins/README.md. Delete it to build with the real packages.
            {because}
                Local runs need no Core Tools: {string.Join(", ", Always)}.
            -->
            <Project>
              <PropertyGroup>
                <StandIns>{string.Join(';', ForLocalRuns(missing))}</StandIns>
                <StandIns Condition="'$(UseStandIns)' == 'missing'">{string.Join(';', missing)}</StandIns>
              </PropertyGroup>
            </Project>

            """;
    }

    /// <summary>What a restore says that the feed lacks.</summary>
    public static string[] AbsentIn(string output) => [.. AbsentPackage.Matches(output).Select(match => match.Value).Distinct()];

    [GeneratedRegex(@"Unable to find (a stable )?package [^\r\n]*?(?=\. No packages|\r|\n|$)")]
    private static partial Regex AbsentPackage { get; }
}
