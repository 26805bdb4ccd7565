using System.Globalization;
using McpServerless.Testing;

namespace McpServerless.Dev;

/// <summary><c>package</c>: the zip that is deployed, in <c>artifacts/package</c>; with <c>--standins</c> the same layout on stand-ins, to be tried on this machine.</summary>
internal static class PackageChore
{
    public static async Task<int> RunAsync(ChoreContext context)
    {
        var (onStandIns, measures) = (context.Arguments.Contains("--standins"), context.Arguments.Contains("--measure"));
        if (context.Arguments.Except(["--standins", "--measure"]).FirstOrDefault() is { } unknown) throw new DevFailure($"package does not know {unknown}.");
        if (measures && !onStandIns) throw new DevFailure("Only a package on stand-ins runs without the Functions host: package --standins --measure.");
        var zip = RepositoryRoot.Combine("artifacts", "package", onStandIns ? "function-app-standins.zip" : "function-app.zip");
        var plain = RepositoryRoot.Combine("artifacts", "package", "function-app-standins-jit.zip");
        await Steps.ShowAsync(async steps =>
        {
            if (onStandIns) await steps.RunAsync("Package feed", () => PackageFeed.CheckAsync(context));
            await MakeAsync(steps, "Package", zip, isReadyToRun: true);
            if (measures) await MakeAsync(steps, "The same without ready-to-run", plain, isReadyToRun: false);
        });
        if (measures) await ColdStart.MeasureAsync(context, [("ready-to-run", zip), ("without", plain)]);
        Console.WriteLine(Path.GetRelativePath(RepositoryRoot.Path, zip));
        return 0;

        Task MakeAsync(Steps steps, string name, string file, bool isReadyToRun) => steps.RunAsync(name, async () =>
        {
            var options = new FunctionPackageOptions { OnStandIns = onStandIns, IsReadyToRun = isReadyToRun, LogFile = context.Folder.LogFile($"publish-{(isReadyToRun ? "r2r" : "jit")}") };
            await FunctionPackage.MakeAsync(file, options, context.Stop);
            return string.Create(CultureInfo.InvariantCulture, $"{new FileInfo(file).Length / 1e6:0.0} MB");
        });
    }
}
