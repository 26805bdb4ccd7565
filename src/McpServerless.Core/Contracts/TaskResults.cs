using System.Text.Json;
using McpServerless.Protocol;

namespace McpServerless.Contracts;

/// <summary>The shape of a task in results of the tasks extension (SEP-2663).</summary>
internal static class TaskResults
{
    /// <summary>What is wrong with a task's description; null when nothing is.</summary>
    public static string? FindFault(JsonElement task)
    {
        if (!HasText(task, "taskId"u8)) return "the task has no taskId";
        if (!HasText(task, "status"u8)) return "the task has no status";
        if (task.GetProperty("taskId"u8).GetString()!.Length > 2048) return "the task's taskId is too long";
        return task.GetProperty("status"u8).GetString() is "working" or "input_required" or "completed" or "failed" or "cancelled"
            ? null
            : "the task has a status that is not known";
    }

    /// <summary>What a waiting task asks of the client that it must not; null when nothing.</summary>
    public static string? FindBreach(JsonElement task, AgentCapabilities capabilities) =>
        task.GetProperty("status"u8).ValueEquals("input_required"u8) ? InputRequests.FindFault(task, capabilities) : null;

    /// <summary>The tool's result in a task that is completed; null in any other.</summary>
    public static JsonElement? Outcome(JsonElement task) =>
        task.GetProperty("status"u8).ValueEquals("completed"u8) ? task.TryGetProperty("result"u8, out var result) ? result : default(JsonElement) : null;

    private static bool HasText(JsonElement owner, ReadOnlySpan<byte> name) =>
        owner.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && !value.ValueEquals(""u8);
}
