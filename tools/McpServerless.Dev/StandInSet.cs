using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary>Which stand-ins a build uses: <c>--stand-ins needed</c>, the default, or <c>all</c>.</summary>
/// <param name="Name">As the option names it.</param>
/// <param name="Builds">The folder below <c>artifacts</c>.</param>
/// <param name="BuildArguments">What makes the build choose them; see <c>Directory.Build.props</c>.</param>
internal sealed record StandInSet(string Name, string Builds, IReadOnlyList<string> BuildArguments)
{
    private const string Option = "--stand-ins";

    /// <summary>Those of packages that the feed lacks, and those of every local run.</summary>
    private static readonly StandInSet Needed = new("needed", BuiltProgram.NeededStandIns, []);

    /// <summary>Every one, also where the feed has the package: the stand-ins are held to the tests that the packages pass.</summary>
    private static readonly StandInSet All = new("all", BuiltProgram.AllStandIns, ["-p:UseStandIns=all"]);

    /// <summary>Takes the option out of a chore's arguments.</summary>
    public static (StandInSet Chosen, IReadOnlyList<string> Others) In(IReadOnlyList<string> arguments)
    {
        var at = arguments.ToList().IndexOf(Option);
        if (at < 0) return (Needed, arguments);
        var name = at + 1 < arguments.Count ? arguments[at + 1] : "nothing";
        var chosen = Array.Find([Needed, All], set => set.Name == name) ?? throw new DevFailure($"{Option} takes {Needed.Name} or {All.Name}, not {name}.");
        return (chosen, [.. arguments.Take(at), .. arguments.Skip(at + 2)]);
    }
}
