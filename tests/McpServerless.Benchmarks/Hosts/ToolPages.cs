using System.Globalization;
using System.Text.Json;

namespace McpServerless.Benchmarks.Hosts;

/// <summary>The tools of the lists case, and the pages in which the upstream itself gives them out.</summary>
internal static class ToolPages
{
    public const int PageSize = 250;
    public const int MaxTools = 5000;

    /// <summary>The cursor says how many tools there are and where the page begins: the upstream keeps nothing.</summary>
    public static string Cursor(int tools, int first) => string.Create(CultureInfo.InvariantCulture, $"{tools}:{first}");

    public static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"tool-{number:D4}");

    private static readonly string[] Definitions = [.. Enumerable.Range(0, MaxTools).Select(Make)];

    /// <summary>About as long as the definitions of real servers.</summary>
    public static string Definition(int number) => Definitions[number];

    private static string Make(int number) =>
        $$$"""
        {"name":"{{{Name(number)}}}","title":"Orders of store {{{number}}}","description":"Looks up the orders of store {{{number}}} by customer, day and state, newest first. Returns at most the asked-for number of orders, each with its lines.","inputSchema":{"type":"object","properties":{"customerId":{"type":"string","pattern":"^[0-9]{8}$","description":"The customer's number."},"day":{"type":"string","format":"date","description":"Only orders of this day."},"state":{"enum":["open","shipped","cancelled"]},"limit":{"type":"integer","minimum":1,"maximum":100}},"required":["customerId"],"additionalProperties":false},"annotations":{"readOnlyHint":true}}
        """;

    public static void Write(Utf8JsonWriter writer, string? cursor)
    {
        var (tools, first) = Read(cursor);
        writer.WriteStartArray("tools"u8);
        for (var i = first; i < Math.Min(first + PageSize, tools); i++) writer.WriteRawValue(Definition(i), skipInputValidation: true);
        writer.WriteEndArray();
        if (first + PageSize < tools) writer.WriteString("nextCursor"u8, Cursor(tools, first + PageSize));
        writer.WriteNumber("ttlMs"u8, 5000);
        writer.WriteString("cacheScope"u8, "private"u8);
    }

    private static (int Tools, int First) Read(string? cursor)
    {
        var parts = (cursor ?? "0:0").Split(':');
        return (int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
    }
}
