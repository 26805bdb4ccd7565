using System.Globalization;
using System.Net;
using System.Text;
using McpServerless.Audit.Evidence;
using McpServerless.Audit.Export;

namespace McpServerless.Cli.Evidence;

/// <summary>What people read first in an archive: the same as a page that can be printed, and as text.</summary>
internal static class EvidencePages
{
    private const string Style = "body{font:14px/1.45 system-ui,sans-serif;margin:2em auto;max-width:75em;padding:0 1em;color:#111}table{border-collapse:collapse;width:100%;margin:1em 0;font-size:12px}th,td{border:1px solid #bbb;padding:.3em .5em;text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#eee}code{font-size:12px}@media print{body{margin:0;max-width:none}tr{break-inside:avoid}thead{display:table-header-group}}";

    /// <summary>More rows than anybody prints; all of them are in the files.</summary>
    private const int MaxRows = 5000;

    public static string Readme(ExportScope scope)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Evidence from {scope.First:yyyy-MM-dd} to {scope.Last:yyyy-MM-dd}\n{Of(scope)}\n\n## Verify it first\n```\ndotnet run verify.cs\ndotnet run verify.cs -- --public-key KEY.pem\n```\nIt needs the .NET 10 SDK and nothing else, and reads this folder alone. It ends with 0 when nothing is wrong, 1 with alarms, 2 when something could not be read. Take the public key from whoever operates the gateway, by another way than this archive: the one in `keys/` proves only that the archive agrees with itself.\n\n## What is here\n| file | what it is |\n|---|---|\n");
        foreach (var (file, what) in Files) text.Append(CultureInfo.InvariantCulture, $"| `{file}` | {what} |\n");
        text.Append("\n## Which question is answered where\n| framework | control | question | look at | one sees | it does not prove |\n|---|---|---|---|---|---|\n");
        foreach (var q in AuditQuestion.All) text.Append(CultureInfo.InvariantCulture, $"| {q.Framework} | {q.Control} | {q.Asks} | `{q.Files}` | {q.Answers} | {q.DoesNotProve} |\n");
        return text.ToString();
    }

    public static string Index(ExportScope scope, AccessHistory history, long records, int checkpoints)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Evidence {scope.First:yyyy-MM-dd} to {scope.Last:yyyy-MM-dd}</title><style>{Style}</style><h1>Evidence from {scope.First:yyyy-MM-dd} to {scope.Last:yyyy-MM-dd}</h1>");
        page.Append(CultureInfo.InvariantCulture, $"<p>{Escape(Of(scope))} {records} records, {checkpoints} signed checkpoints. Verify it first: <code>dotnet run verify.cs</code> (see README.md).</p>");
        Table(page, "Which question is answered where", ["Framework", "Control", "Question", "Look at", "One sees", "It does not prove"], AuditQuestion.All.Select(q => new[] { q.Framework, q.Control, q.Asks, q.Files, q.Answers, q.DoesNotProve }));
        Table(page, "Who had access when", ["Client", "Server", "Grant", "Effect", "Tools, prompts, resources", "From", "To", "Requested by", "Approved by", "Why", "Reviewed", "Ended"], history.Spans.Select(s => new[]
        {
            s.ClientId, s.Server, s.GrantId, s.Effect, string.Join(", ", s.Names), s.Began ?? "before the first day", s.Ended ?? s.ExpiresAt ?? "", s.RequestedBy ?? "", s.ApprovedBy ?? "", s.Justification ?? "", string.Join("; ", s.Reviews), s.EndedWhy ?? "",
        }));
        Table(page, "What was changed, by whom", ["Time", "What", "By", "Client", "Grant", "Reason", "Record"], history.Changes.Select(c => new[] { c.Time, c.Happening, c.ByTimer ? $"timer {c.By}" : c.By, c.ClientId ?? "", c.GrantId ?? "", c.Reason, c.Place }));
        Table(page, "What is here", ["File", "What it is"], Files.Select(f => new[] { f.File, f.What }));
        return page.Append("</html>\n").ToString();
    }

    private static readonly (string File, string What)[] Files =
    [
        ("checkpoints/", "how far the ledger had come, signed every five minutes, each over the one before"),
        ("keys/", "public keys of those signatures"),
        ("ledger/DAY/CLIENT.jsonl", "the records, one a line, exactly as they were written; CLIENT is the client id in base64url, and the gateway's own are under Z2F0ZXdheQ"),
        ("access/clients.json", "the registered clients of today, with the history of their state"),
        ("access/grants.json", "who had access when: rebuilt from the ledger and from what there is today"),
        ("access/changes.jsonl", "who changed what, with the place of the record that says so"),
        ("record.schema.json", "JSON Schema of a record"),
        ("verify.cs", "the verifier"),
        ("manifest.json", "the period, and the SHA-256 of every file"),
    ];

    private static string Of(ExportScope scope) => scope.ClientId is { } client
        ? $"Records of client {client}, and those of the gateway about itself, which name other clients too."
        : "Records of all clients, and those of the gateway about itself.";

    private static void Table(StringBuilder page, string title, IReadOnlyList<string> columns, IEnumerable<string[]> rows)
    {
        page.Append(CultureInfo.InvariantCulture, $"<h2>{Escape(title)}</h2><table><thead><tr>");
        foreach (var column in columns) page.Append(CultureInfo.InvariantCulture, $"<th>{Escape(column)}</th>");
        page.Append("</tr></thead><tbody>");
        var written = 0;
        foreach (var row in rows)
        {
            if (written++ == MaxRows)
            {
                page.Append(CultureInfo.InvariantCulture, $"<tr><td colspan=\"{columns.Count}\">The rest is in the files.</td></tr>");
                break;
            }

            page.Append("<tr>");
            foreach (var cell in row) page.Append(CultureInfo.InvariantCulture, $"<td>{Escape(cell)}</td>");
            page.Append("</tr>\n");
        }

        page.Append("</tbody></table>");
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
