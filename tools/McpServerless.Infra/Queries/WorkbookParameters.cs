using System.Text.Json;
using System.Text.RegularExpressions;

namespace McpServerless.Infra.Queries;

/// <summary>A workbook's parameters, and a query with values of their kind in their places.</summary>
internal sealed partial class WorkbookParameters
{
    private const int DropDown = 2;
    private const int TimeRange = 4;

    private readonly Dictionary<string, JsonElement> _parameters = [];

    public IEnumerable<string> Names => _parameters.Keys;

    public bool Has(string name) => _parameters.ContainsKey(name);

    public bool IsTime(string name) => _parameters.TryGetValue(name, out var parameter) && TypeOf(parameter) == TimeRange;

    public bool Add(string name, JsonElement parameter) => _parameters.TryAdd(name, parameter);

    /// <summary>Names of parameters that a text uses.</summary>
    public static IEnumerable<string> UsedBy(string text) => Use.Matches(text).Select(match => match.Groups[1].Value).Distinct();

    public string Fill(string query) => Use.Replace(query, match =>
        !_parameters.TryGetValue(match.Groups[1].Value, out var parameter)
            ? match.Value
            : (TypeOf(parameter), match.Groups[2].Value) switch
            {
                (TimeRange, "grain") => "1m",
                (TimeRange, "start" or "end") => "datetime(2026-01-01)",
                (TimeRange, _) => "> ago(1d)",
                // Several values, each in the quotes that the parameter says.
                (DropDown, _) when Text(parameter, "quote") is { Length: > 0 } quote => $"{quote}one{quote}{Text(parameter, "delimiter")} {quote}two{quote}",
                _ => "one",
            });

    public static int TypeOf(JsonElement parameter) => parameter.TryGetProperty("type", out var type) && type.TryGetInt32(out var number) ? number : 0;

    private static string? Text(JsonElement parameter, string name) => parameter.TryGetProperty(name, out var value) ? value.GetString() : null;

    // Not a brace of a dynamic literal: a name follows at once.
    [GeneratedRegex(@"\{([A-Za-z_]\w*)(?::([a-z]+))?\}")]
    private static partial Regex Use { get; }
}
