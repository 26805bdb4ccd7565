using System.Runtime.InteropServices;
using System.Text;
using Spectre.Console;

namespace McpServerless.Dev;

/// <summary>One chore: <c>dotnet run dev.cs NAME</c>.</summary>
internal sealed record Chore(string Name, string Summary, Func<ChoreContext, Task<int>> RunAsync);

/// <summary>What a chore is given. <see cref="Stop"/> is Ctrl-C, SIGTERM or the terminal's end.</summary>
internal sealed record ChoreContext(IReadOnlyList<string> Arguments, RunFolder Folder, CancellationToken Stop);

public static class DevCommand
{
    private const int Failed = 1;
    private const int WrongUse = 2;
    private const int Interrupted = 130;

    private static readonly Chore[] Chores =
    [
        new("up", "Run the gateway here with a tenant, storage and a real MCP server, until Ctrl-C", UpChore.RunAsync),
        new("demo", "The same, then play a tour through a real MCP client, show the audit records, and end", DemoChore.RunAsync),
        new("test", "Build the solution and run all tests; with a word, those of the projects whose name has it; --stand-ins all takes every stand-in", TestChore.RunAsync),
        new("conformance", "Run the official MCP conformance suite against the server it is tested with, then through the gateway; --direct or --gateway alone", ConformanceChore.RunAsync),
        new("check", "Formatting, warnings, routes against the README, machine paths, the function app as it is published, the deployment; with the word infra, that alone", CheckChore.RunAsync),
        new("package", "Publish the function app as the zip that is deployed; --standins on this feed's stand-ins, --measure also measures its cold start", PackageChore.RunAsync),
        new("bench", "Measure the gateway against a bare pass-through; arguments after -- go to the benchmark", BenchChore.RunAsync),
        new("docs", "Write the documents that are made from the code", DocsChore.RunAsync),
        new("fuzz", "Send broken messages for --seconds N from both sides and check what must hold; --seed N replays", FuzzChore.RunAsync),
        new("stand-ins", "Find out again which packages the feed lacks (kept until the package versions change)", StandInsChore.RunAsync),
        new("clean", "Delete what was built and what ended runs left; with --all, also node_modules and StandIns.props", CleanChore.RunAsync),
    ];

    /// <returns>0 when the chore did what it should; 1 when it failed; 2 when there is no such chore; 130 when it was interrupted.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        Console.OutputEncoding = Encoding.UTF8;
        if (Console.IsOutputRedirected) WritePlainly();
        if (args is [] or ["help" or "-h" or "--help" or "-?", ..])
        {
            ShowChores();
            return 0;
        }

        if (Array.Find(Chores, chore => chore.Name == args[0]) is not { } chosen)
        {
            await Console.Error.WriteLineAsync($"dev.cs knows no command '{args[0]}'. It knows: {string.Join(", ", Chores.Select(chore => chore.Name))}.");
            return WrongUse;
        }

        using var stop = new CancellationTokenSource();
        using var interrupt = StopOn(PosixSignal.SIGINT, stop);
        using var terminate = StopOn(PosixSignal.SIGTERM, stop);
        using var hangUp = StopOn(PosixSignal.SIGHUP, stop);
        return await RunAsync(chosen, args[1..], stop.Token);
    }

    private static async Task<int> RunAsync(Chore chore, string[] arguments, CancellationToken stop)
    {
        using var folder = RunFolder.Claim();
        try
        {
            return await chore.RunAsync(new ChoreContext(arguments, folder, stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Interrupted.");
            return Interrupted;
        }
        catch (Exception failure) when (failure is DevFailure or InvalidOperationException)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            if (folder.KeepLogs()) await Console.Error.WriteLineAsync($"Logs: {folder.Path}");
            return Failed;
        }
    }

    private static PosixSignalRegistration StopOn(PosixSignal signal, CancellationTokenSource stop) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        // Whoever asks twice does not want to wait; what runs is ended by id all the same.
        if (stop.IsCancellationRequested) Environment.Exit(Interrupted);
        stop.Cancel();
    });

    /// <summary>A pipe or a file has neither colours nor a width at which to break lines.</summary>
    private static void WritePlainly()
    {
        AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No });
        AnsiConsole.Profile.Width = 500;
    }

    private static void ShowChores()
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumn(new TableColumn("").NoWrap()).AddColumn("");
        foreach (var chore in Chores) table.AddRow(new Text("  " + chore.Name), new Text(chore.Summary));
        Console.WriteLine("Usage: dotnet run dev.cs COMMAND [ARGUMENTS]");
        AnsiConsole.Write(table);
    }
}
