using System.CommandLine;
using McpServerless.Audit.Queries;

namespace McpServerless.Cli.Commands.Audit;

/// <summary>The options that choose records. Several are met together.</summary>
internal sealed class RecordFilter
{
    private readonly Option<string?> _client = Text("--client", "Only this application (client) id; anonymous for callers without a valid token, gateway for what the gateway says of itself.");
    private readonly Option<string?> _user = Text("--user", "The user of a delegated token.");
    private readonly Option<string?> _tool = Text("--tool", "The tool as the virtual server names it.");
    private readonly Option<string?> _prompt = Text("--prompt", "The prompt as the virtual server names it.");
    private readonly Option<string?> _resource = Text("--resource", "URI of the resource.");
    private readonly Option<string?> _server = Text("--server", "The virtual server.");
    private readonly Option<string?> _method = Text("--method", "The MCP method.");
    private readonly Option<string?> _decision = Text("--decision", "allowed or refused.");
    private readonly Option<string?> _refusal = Text("--refusal", "Name of the refusal.");
    private readonly Option<string?> _grant = Text("--grant", "The grant that allowed the call.");
    private readonly Option<string?> _session = Text("--session", "The session, as the records name it.");
    private readonly Option<string?> _trace = Text("--trace", "W3C trace id.");
    private readonly Option<string?> _request = Text("--request", "The id that the caller was told.");

    public void AddTo(Command command)
    {
        foreach (var option in (ReadOnlySpan<Option<string?>>)[_client, _user, _tool, _prompt, _resource, _server, _method, _decision, _refusal, _grant, _session, _trace, _request]) command.Add(option);
    }

    /// <summary>The question, for UTC days that are both included.</summary>
    public AuditQuery Of(ParseResult result, DateOnly from, DateOnly to) => new()
    {
        From = StartOf(from),
        Until = StartOf(to.AddDays(1)),
        ClientId = result.GetValue(_client)?.ToLowerInvariant(),
        UserId = result.GetValue(_user),
        Tool = result.GetValue(_tool),
        Prompt = result.GetValue(_prompt),
        Resource = result.GetValue(_resource),
        Server = result.GetValue(_server),
        Method = result.GetValue(_method),
        Decision = result.GetValue(_decision),
        RefusalCode = result.GetValue(_refusal),
        GrantId = result.GetValue(_grant),
        SessionId = result.GetValue(_session)?.ToLowerInvariant(),
        TraceId = result.GetValue(_trace)?.ToLowerInvariant(),
        RequestId = result.GetValue(_request)?.ToLowerInvariant(),
    };

    /// <summary>The same question as parameters of the management API.</summary>
    public IEnumerable<KeyValuePair<string, string>> Parameters(ParseResult result, DateOnly from, DateOnly to)
    {
        yield return new("from", StartOf(from).ToString("O"));
        yield return new("until", StartOf(to.AddDays(1)).ToString("O"));
        foreach (var option in (Option<string?>[])[_client, _user, _tool, _prompt, _resource, _server, _method, _decision, _refusal, _grant, _session, _trace, _request])
        {
            if (result.GetValue(option) is { } value) yield return new(option.Name.TrimStart('-'), value);
        }
    }

    public static DateTimeOffset StartOf(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    private static Option<string?> Text(string name, string description) => new(name) { Description = description };
}
