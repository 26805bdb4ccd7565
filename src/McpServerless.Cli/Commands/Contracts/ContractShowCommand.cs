using System.CommandLine;
using System.Text.Json;
using McpServerless.Cli.Output;
using McpServerless.Contracts.Watching;

namespace McpServerless.Cli.Commands.Contracts;

/// <summary><c>mcpgov contract show UPSTREAM/TOOL</c>: what an upstream changed, for the person who decides.</summary>
internal static class ContractShowCommand
{
    /// <summary>Whatever is not plain ASCII is shown as an escape: hidden characters are what a person has to see.</summary>
    private static readonly JsonWriterOptions Plain = new() { Indented = true };

    public static Command Create(CommandContext context)
    {
        var command = new Command("show", "What an upstream changed of one tool, rule by rule, and its definition as it is now. Characters beyond ASCII are written as escapes, so that hidden ones are seen.");
        var name = DriftSource.ToolArgument();
        command.Add(name);
        command.SetAction(async (result, ct) =>
        {
            var (upstream, tool) = DriftSource.Parse(result.GetRequiredValue(name));
            await using var stores = context.OpenStores(result);
            if (await stores.Drifts.FindDriftAsync(upstream, tool, ct) is not { } drift)
            {
                context.Error.WriteLine($"mcpgov: no drift of {upstream}/{tool} is known");
                return ExitCode.Findings;
            }

            if (context.WantsJson(result))
            {
                context.Out.WriteLine(Text(writer => WriteDrift(writer, drift, withLive: true)));
                return ExitCode.Ok;
            }

            context.Out.WriteLine($"{upstream}/{tool}: {DriftSource.Word(drift.Verdict)}, {DriftSource.Word(drift.State)} since {Moments.Minute(drift.Since)}");
            foreach (var finding in drift.Findings) context.Out.WriteLine("  " + Text(writer => writer.WriteStringValue(finding)).Trim('"'));
            context.Out.WriteLine(drift.Live is { } live ? Text(live.WriteTo) : "The upstream's definition was not kept: there is none, or it is too long.");
            return ExitCode.Ok;
        });
        return command;
    }

    public static void WriteDrift(Utf8JsonWriter writer, ContractDrift drift, bool withLive)
    {
        writer.WriteStartObject();
        writer.WriteString("upstream"u8, drift.Upstream);
        writer.WriteString("tool"u8, drift.Tool);
        writer.WriteString("state"u8, DriftSource.Word(drift.State));
        writer.WriteString("verdict"u8, DriftSource.Word(drift.Verdict));
        writer.WriteString("since"u8, drift.Since);
        writer.WriteString("pinnedHash"u8, drift.PinnedHash);
        if (drift.LiveHash is { } hash) writer.WriteString("liveHash"u8, hash);
        writer.WriteStartArray("rules"u8);
        foreach (var rule in drift.Rules) writer.WriteStringValue(rule);
        writer.WriteEndArray();
        writer.WriteStartArray("findings"u8);
        foreach (var finding in drift.Findings) writer.WriteStringValue(finding);
        writer.WriteEndArray();
        if (withLive && drift.Live is { } live)
        {
            writer.WritePropertyName("live"u8);
            live.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private static string Text(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Plain)) write(writer);
        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
