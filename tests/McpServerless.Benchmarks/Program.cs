using McpServerless.Benchmarks.Cases;
using McpServerless.Benchmarks.Hosts;

namespace McpServerless.Benchmarks;

/// <summary>The cases that people start, and the processes that the cases start from this same executable.</summary>
internal static class Program
{
    private const string Usage = """
        dotnet run -c Release --project tests/McpServerless.Benchmarks -- [CASE] [options]

          calls      whole calls: floor against gateway, per audit mode and number of connections (default)
          streaming  calls with many notifications before the result: messages, first byte, bytes per message
          lists      pages of tools/list, of 50 and of 5,000 tools, in both eras
          streams    the app's memory while a thousand streams are open, and while nobody reads what an upstream pours
          memory     the app's memory after 100,000 calls
          budgets    calls with and without limits
          instances  four instances that share counters: what reaches the upstream, and their requests to the store
          runaway    precision and recall of the runaway detection on generated traces
          audit      the ledger: added latency, requests to the store and bytes of a record by mode and connections; records verified a second
          audit-day  questions about a day of a million records for two hundred clients
          stages     nanoseconds and bytes of single stages
          contracts  arguments through the acceptor beside the library, and a catalogue of 5,000 tools

          --seconds N         length of one round; default 2
          --rounds N          rounds per target; default 5
          --connections LIST  default 1,16,64
          --targets LIST      default floor,gateway-async,gateway-outcome,gateway-strict
          --messages N        notifications of one call in the streaming case; default 200
          --streams N         streams at once in the streams case; default 1000
          --warmup N          seconds under load before anything counts, for each process; default 15
          --json FILE         writes the figures there too
        """;

    public static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["upstream"]:
                await UpstreamHost.RunAsync();
                return 0;
            case ["floor", var upstream]:
                await FloorHost.RunAsync(new Uri(upstream));
                return 0;
            case ["gateway"]:
                GatewayHost.Run();
                return 0;
        }

        if (BenchOptions.Parse(args) is not { } options)
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
        try
        {
            return options.Case switch
            {
                "streaming" => await StreamingCase.RunAsync(options, stop.Token),
                "lists" => await ListsCase.RunAsync(options, stop.Token),
                "streams" => await StreamsCase.RunAsync(options, stop.Token),
                "memory" => await MemoryCase.RunAsync(options, stop.Token),
                "budgets" => await BudgetsCase.RunAsync(options, stop.Token),
                "instances" => await InstancesCase.RunAsync(stop.Token),
                "runaway" => RunawayCase.Run(),
                "audit" => await AuditCase.RunAsync(options, stop.Token),
                "audit-day" => await AuditDayCase.RunAsync(stop.Token),
                "contracts" => ContractsCase.Run(),
                "stages" => await StagesCase.RunAsync(stop.Token),
                _ => await CallsCase.RunAsync(options, stop.Token),
            };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 130;
        }
    }
}
