using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpServerless.Cli.Gateway;
using McpServerless.Cli.Output;

namespace McpServerless.Cli.Commands;

/// <summary><c>mcpgov api METHOD PATH</c>: any operation of the management API, as JSON.</summary>
internal static class ApiCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("api", "Sends a request to the gateway's management API and writes the answer; docs/management-api.md has the operations.");
        var method = new Argument<string>("METHOD") { Description = "GET, POST or PUT." }.AcceptOnlyFromAmong("GET", "POST", "PUT");
        var path = new Argument<string>("PATH") { Description = "Below /manage/, such as clients?state=suspended." };
        var body = new Option<string?>("--body") { Description = "The body as JSON; @FILE for that of a file, @- for standard input." };
        var tag = new Option<string?>("--if-match") { Description = "The ETag of what is changed; * for whatever it is now." };
        command.Add(method);
        command.Add(path);
        command.Add(body);
        command.Add(tag);
        command.SetAction(async (result, ct) =>
        {
            using var gateway = context.Gateway.Open(result) ?? throw new UsageException($"say which gateway: --gateway or {GatewayOptions.GatewayVariable}");
            var call = new GatewayCall(result.GetRequiredValue(method), result.GetRequiredValue(path).TrimStart('/'), await BodyAsync(result.GetValue(body), ct)) { IfMatch = result.GetValue(tag) };
            var answer = await gateway.SendAsync(call, ct);
            if (answer.ETag is { } etag) context.Error.WriteLine($"ETag: {etag}");
            if (answer.Body.ValueKind != JsonValueKind.Undefined) JsonOutput.Write(answer.Succeeded ? context.Out : context.Error, answer.Body.WriteTo);
            return answer.Succeeded ? ExitCode.Ok : answer.IsOutage ? ExitCode.UsageOrOutage : ExitCode.Findings;
        });
        return command;
    }

    private static async Task<JsonNode?> BodyAsync(string? text, CancellationToken ct)
    {
        if (text is null) return null;
        try
        {
            if (text == "@-") text = await Console.In.ReadToEndAsync(ct);
            else if (text.StartsWith('@')) text = await File.ReadAllTextAsync(text[1..], ct);
            return JsonNode.Parse(text);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--body cannot be read: {e.Message}");
        }
    }
}
