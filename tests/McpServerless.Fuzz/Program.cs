using System.Globalization;
using System.Text.Json;
using McpServerless.Fuzz;
using McpServerless.Testing;

const string Usage = """
    dotnet run --project tests/McpServerless.Fuzz -- [options]

      --seconds N       how long requests are sent; default 60
      --seed N          replays the run of that seed; default a random one
      --connections N   requests at a time; default 8
      --only N          sends that one exchange of the seed, and shows its answer
    """;

if (FuzzOptions.Parse(args) is not { } options)
{
    await Console.Error.WriteLineAsync(Usage);
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
var folder = RepositoryRoot.Combine("artifacts", "fuzz", options.Seed.ToString(CultureInfo.InvariantCulture));
if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
var findings = new Findings(folder);
// What is broken on purpose has to be whole before.
foreach (var sample in Corpus.Samples.Where(s => s.Json.Length > 0)) JsonDocument.Parse(sample.Json).Dispose();
Console.WriteLine($"Seed {options.Seed}, {options.Seconds} s");
try
{
    await using var rig = await Rig.StartAsync(options.Seed, Path.Combine(folder, "app.log"), stop.Token);
    await new FuzzRun(options, rig, findings).RunAsync(stop.Token);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}

foreach (var (fault, count) in findings.Summary()) Console.WriteLine($"  {count,6} x {fault}");
Console.WriteLine(findings.IsEmpty ? $"No finding with seed {options.Seed}." : $"Findings with seed {options.Seed}: see {folder}");
return findings.IsEmpty ? 0 : 1;
