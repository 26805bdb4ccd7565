using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpServerless.Catalogue;
using McpServerless.Cli.Gateway;
using McpServerless.Cli.Output;
using McpServerless.Cli.Views;

namespace McpServerless.Cli.Commands.Access;

/// <summary><c>mcpgov can CLIENT TOOL [ARGUMENTS]</c>: what a call would get, rule by rule, by the code that decides calls.</summary>
internal static class CanCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("can", "Says whether a client may call a tool, and why: rule by rule, by the code that decides calls. Exit code 1 when it may not.");
        var client = new Argument<string>("CLIENT") { Description = "The application (client) id." };
        var tool = new Argument<string>("TOOL") { Description = "The tool as the virtual server names it; with --kind a prompt or a URI." };
        var arguments = new Argument<string?>("ARGUMENTS") { Description = "The call's arguments as JSON; without them what hangs on them is said.", Arity = ArgumentArity.ZeroOrOne };
        var server = new Option<string?>("--server") { Description = "The virtual server; every one that exposes it by default." };
        var kind = AssumedCaller.Kind();
        var caller = new AssumedCaller();
        command.Add(client);
        command.Add(tool);
        command.Add(arguments);
        command.Add(server);
        command.Add(kind);
        caller.AddTo(command);
        command.SetAction(async (result, ct) =>
        {
            var (name, subject, given) = (result.GetRequiredValue(tool), result.GetValue(kind), Parse(result.GetValue(arguments)));
            using var gateway = context.Gateway.Open(result);
            if (gateway is not null)
            {
                var call = GatewayCall.Post(
                    $"clients/{GatewayCall.Segment(result.GetRequiredValue(client))}/can",
                    ("name", name),
                    ("kind", subject.ToString().ToLowerInvariant()),
                    ("server", result.GetValue(server)),
                    ("arguments", given is { } own ? JsonNode.Parse(own.GetRawText()) : null));
                caller.AddTo(call, result);
                return Show(context, result, await AnswersAsync(gateway, call, ct), name);
            }

            await using var stores = context.OpenStores(result);
            if (await stores.Editor.FindClientAsync(result.GetRequiredValue(client), ct) is not { Value: var found })
            {
                context.Error.WriteLine($"mcpgov: no client {result.GetRequiredValue(client)} is registered");
                return ExitCode.Findings;
            }

            var servers = result.GetValue(server) is { } one ? [one] : await ServersAsync(stores.Catalogues, subject, name, ct);
            var questions = caller.Questions(result, stores, context.Time);
            var answers = new List<ToldAnswer>();
            foreach (var where in servers) answers.Add(ToldAnswer.Of(await questions.CanAsync(caller.Of(result, found, context.Time), caller.ContextOf(result, where, context.Time), subject, name, given, ct)));
            return Show(context, result, answers, name);
        });
        return command;
    }

    /// <exception cref="UsageException">The gateway refuses.</exception>
    public static async Task<IReadOnlyList<ToldAnswer>> AnswersAsync(GatewayClient gateway, GatewayCall call, CancellationToken ct)
    {
        var told = await gateway.SendAsync(call, ct);
        return told.Succeeded ? [.. told.Body.GetProperty("answers").EnumerateArray().Select(ToldAnswer.Of)] : throw new UsageException(string.Join(' ', told.Problem()));
    }

    private static int Show(CommandContext context, ParseResult result, IReadOnlyList<ToldAnswer> answers, string name)
    {
        if (answers.Count == 0)
        {
            context.Error.WriteLine($"mcpgov: no virtual server exposes {name}");
            return ExitCode.Findings;
        }

        AnswerOutput.Write(context, answers, context.WantsJson(result), withRules: true);
        return answers.Any(a => a.IsAllowed) ? ExitCode.Ok : ExitCode.Findings;
    }

    private static async Task<List<string>> ServersAsync(ICatalogueStore catalogues, SubjectKind kind, string name, CancellationToken ct) =>
        await catalogues.ReadActiveAsync(ct) is { } version ? [.. ActiveCatalogue.Compile(version).Servers.Where(s => s.Find(kind, name) is not null).Select(s => s.Name).Order(StringComparer.Ordinal)] : [];

    private static JsonElement? Parse(string? text)
    {
        if (text is null) return null;
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw new UsageException("ARGUMENTS is not a JSON object");
        }
        catch (JsonException e)
        {
            throw new UsageException($"ARGUMENTS is not JSON: {e.Message}");
        }
    }
}
