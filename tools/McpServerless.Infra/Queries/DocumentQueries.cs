namespace McpServerless.Infra.Queries;

/// <summary>Queries that people are told to paste: blocks of <c>kusto</c> in the documents.</summary>
internal static class DocumentQueries
{
    public static void Add(InfraWorkspace workspace, QuerySet queries)
    {
        foreach (var file in workspace.FilesBelow("docs", "*.md").Append("README.md"))
        {
            var lines = workspace.Read(file).ReplaceLineEndings("\n").Split('\n');
            for (var i = 0; i < lines.Length; i++)
            {
                if (lines[i].Trim() != "```kusto") continue;
                var end = Array.FindIndex(lines, i + 1, line => line.Trim() == "```");
                if (end < 0) end = lines.Length;
                queries.Add(new Query(file, i + 2, string.Join('\n', lines[(i + 1)..end])));
                i = end;
            }
        }
    }
}
