using System.Globalization;
using System.Text;

namespace McpServerless.Fuzz;

/// <summary>What did not hold, each kind with the bytes of its first examples.</summary>
internal sealed class Findings(string folder)
{
    private const int ExamplesOfAKind = 3;

    private readonly Lock _guard = new();
    private readonly Dictionary<string, int> _kinds = [];

    public bool IsEmpty
    {
        get
        {
            lock (_guard) return _kinds.Count == 0;
        }
    }

    public void Add(string fault, Exchange? exchange = null, RawAnswer? answer = null, (string Request, UpstreamScript Script)? upstream = null)
    {
        int count;
        lock (_guard) _kinds[fault] = count = _kinds.GetValueOrDefault(fault) + 1;
        if (count > ExamplesOfAKind) return;
        var name = exchange is null ? $"run-{Math.Abs(fault.GetHashCode(StringComparison.Ordinal))}" : exchange.Number.ToString("D6", CultureInfo.InvariantCulture);
        Console.WriteLine($"  FINDING {name}: {fault}");
        Directory.CreateDirectory(folder);
        File.AppendAllText(Path.Combine(folder, $"{name}.txt"), fault + "\n" + (answer is null ? "" : $"HTTP {answer.Status}\n{string.Join('\n', answer.Headers.Select(h => $"{h.Key}: {h.Value}"))}\n\n{answer.Text}\n\n"));
        if (exchange is not null) File.WriteAllBytes(Path.Combine(folder, $"{name}.request"), exchange.Bytes);
        if (upstream is { } served)
        {
            File.WriteAllText(Path.Combine(folder, $"{name}.upstream-request"), served.Request, Encoding.Latin1);
            File.WriteAllBytes(Path.Combine(folder, $"{name}.upstream-answer"), [.. served.Script.Pieces.SelectMany(p => p)]);
        }
    }

    public IReadOnlyList<(string Fault, int Count)> Summary()
    {
        lock (_guard) return [.. _kinds.OrderByDescending(k => k.Value).Select(k => (k.Key, k.Value))];
    }
}
