using System.Text.RegularExpressions;
using McpServerless.Benchmarks.Driver;
using McpServerless.Benchmarks.Hosts;
using McpServerless.Benchmarks.Setup;

namespace McpServerless.Benchmarks.Cases;

/// <summary>Pages of <c>tools/list</c>, of a small and a large catalogue, in both eras; the floor passes on pages that the upstream has ready.</summary>
internal static partial class ListsCase
{
    public static async Task<int> RunAsync(BenchOptions options, CancellationToken ct)
    {
        int[] sizes = [50, ToolPages.MaxTools];
        await using var rig = await Rig.StartAsync(sizes, ct);
        var targets = new List<Driven>();
        foreach (var size in sizes)
        {
            targets.Add(new Driven($"floor {size}", rig.Floor, FloorPages(rig, size)));
            targets.Add(new Driven($"modern {size}", rig.Gateway, Walk(rig, size, modern: true)));
            targets.Add(new Driven($"legacy {size}", rig.Gateway, Walk(rig, size, modern: false)));
        }

        var tallies = await new Rounds(rig, options).RunAsync(targets, ct);
        var report = CallsReport.Of(tallies, options, "pages", name => $"floor {name.Split(' ')[1]}", _ => []);
        Console.Write(report.ToTable());
        if (options.JsonFile is { } file) await File.WriteAllTextAsync(file, report.ToJson(), ct);
        return tallies.Any(t => t.Errors > 0) ? 1 : 0;
    }

    private static List<CallRequest> FloorPages(Rig rig, int size) =>
        [.. from first in Enumerable.Range(0, size).Where(i => i % ToolPages.PageSize == 0) select CallRequest.OfList(rig.Floor.Address, BenchState.Server, rig.Token, ToolPages.Cursor(size, first), modern: true)];

    /// <summary>The requests of a whole list, page by page, as a client would send them.</summary>
    private static List<CallRequest> Walk(Rig rig, int size, bool modern)
    {
        using var connection = new CallConnection(rig.Gateway.Address);
        var pages = new List<CallRequest>();
        string? cursor = null;
        var tools = 0;
        do
        {
            var page = CallRequest.OfList(rig.Gateway.Address, BenchState.ListServer(size), rig.Token, cursor, modern);
            var text = connection.Text(page);
            pages.Add(page);
            tools += ToolName.Count(text);
            cursor = NextCursor.Match(text) is { Success: true } next ? next.Groups[1].Value : null;
        }
        while (cursor is not null);
        return tools == size ? pages : throw new InvalidOperationException($"The list of {size} tools has {tools}.");
    }

    [GeneratedRegex("\"name\":\"tool-[0-9]{4}\"")]
    private static partial Regex ToolName { get; }

    [GeneratedRegex("\"nextCursor\":\"([^\"]+)\"")]
    private static partial Regex NextCursor { get; }
}
