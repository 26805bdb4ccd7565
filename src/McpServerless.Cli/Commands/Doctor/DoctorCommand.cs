using System.CommandLine;
using McpServerless.Cli.Gateway;
using McpServerless.Cli.Output;

namespace McpServerless.Cli.Commands.Doctor;

/// <summary><c>mcpgov doctor</c>: what is wrong between you and the gateway, and what to do about it.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("doctor", "Looks what is wrong: the gateway, its metadata, the issuer, your token, the clocks, and the state where a storage account is given. Exit code 1 when something fails.");
        var servers = new Option<string[]>("--server") { Description = "A virtual server whose endpoint is looked at too; may be repeated.", DefaultValueFactory = _ => [] };
        command.Add(servers);
        command.SetAction(async (result, ct) =>
        {
            var address = context.Gateway.AddressOf(result);
            if (address is null && !context.NamesStores(result)) throw new UsageException($"say which gateway, or which storage account: --gateway or {GatewayOptions.GatewayVariable}, --table-service-uri or --connection-string");
            var found = new List<Diagnosis>();
            if (address is not null) found.AddRange(await LookAtAsync(context, result, address, result.GetValue(servers) ?? [], ct));
            if (context.NamesStores(result))
            {
                await using var stores = context.OpenStores(result);
                found.AddRange(await StateChecks.RunAsync(stores, context.Time, ct));
            }

            Write(context, found, context.WantsJson(result));
            return found.Exists(d => d.Verdict == Verdict.Fail) ? ExitCode.Findings : ExitCode.Ok;
        });
        return command;
    }

    private static async Task<List<Diagnosis>> LookAtAsync(CommandContext context, ParseResult result, Uri address, IReadOnlyList<string> servers, CancellationToken ct)
    {
        using var http = GatewayClient.CreateHttp();
        http.Timeout = TimeSpan.FromSeconds(20);
        var checks = new GatewayChecks(address, http, context.Time);
        var found = new List<Diagnosis>(await checks.RunAsync(servers, ct));
        if (found is [{ Verdict: Verdict.Fail, Check: "reachable" }]) return found;
        string token;
        try
        {
            token = await context.Gateway.TokenAsync(result, ct);
        }
        catch (UsageException e)
        {
            found.Add(EntraErrors.Explain(e.Message) is { } known ? Diagnosis.Fail("token", known.Meaning, known.ToDo) : Diagnosis.Fail("token", e.Message, "az login or azd auth login, and --audience with the client id of the gateway's application"));
            return found;
        }

        using var gateway = context.Gateway.Open(result) ?? throw new InvalidOperationException("There is an address, so there is a gateway.");
        var asked = new TokenChecks(gateway, checks, AudienceOf(context.Gateway.ScopeOf(result)), checks.Issuer, context.Time);
        found.AddRange(asked.Read(token));
        try
        {
            found.AddRange(await asked.AskAsync(ct));
        }
        catch (UsageException e)
        {
            found.Add(Diagnosis.Fail("management API", e.Message, "look into the app's log stream"));
        }

        return found;
    }

    /// <summary>Tokens of v2.0 have the client id as their audience, whatever the scope is called by.</summary>
    private static string? AudienceOf(string? scope) =>
        scope is not null && Uri.TryCreate(scope, UriKind.Absolute, out var uri) && Guid.TryParse(uri.Host, out var id) ? id.ToString("D") : null;

    private static void Write(CommandContext context, List<Diagnosis> found, bool asJson)
    {
        if (!asJson)
        {
            TableWriter.Write(context.Out, ["", "Check", "Found", "To do"], found.Select(d => new[] { Word(d.Verdict), d.Check, d.Found, d.ToDo ?? "" }));
            return;
        }

        JsonOutput.Write(context.Out, writer =>
        {
            writer.WriteStartArray();
            foreach (var diagnosis in found)
            {
                writer.WriteStartObject();
                writer.WriteString("verdict"u8, Word(diagnosis.Verdict));
                writer.WriteString("check"u8, diagnosis.Check);
                writer.WriteString("found"u8, diagnosis.Found);
                if (diagnosis.ToDo is { } toDo) writer.WriteString("toDo"u8, toDo);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });
    }

    private static string Word(Verdict verdict) => verdict switch { Verdict.Ok => "ok", Verdict.Warn => "warn", _ => "fail" };
}
