using System.CommandLine;
using McpServerless.Cli.Gateway;
using McpServerless.Cli.Output;
using McpServerless.Cli.Stores;
using McpServerless.Cli.Views;

namespace McpServerless.Cli;

/// <summary>What every command has: the options that all share, the clock, and where it writes.</summary>
internal sealed class CommandContext(ConnectionOptions connection, GatewayOptions gateway, Func<string, string?> environment, TimeProvider time, TextWriter output, TextWriter error)
{
    private readonly Option<string> _output = new Option<string>("--output", "-o")
    {
        Description = "How the result is written.",
        DefaultValueFactory = _ => "table",
        Recursive = true,
    }.AcceptOnlyFromAmong("table", "json");

    public TimeProvider Time => time;

    /// <summary>Which gateway to go through.</summary>
    public GatewayOptions Gateway => gateway;

    /// <summary>For the result and nothing else, so that it can be piped.</summary>
    public TextWriter Out => output;

    /// <summary>For progress and findings.</summary>
    public TextWriter Error => error;

    /// <summary>A variable of the surroundings; null for none.</summary>
    public string? Environment(string name) => environment(name);

    public void AddOptionsTo(RootCommand root)
    {
        root.Add(_output);
        connection.AddTo(root);
        gateway.AddTo(root);
    }

    public GovernanceStores OpenStores(ParseResult result) => connection.Open(result);

    /// <summary>What is shown, through the gateway where one is named.</summary>
    public IGovernanceView OpenView(ParseResult result) => gateway.Open(result) is { } client ? new GatewayView(client) : new StoreView(OpenStores(result), time);

    /// <summary>Whether the command line or its surroundings name a storage account.</summary>
    public bool NamesStores(ParseResult result) => connection.AreGiven(result);

    public bool WantsJson(ParseResult result) => result.GetValue(_output) == "json";

    public IProgress<string> Progress(string subject) => new ProgressLines(error, subject);
}
