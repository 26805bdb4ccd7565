using System.Text.Json;
using McpServerless.Catalogue;
using ModelContextProtocol.Protocol;

namespace McpServerless.ToolCalls;

/// <summary>What a request is about, by its own words.</summary>
/// <param name="Method">The MCP method.</param>
/// <param name="Kind">What kind of thing it is about; a task is a tool's.</param>
/// <param name="Name">The name or URI; for a task the id that the client was given.</param>
public sealed record CallTarget(string Method, SubjectKind Kind, string Name)
{
    public const string TasksGet = "tasks/get";
    public const string TasksUpdate = "tasks/update";
    public const string TasksCancel = "tasks/cancel";

    /// <summary>Whether it is about a task that an earlier call began.</summary>
    public bool IsTask => Method is TasksGet or TasksUpdate or TasksCancel;

    /// <summary>Whether requests of a method go to an upstream.</summary>
    public static bool IsForwarded(string? method) => method
        is RequestMethods.ToolsCall or RequestMethods.PromptsGet or RequestMethods.ResourcesRead or RequestMethods.CompletionComplete
        or RequestMethods.ResourcesSubscribe or RequestMethods.ResourcesUnsubscribe
        or TasksGet or TasksUpdate or TasksCancel;

    /// <summary>Reads the subject from the parameters of a method that <see cref="IsForwarded"/>; or says what is wrong with them.</summary>
    public static CallTarget? Read(string method, JsonElement parameters, out string fault)
    {
        switch (method)
        {
            case RequestMethods.ToolsCall:
                return Named(SubjectKind.Tool, "name", "params.name must be the name of a tool", out fault);
            case RequestMethods.PromptsGet:
                return Named(SubjectKind.Prompt, "name", "params.name must be the name of a prompt", out fault);
            case TasksGet or TasksUpdate or TasksCancel:
                return Named(SubjectKind.Tool, "taskId", "params.taskId must be the id of a task", out fault);
            case RequestMethods.CompletionComplete:
                return Completed(method, parameters, out fault);
            default:
                return Named(SubjectKind.Resource, "uri", "params.uri must be the URI of a resource", out fault);
        }

        CallTarget? Named(SubjectKind kind, string member, string otherwise, out string fault)
        {
            fault = otherwise;
            return JsonMembers.Text(parameters, member) is { Length: > 0 } name ? new CallTarget(method, kind, name) : null;
        }
    }

    private static CallTarget? Completed(string method, JsonElement parameters, out string fault)
    {
        fault = "params.ref must name a prompt (ref/prompt) or a resource template (ref/resource)";
        if (!parameters.TryGetProperty("ref"u8, out var reference)) return null;
        var target = JsonMembers.Text(reference, "type") switch
        {
            "ref/prompt" when JsonMembers.Text(reference, "name") is { Length: > 0 } name => new CallTarget(method, SubjectKind.Prompt, name),
            "ref/resource" when JsonMembers.Text(reference, "uri") is { Length: > 0 } uri => new CallTarget(method, SubjectKind.Resource, uri),
            _ => null,
        };
        if (target is null) return null;
        fault = "params.argument must have a name and a value";
        return parameters.TryGetProperty("argument"u8, out var argument) && JsonMembers.Text(argument, "name") is { Length: > 0 } && JsonMembers.Text(argument, "value") is not null ? target : null;
    }
}
