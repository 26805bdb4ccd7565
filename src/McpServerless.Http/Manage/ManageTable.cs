using System.Diagnostics.CodeAnalysis;

namespace McpServerless.Http.Manage;

/// <summary>Every operation, and which of them a request is for.</summary>
public sealed class ManageTable
{
    internal ManageTable(IEnumerable<IManageOperations> subjects) => Operations = [.. subjects.SelectMany(s => s.All).Select(o => o.Prepared())];

    internal IReadOnlyList<ManageOperation> Operations { get; }

    /// <summary>The operation of a path and method.</summary>
    /// <param name="path">Behind <c>/manage/</c>, as it is decoded.</param>
    /// <param name="values">Values of the path's parameters.</param>
    /// <param name="allowed">The methods of the path, where it has not this one; empty where there is no such path.</param>
    internal bool TryFind(string method, string path, [NotNullWhen(true)] out ManageOperation? operation, out IReadOnlyDictionary<string, string> values, out IReadOnlyList<string> allowed)
    {
        var segments = path.Split('/');
        var ofPath = Operations.Where(o => Fits(o, segments)).ToList();
        // A literal goes before a parameter: "versions" is no name.
        var most = ofPath.Select(Literals).DefaultIfEmpty().Max();
        ofPath.RemoveAll(o => Literals(o) < most);
        operation = ofPath.Find(o => o.Method == method);
        values = operation is null ? new Dictionary<string, string>() : operation.Segments.Zip(segments).Where(p => p.First[0] == '{').ToDictionary(p => p.First[1..^1], p => p.Second, StringComparer.Ordinal);
        allowed = operation is null ? [.. ofPath.Select(o => o.Method).Distinct().Order(StringComparer.Ordinal)] : [];
        return operation is not null;
    }

    private static int Literals(ManageOperation operation) => operation.Segments.Count(s => s[0] != '{');

    private static bool Fits(ManageOperation operation, string[] segments)
    {
        if (operation.Segments.Count != segments.Length) return false;
        for (var i = 0; i < segments.Length; i++)
        {
            if (segments[i].Length == 0 || (operation.Segments[i][0] != '{' && operation.Segments[i] != segments[i])) return false;
        }

        return true;
    }
}
