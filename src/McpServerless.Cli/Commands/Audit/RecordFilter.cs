using System.CommandLine;
using System.Text.Json;

namespace McpServerless.Cli.Commands.Audit;

/// <summary>The options that choose records. Several are met together.</summary>
internal sealed class RecordFilter
{
    private readonly (Option<string?> Option, string Member)[] _members =
    [
        Member("--user", "userId", "The user of a delegated token."),
        Member("--tool", "tool", "The tool as the virtual server names it."),
        Member("--prompt", "prompt", "The prompt as the virtual server names it."),
        Member("--resource", "resource", "URI of the resource."),
        Member("--server", "server", "The virtual server."),
        Member("--method", "method", "The MCP method."),
        Member("--decision", "decision", "allowed or refused."),
        Member("--refusal", "refusalCode", "Name of the refusal."),
        Member("--grant", "grantId", "The grant that allowed the call."),
        Member("--session", "sessionId", "The session, as the records name it."),
        Member("--trace", "traceId", "W3C trace id."),
        Member("--request", "requestId", "The id that the caller was told."),
    ];

    public void AddTo(Command command)
    {
        foreach (var (option, _) in _members) command.Add(option);
    }

    /// <summary>Whether a record is one of those that are asked for.</summary>
    public Func<JsonElement, bool> Of(ParseResult result)
    {
        var wanted = _members.Select(m => (m.Member, Value: result.GetValue(m.Option))).Where(m => m.Value is not null).ToArray();
        return record => wanted.All(w => record.TryGetProperty(w.Member, out var value) && value.ValueKind == JsonValueKind.String && value.ValueEquals(w.Value));
    }

    private static (Option<string?>, string) Member(string name, string member, string description) => (new Option<string?>(name) { Description = description }, member);
}
