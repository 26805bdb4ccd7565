using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using McpServerless.Testing;

namespace McpServerless.Infra.Queries;

/// <summary>One query, and what is asked of its result.</summary>
/// <param name="File">Where it stands.</param>
/// <param name="Line">The line of that file on which it begins.</param>
/// <param name="Text">Parameters of a workbook are filled in.</param>
public sealed record Query(string File, int Line, string Text)
{
    /// <summary>Which one it is, where a file has several.</summary>
    public string? Named { get; init; }

    /// <summary>Whether lines within the text are lines of the file.</summary>
    public bool HasLines { get; init; } = true;

    public IReadOnlyList<string> NeededColumns { get; init; } = [];

    /// <summary>Columns that the result may have; empty for any.</summary>
    public IReadOnlyList<string> AllowedColumns { get; init; } = [];

    /// <summary>A chart over time needs a column for the time.</summary>
    public bool NeedsTime { get; init; }
}

/// <summary>Every query of the repository, bound by Kusto's own language service to the tables that it reads.</summary>
public sealed partial class QuerySet(InfraWorkspace workspace)
{
    private static readonly ConcurrentDictionary<(string Tables, string Query), JsonElement> Answers = new();

    private readonly List<Query> _queries = [];
    private readonly List<Finding> _findings = [];

    public InfraWorkspace Workspace => workspace;

    public int Count => _queries.Count;

    public IEnumerable<string> Files => _queries.Select(query => query.File);

    public void Add(Query query) => _queries.Add(query);

    public void Wrong(Finding finding) => _findings.Add(finding);

    /// <exception cref="InvalidOperationException">Node.js or the language service is not there.</exception>
    public async Task<IReadOnlyList<Finding>> BindAsync(CancellationToken cancellationToken)
    {
        var answers = await AnswersAsync(cancellationToken);
        var codes = Codes();
        List<Finding> findings = [.. _findings];
        for (var i = 0; i < _queries.Count; i++)
        {
            var query = _queries[i];
            var answer = answers[i];
            foreach (var fault in answer.GetProperty("faults").EnumerateArray())
                findings.Add(new Finding(Place(query, fault.GetProperty("line").GetInt32()), "query", Say(query, fault.GetProperty("text").GetString() ?? "")));
            var columns = answer.GetProperty("columns").EnumerateObject().ToDictionary(column => column.Name, column => column.Value.GetString());
            if (columns.Count == 0) continue; // It did not bind, which is said already.
            foreach (var column in query.NeededColumns.Where(column => !columns.ContainsKey(column)))
                findings.Add(new Finding(Place(query, 1), "query-columns", Say(query, $"the result lacks the column {column}.")));
            foreach (var column in columns.Keys.Where(column => query.AllowedColumns.Count > 0 && !query.AllowedColumns.Contains(column)))
                findings.Add(new Finding(Place(query, 1), "query-columns", Say(query, $"the result has {column}, which the schema does not know.")));
            if (query.NeedsTime && !columns.ContainsValue("datetime")) findings.Add(new Finding(Place(query, 1), "query-time", Say(query, "a chart over time, without a time in the result.")));
            foreach (var code in CodesIn(query.Text).Where(code => !codes.Contains(code)))
                findings.Add(new Finding(Place(query, 1), "query-code", Say(query, $"there is no refusal '{code}' in docs/refusals.md.")));
        }

        return findings;
    }

    private static string Place(Query query, int line) => query.HasLines ? $"{query.File}:{query.Line + line - 1}" : $"{query.File}:{query.Line}";

    private static string Say(Query query, string message) => query.Named is null ? message : $"{query.Named}: {message}";

    /// <summary>Codes that the documentation has, and those that it announces (design of budgets and approvals).</summary>
    private HashSet<string> Codes() =>
    [
        .. Code.Matches(workspace.Read("docs/refusals.md")).Select(match => match.Groups[1].Value),
        "rate_limited", "budget_exhausted", "runaway_paused",
    ];

    private static IEnumerable<string> CodesIn(string text) =>
        from match in CodeUse.Matches(text)
        from Match name in Quoted.Matches(match.Value)
        select name.Groups[1].Value;

    /// <summary>An answer for each query. What was answered once for the same tables is not asked again.</summary>
    private async Task<IReadOnlyList<JsonElement>> AnswersAsync(CancellationToken cancellationToken)
    {
        var tables = new JsonObject();
        foreach (var (table, columns) in AuditColumns.Tables(workspace)) tables[table] = new JsonObject(columns.Select(column => KeyValuePair.Create(column.Key, (JsonNode?)column.Value)));
        var schema = tables.ToJsonString();
        var unanswered = _queries.Select(query => query.Text).Distinct().Where(text => !Answers.ContainsKey((schema, text))).ToArray();
        if (unanswered.Length > 0)
        {
            var answers = await AskAsync(tables, unanswered, cancellationToken);
            for (var i = 0; i < unanswered.Length; i++) Answers[(schema, unanswered[i])] = answers.GetProperty($"{i}");
        }

        return [.. _queries.Select(query => Answers[(schema, query.Text)])];
    }

    private static async Task<JsonElement> AskAsync(JsonObject tables, string[] texts, CancellationToken cancellationToken)
    {
        var queries = new JsonObject(texts.Select((text, index) => KeyValuePair.Create($"{index}", (JsonNode?)text)));
        var start = new ProcessStartInfo(NodeTool.Executable, [Path.Combine(AppContext.BaseDirectory, "kusto.mjs"), RepositoryRoot.Path])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("Node.js did not start.");
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.StandardInput.WriteAsync(new JsonObject { ["tables"] = tables, ["queries"] = queries }.ToJsonString().AsMemory(), cancellationToken);
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0) throw new InvalidOperationException($"Kusto's language service ended with code {process.ExitCode}; is npm ci done?\n{await errors}");
        using var answer = JsonDocument.Parse(await output);
        return answer.RootElement.Clone();
    }

    [GeneratedRegex(@"^\| `([a-z_]+)`", RegexOptions.Multiline)]
    private static partial Regex Code { get; }

    [GeneratedRegex("""RefusalCode\s*(==|!=|in~?|!in)\s*(\([^)]*\)|"[^"]*")""")]
    private static partial Regex CodeUse { get; }

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex Quoted { get; }
}
