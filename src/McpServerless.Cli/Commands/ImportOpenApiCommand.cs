using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using McpServerless.Cli.Output;
using McpServerless.OpenApi.Import;

namespace McpServerless.Cli.Commands;

/// <summary><c>mcpgov import openapi SOURCE</c>: an API's document as contract files, and a reason for whatever did not become one.</summary>
internal static partial class ImportOpenApiCommand
{
    public static Command Create(CommandContext context)
    {
        var source = new Argument<string>("FILE|URL") { Description = "An OpenAPI 3.0, 3.1 or 3.2 document, JSON or YAML." };
        var upstream = new Option<string>("--upstream") { Description = "Name of the upstream that serves the tools.", Required = true };
        var team = new Option<string>("--team") { Description = "The team that owns the contracts.", Required = true };
        var into = new Option<string>("--into") { Description = "Folder of catalogue files to write into.", DefaultValueFactory = _ => "." };
        var url = new Option<string?>("--url") { Description = "URL before the paths of the API; by default the document's first server." };
        var clientId = new Option<string?>("--client-id") { Description = "Who the gateway is where the API's tokens are given out, for an API with OAuth 2.0 client credentials." };
        var version = new Option<string?>("--contract-version") { Description = "Version of the contracts; by default the document's." };
        var schemas = new Option<string?>("--schemas") { Description = "Path from the folder to the JSON Schemas of catalogue files, for editors." };
        var names = new Option<string[]>("--tool") { Description = "Name or glob of tools to import; can be repeated. By default all.", HelpName = "GLOB" };
        var tags = new Option<string[]>("--tag") { Description = "Tag of operations to import; can be repeated. By default all." };
        var prefix = new Option<string>("--path") { Description = "What paths to import begin with.", DefaultValueFactory = _ => "" };
        var readOnly = new Option<bool>("--read-only") { Description = "Only operations that read: GET and QUERY." };
        upstream.Validators.Add(option =>
        {
            if (option.GetValueOrDefault<string>() is { } name && !Name().IsMatch(name)) option.AddError("--upstream: 1 to 64 letters, digits, dots, underscores or hyphens.");
        });
        url.Validators.Add(option =>
        {
            if (option.GetValueOrDefault<string>() is { } text && !(Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http")) option.AddError("--url: an absolute https URL.");
        });

        var command = new Command("openapi", "Writes contract files for the operations of an OpenAPI document.") { source, upstream, team, into, url, clientId, version, schemas, names, tags, prefix, readOnly };
        command.SetAction(async (result, ct) =>
        {
            var from = result.GetRequiredValue(source);
            var (bytes, location) = await DocumentSource.ReadAsync(from, ct);
            var selection = new ImportSelection { Names = result.GetValue(names) ?? [], Tags = result.GetValue(tags) ?? [], PathPrefix = result.GetValue(prefix) ?? "", ReadOnly = result.GetValue(readOnly) };
            var api = OpenApiImport.Read(bytes, selection, location);
            var owner = new ContractOwner(result.GetRequiredValue(upstream), result.GetRequiredValue(team), result.GetValue(version), result.GetValue(url) is { } given ? new Uri(given) : null, result.GetValue(clientId));
            var written = await ContractFolder.WriteAsync(result.GetRequiredValue(into), api, owner, result.GetValue(schemas), ct);
            if (context.WantsJson(result)) JsonOutput.Write(context.Out, writer => WriteJson(writer, api, written));
            else WriteText(context, api, written, owner, hasUrl: (owner.Url ?? api.Url) is not null);
            return api.Tools.Count > 0 ? ExitCode.Ok : ExitCode.Findings;
        });
        return command;
    }

    private static void WriteText(CommandContext context, ImportedApi api, WrittenContracts written, ContractOwner owner, bool hasUrl)
    {
        foreach (var finding in api.Findings) context.Error.WriteLine(Printable(finding.ToString()));
        foreach (var path in written.Left) context.Error.WriteLine($"{path}: the document no longer has this tool; delete the file, and retire the tool if it is published");
        if (!hasUrl) context.Error.WriteLine($"The document names no server with a host: no file was written for the upstream '{owner.Upstream}'; pass --url, or write one.");
        if (owner.Credential(api) is { Secret: { } secret }) context.Error.WriteLine($"The upstream's file names the secret '{secret}': put it into the vault (Upstreams:Vault), or into the setting Upstreams:Secrets:{secret}.");
        else if (api.Credential is not null) context.Error.WriteLine("The API gives its tokens to registered clients: register the gateway there, and pass --client-id for the upstream's file to say so.");
        if (api.Findings.Count > 0) context.Error.WriteLine();
        foreach (var rule in api.Findings.GroupBy(f => f.Rule.Id, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
            context.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rule.Count(),6}  {rule.Key}: {rule.First().Rule.Meaning}"));
        context.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Imported {api.Tools.Count} of {api.Operations} operations: {written.Changed} file(s) written, {written.Unchanged} unchanged."));
    }

    private static void WriteJson(Utf8JsonWriter writer, ImportedApi api, WrittenContracts written)
    {
        writer.WriteStartObject();
        writer.WriteNumber("operations"u8, api.Operations);
        writer.WriteStartArray("tools"u8);
        foreach (var tool in api.Tools)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, tool.Name);
            writer.WriteString("pointer"u8, tool.Pointer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteNumber("filesWritten"u8, written.Changed);
        writer.WriteNumber("filesUnchanged"u8, written.Unchanged);
        writer.WriteStartArray("filesLeft"u8);
        foreach (var path in written.Left) writer.WriteStringValue(path);
        writer.WriteEndArray();
        writer.WriteStartArray("findings"u8);
        foreach (var finding in api.Findings)
        {
            writer.WriteStartObject();
            writer.WriteString("rule"u8, finding.Rule.Id);
            writer.WriteString("about"u8, JsonNamingPolicy.CamelCase.ConvertName(finding.Rule.Severity.ToString()));
            writer.WriteString("pointer"u8, finding.Pointer);
            writer.WriteString("message"u8, finding.Message);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>A document's texts could hold sequences that a terminal obeys.</summary>
    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex Name();
}
