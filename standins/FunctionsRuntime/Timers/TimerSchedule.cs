using System.Globalization;
using System.Text.RegularExpressions;
using FunctionsRuntime.Invocation;
using Microsoft.Extensions.Configuration;
using NCrontab;

namespace FunctionsRuntime.Timers;

/// <summary>When a timer fires, in UTC.</summary>
/// <param name="Text">The schedule with its settings filled in.</param>
/// <param name="IsMonitored">Whether a missed occurrence counts; schedules that fire more than once a minute are never monitored.</param>
internal sealed partial record TimerSchedule(Function Function, string Text, bool IsMonitored, Func<DateTime, DateTime> Next)
{
    /// <summary>The schedules of the app's timer functions.</summary>
    /// <exception cref="InvalidOperationException">
    /// A schedule is not readable or names a setting that is absent; the text names the function.
    /// </exception>
    public static IReadOnlyList<TimerSchedule> Of(IEnumerable<Function> functions, IConfiguration settings) =>
        [.. functions.Where(f => f.Timer is not null).Select(f => Of(f, settings))];

    private static TimerSchedule Of(Function function, IConfiguration settings)
    {
        // The caller has filtered out other triggers.
        var trigger = function.Timer!;
        var text = Setting().Replace(trigger.Schedule, match => settings[match.Groups[1].Value] ?? throw new InvalidOperationException(
            $"Function '{function.Name}': its schedule names the setting '{match.Groups[1].Value}', which does not exist."));
        var fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // Five fields are minutes and up; NCRONTAB's sixth, in front, is seconds.
        if (CrontabSchedule.TryParse(text, new CrontabSchedule.ParseOptions { IncludingSeconds = fields.Length != 5 }) is { } cron)
            return new TimerSchedule(function, text, trigger.UseMonitor && !FiresWithinMinutes(cron, fields), cron.GetNextOccurrence);
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var period) && period > TimeSpan.Zero)
            return new TimerSchedule(function, text, trigger.UseMonitor && period >= TimeSpan.FromMinutes(1), from => from + period);
        throw new InvalidOperationException($"Function '{function.Name}': the schedule '{text}' is neither NCRONTAB nor a time span.");
    }

    /// <remarks>Only a schedule that leaves every field but the seconds open can fire twice within a minute, whatever the date.</remarks>
    private static bool FiresWithinMinutes(CrontabSchedule cron, string[] fields) =>
        fields.Length == 6
        && fields.Skip(1).All(f => f == "*")
        && cron.GetNextOccurrences(DateTime.UnixEpoch, DateTime.UnixEpoch.AddMinutes(1)).Count() > 1;

    [GeneratedRegex("%([^%]+)%")]
    private static partial Regex Setting();
}
