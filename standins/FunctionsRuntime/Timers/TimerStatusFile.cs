using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace FunctionsRuntime.Timers;

/// <summary>Remembers across restarts when a timer last ran and was next due; the host keeps the same in a blob.</summary>
internal sealed partial class TimerStatusFile(string folder)
{
    public const string FolderSetting = "FUNCTIONS_TIMER_STATUS_FOLDER";

    /// <summary>The folder that the configuration names, else one for the app under the temporary folder.</summary>
    public static TimerStatusFile For(IConfiguration settings, string app) =>
        new(settings[FolderSetting] ?? Path.Combine(Path.GetTempPath(), "functions-timers", app));

    public ScheduleStatus? Read(string function)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(PathOf(function)), StatusJson.Default.ScheduleStatus);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null; // Absent, or cut short when a process died: the timer starts anew.
        }
    }

    public void Write(string function, ScheduleStatus status)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(PathOf(function), JsonSerializer.SerializeToUtf8Bytes(status, StatusJson.Default.ScheduleStatus));
    }

    private string PathOf(string function) => Path.Combine(folder, $"{Uri.EscapeDataString(function)}.json");

    [JsonSerializable(typeof(ScheduleStatus))]
    private sealed partial class StatusJson : JsonSerializerContext;
}
