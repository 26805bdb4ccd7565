using Spectre.Console;

namespace McpServerless.Cli.Output;

/// <summary>Rows in columns, on any writer.</summary>
internal static class TableWriter
{
    /// <summary>Wide enough for a row of ids where no terminal says how wide it is.</summary>
    private const int WidthWithoutTerminal = 200;

    public static void Write(TextWriter output, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in columns) table.AddColumn(new TableColumn(Markup.Escape(column)));
        foreach (var row in rows) table.AddRow(row.Select(cell => new Text(Printable(cell))));
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Interactive = InteractionSupport.No });
        if (!ReferenceEquals(output, Console.Out) || Console.IsOutputRedirected) console.Profile.Width = WidthWithoutTerminal;
        console.Write(table);
    }

    /// <summary>What agents named themselves could hold sequences that a terminal obeys.</summary>
    public static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
}
