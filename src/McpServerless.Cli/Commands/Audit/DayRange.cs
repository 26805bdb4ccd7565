using System.CommandLine;
using System.Globalization;

namespace McpServerless.Cli.Commands.Audit;

/// <summary>The options <c>--from</c> and <c>--to</c>: UTC days, both included.</summary>
internal sealed class DayRange
{
    /// <summary>Further back than this nobody looks without saying so.</summary>
    private const int MaxKnownDays = 400;

    private readonly Option<string?> _from = Day("--from", "The first UTC day, yyyy-MM-dd. Today by default.");
    private readonly Option<string?> _to = Day("--to", "The last UTC day, yyyy-MM-dd. The first one by default.");

    public void AddTo(Command command)
    {
        command.Add(_from);
        command.Add(_to);
    }

    /// <param name="result">The command line.</param>
    /// <param name="time">Says what is today.</param>
    /// <param name="known">From here to today where no day is given.</param>
    /// <exception cref="UsageException">The last day is before the first.</exception>
    public (DateOnly From, DateOnly To) Of(ParseResult result, TimeProvider time, DateOnly? known = null)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (known is { } day && day <= today && day > today.AddDays(-MaxKnownDays) && result.GetValue(_from) is null && result.GetValue(_to) is null) return (day, today);
        var from = TryRead(result.GetValue(_from), out var first) ? first : DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var to = TryRead(result.GetValue(_to), out var last) ? last : from;
        return to < from ? throw new UsageException("--to is before --from") : (from, to);
    }

    private static Option<string?> Day(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "yyyy-MM-dd" };
        option.Validators.Add(given =>
        {
            if (given.Tokens is [var token] && !TryRead(token.Value, out _)) given.AddError($"{name} {token.Value}: write a day as yyyy-MM-dd.");
        });
        return option;
    }

    private static bool TryRead(string? text, out DateOnly day) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
}
