using System.Text.Json;
using McpServerless.Catalogue;
using McpServerless.Protocol;
using McpServerless.ToolCalls;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol.Protocol;

namespace McpServerless.Http.Mcp;

/// <summary>One message on its way: what was asked, by whom in which revision, and where the answer goes.</summary>
internal sealed record McpExchange(HttpRequest Request, RequestContext Context, McpMessage? Message, McpAnswer Answer)
{
    /// <summary>Undefined where there is none, or it could not be read.</summary>
    public JsonElement Id => Message?.Id ?? default;

    /// <summary>Known once the era is.</summary>
    public string Revision => Context.Revision ?? ProtocolRevision.Modern;

    /// <summary>What kind of thing the request is about; a tool where it is about none.</summary>
    public SubjectKind Subject => Message?.Method switch
    {
        RequestMethods.PromptsGet => SubjectKind.Prompt,
        RequestMethods.ResourcesRead or RequestMethods.ResourcesSubscribe or RequestMethods.ResourcesUnsubscribe => SubjectKind.Resource,
        RequestMethods.CompletionComplete => CallTarget.Read(RequestMethods.CompletionComplete, Message.Params, out _)?.Kind ?? SubjectKind.Prompt,
        _ => SubjectKind.Tool,
    };

    /// <summary>The URI of the resource that the request is about; null where it is about none.</summary>
    public string? Uri => Subject == SubjectKind.Resource && Message is { Params: var parameters } ? McpMessage.Text(parameters, "uri") : null;

    public bool IsModern => Context.Revision == ProtocolRevision.Modern;
}
