using System.Collections.Concurrent;
using System.Globalization;
using Spectre.Console;

namespace McpServerless.Dev;

/// <summary>Shows how far a chore is: a line per step that ended, and in a terminal the names of those that run.</summary>
internal sealed class Steps
{
    private readonly StatusContext? _status;
    private readonly ConcurrentDictionary<string, long> _running = new();
    private readonly ConcurrentDictionary<string, string> _details = new();

    private Steps(StatusContext? status) => _status = status;

    public static async Task ShowAsync(Func<Steps, Task> work)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
        {
            await work(new Steps(null));
            return;
        }

        await AnsiConsole.Status().StartAsync("…", status => work(new Steps(status)));
    }

    public Task RunAsync(string name, Func<Task> step) => RunAsync(name, async () =>
    {
        await step();
        return "";
    });

    /// <param name="name">What is being done.</param>
    /// <param name="step">Gives back what came of it, in a few words.</param>
    public Task<string> RunAsync(string name, Func<Task<string>> step) => RunAsync(name, async () => (await step(), true));

    /// <param name="name">What is being done.</param>
    /// <param name="step">Gives back what came of it, in a few words, and whether that is well; the chore goes on in any case.</param>
    public async Task<string> RunAsync(string name, Func<Task<(string Outcome, bool Well)>> step)
    {
        var started = TimeProvider.System.GetTimestamp();
        _running[name] = started;
        ShowRunning();
        try
        {
            var (outcome, well) = await step();
            Report(well, name, outcome, started);
            return outcome;
        }
        catch (OperationCanceledException)
        {
            throw;
        }
        catch
        {
            Report(well: false, name, "", started);
            throw;
        }
        finally
        {
            _running.TryRemove(name, out _);
            _details.TryRemove(name, out _);
            ShowRunning();
        }
    }

    /// <summary>Says, in a terminal, how far a step that runs has come.</summary>
    public void Tell(string name, string detail)
    {
        _details[name] = detail;
        ShowRunning();
    }

    private static string Sign(string unicode, string ascii) => AnsiConsole.Profile.Capabilities.Unicode ? unicode : ascii;

    private static void Report(bool well, string name, string outcome, long started)
    {
        var (colour, sign) = well ? ("green", Sign("✓", "ok    ")) : ("red", Sign("✗", "failed"));
        var elapsed = TimeProvider.System.GetElapsedTime(started).TotalMilliseconds.ToString("N0", CultureInfo.InvariantCulture);
        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[{colour}]{sign}[/] {name,-34} {elapsed,8} ms  [grey]{outcome}[/]");
    }

    private void ShowRunning()
    {
        var names = string.Join(", ", _running.OrderBy(step => step.Value).Select(step => _details.TryGetValue(step.Key, out var detail) ? $"{step.Key}: {detail}" : step.Key));
        _status?.Status(Markup.Escape(names.Length > 0 ? names : "…")); // Never empty; Spectre refuses that.
    }
}
