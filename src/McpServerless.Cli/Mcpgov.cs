using System.CommandLine;
using System.CommandLine.Invocation;
using Azure.Core;
using McpServerless.Azure;
using McpServerless.Cli.Commands;
using McpServerless.Cli.Commands.Access;
using McpServerless.Cli.Commands.Audit;
using McpServerless.Cli.Commands.Contracts;
using McpServerless.Cli.Commands.Doctor;
using McpServerless.Cli.Gateway;
using McpServerless.Cli.Stores;

namespace McpServerless.Cli;

/// <summary>The whole command line. It takes its surroundings as parameters, so that tests run it in their own process.</summary>
internal sealed class Mcpgov(
    Func<StoreAddress, GovernanceStores> open,
    TimeProvider time,
    TextWriter output,
    TextWriter error,
    Func<string, string?> environment,
    Func<string?, TokenCredential>? credential = null)
{
    public async Task<int> RunAsync(params string[] args)
    {
        var context = new CommandContext(new ConnectionOptions(open, environment), new GatewayOptions(credential ?? AzureCredential.For, environment), environment, time, output, error);
        var result = CreateRoot(context).Parse(args);
        var configuration = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false };
        try
        {
            var exit = await result.InvokeAsync(configuration);
            return result.Action is ParseErrorAction ? ExitCode.UsageOrOutage : exit;
        }
        catch (UsageException e)
        {
            return await FailAsync(e.Message, ExitCode.UsageOrOutage);
        }
        catch (StoreUnavailableException e)
        {
            return await FailAsync($"the storage account cannot be used: {Innermost(e)}", ExitCode.UsageOrOutage);
        }
        catch (OperationCanceledException)
        {
            return await FailAsync("cancelled", ExitCode.Cancelled);
        }
        catch (Exception e)
        {
            // A fault of the program: what it is, in a line that can be reported, and no stack trace in somebody's pipeline log.
            return await FailAsync($"internal error, please report it: {e.GetType().Name}: {Innermost(e)}", ExitCode.UsageOrOutage);
        }
    }

    internal static RootCommand CreateRoot(CommandContext context)
    {
        var root = new RootCommand("Operates the gateway's catalogue, clients, grants and audit ledger.")
        {
            ApplyCommand.Create(context),
            PlanCommand.Create(context),
            RollbackCommand.Create(context),
            ValidateCommand.Create(context),
            DiffCommand.Create(context),
            new Command("import", "Contract files from what an upstream says of itself.") { ImportMcpCommand.Create(context), ImportOpenApiCommand.Create(context) },
            new Command("catalogue", "The published catalogue.") { CatalogueShowCommand.Create(context) },
            new Command("contract", "Tools whose upstream changed them, and what people decide about that.")
            {
                ContractListCommand.Create(context),
                ContractShowCommand.Create(context),
                ContractDecisionCommand.CreateAccept(context),
                ContractDecisionCommand.CreateReject(context),
            },
            With(new Command("client", "Registered agents.") { ClientListCommand.Create(context), ClientShowCommand.Create(context), ClientSetModelCommand.Create(context), AccessFileCommands.CreateClient(context) }, ClientStateCommands.Create(context)),
            With(new Command("grant", "What clients may do.") { GrantListCommand.Create(context), GrantShowCommand.Create(context), GrantRevokeCommand.Create(context), AccessFileCommands.CreateGrant(context) }, GrantRequestCommands.Create(context)),
            KillSwitchCommand.Create(context),
            ReviewCommands.Create(context),
            NoticeCommands.Create(context),
            CanCommand.Create(context),
            WhoCanCommand.Create(context),
            SimulateCommand.Create(context),
            BudgetCommands.Create(context),
            ApiCommand.Create(context),
            DoctorCommand.Create(context),
            CompletionCommand.Create(context),
            new Command("audit", "The audit ledger.")
            {
                AuditListCommand.Create(context),
                AuditQueryCommand.Create(context),
                AuditTimelineCommand.Create(context),
                AuditFollowCommand.Create(context),
                AuditVerifyCommand.Create(context),
                AuditExportCommand.Create(context),
                AuditSinksCommand.Create(context),
                AuditHoldCommand.Create(context),
                AuditKeysCommand.Create(context),
            },
            EvidenceCommand.Create(context),
        };
        context.AddOptionsTo(root);
        return root;
    }

    private static Command With(Command command, IEnumerable<Command> more)
    {
        foreach (var one in more) command.Add(one);
        return command;
    }

    private async Task<int> FailAsync(string message, int exit)
    {
        await error.WriteLineAsync($"mcpgov: {message}");
        return exit;
    }

    /// <summary>The outermost text names what was tried, the innermost why it failed.</summary>
    private static string Innermost(Exception e)
    {
        var cause = e;
        while (cause.InnerException is { } inner) cause = inner;
        var reason = cause.Message.Split('\n')[0].Trim();
        return ReferenceEquals(cause, e) ? reason : $"{e.Message} ({reason})";
    }
}

/// <summary>The command line cannot be carried out as it was written.</summary>
internal sealed class UsageException(string message) : Exception(message);
