using System.Text.Json;

namespace McpServerless.ToolCalls;

/// <summary>A <c>tools/call</c> as it arrived, read but not yet judged.</summary>
public sealed record ToolCall
{
    private static readonly JsonElement NoArguments = JsonDocument.Parse("{}").RootElement;

    public required RequestContext Context { get; init; }

    /// <summary>The tool's name as the virtual server shows it.</summary>
    public required string Tool { get; init; }

    /// <summary>All of <c>params</c>; an object.</summary>
    public required JsonElement Params { get; init; }

    /// <summary>Receives what the upstream sends before its answer.</summary>
    public required INotificationSink Notifications { get; init; }

    /// <summary>A header of the request by its name, for the arguments that a modern request mirrors; null in the older era, which mirrors none.</summary>
    public Func<string, string?>? Header { get; init; }

    /// <summary>The arguments; an absent member stands for <c>{}</c> (MCP, Tools). Its kind is judged with the schema.</summary>
    public JsonElement Arguments => Params.TryGetProperty("arguments"u8, out var arguments) ? arguments : NoArguments;

    /// <summary>The caller's own token for progress notifications; undefined when it asked for none.</summary>
    public JsonElement ProgressToken =>
        Params.TryGetProperty("_meta"u8, out var meta) && meta.ValueKind == JsonValueKind.Object && meta.TryGetProperty("progressToken"u8, out var token)
            ? token
            : default;
}

/// <summary>Where notifications of one request go while it runs.</summary>
public interface INotificationSink
{
    /// <summary>Sends one JSON-RPC notification to the agent, and returns when it has left.</summary>
    ValueTask SendAsync(ReadOnlyMemory<byte> notification, CancellationToken ct);
}
