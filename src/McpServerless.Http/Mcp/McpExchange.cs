using System.Text.Json;
using McpServerless.Protocol;
using McpServerless.ToolCalls;
using Microsoft.AspNetCore.Http;

namespace McpServerless.Http.Mcp;

/// <summary>One message on its way: what was asked, by whom in which revision, and where the answer goes.</summary>
internal sealed record McpExchange(HttpRequest Request, RequestContext Context, McpMessage? Message, McpAnswer Answer)
{
    /// <summary>Undefined where there is none, or it could not be read.</summary>
    public JsonElement Id => Message?.Id ?? default;

    /// <summary>Known once the era is.</summary>
    public string Revision => Context.Revision ?? ProtocolRevision.Modern;

    public bool IsModern => Context.Revision == ProtocolRevision.Modern;
}
