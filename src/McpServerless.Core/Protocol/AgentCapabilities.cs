using System.Text.Json;
using McpServerless.Catalogue;
using static McpServerless.JsonMembers;

namespace McpServerless.Protocol;

/// <summary>What an agent declares that it can do for a server, as far as the gateway passes it on.</summary>
/// <remarks>A claim of the client (MCP, Base Protocol). It limits what may be sent to it; it proves nothing.</remarks>
public sealed class AgentCapabilities
{
    /// <summary>The extension of long-running calls (SEP-2663).</summary>
    public const string TasksExtension = "io.modelcontextprotocol/tasks";

    private const int MaxMemberBytes = 1024;

    private readonly JsonElement _sampling;
    private readonly JsonElement _roots;

    private AgentCapabilities(bool forms, bool urls, JsonElement sampling, JsonElement roots, bool tasks) =>
        (Forms, Urls, _sampling, _roots, Tasks) = (forms, urls, sampling, roots, tasks);

    public static AgentCapabilities None { get; } = new(false, false, default, default, false);

    /// <summary>The tasks extension alone.</summary>
    public static AgentCapabilities OfTasks { get; } = new(false, false, default, default, true);

    /// <summary>Elicitation by a form. An empty object means this alone (MCP 2026-07-28, Elicitation).</summary>
    public bool Forms { get; }

    /// <summary>Elicitation by a URL.</summary>
    public bool Urls { get; }

    public bool Sampling => _sampling.ValueKind == JsonValueKind.Object;

    /// <summary>Sampling in which the model may use tools (MCP, Sampling, Tools).</summary>
    public bool SamplingTools => Member(_sampling, "tools").ValueKind == JsonValueKind.Object;

    public bool Roots => _roots.ValueKind == JsonValueKind.Object;

    public bool Tasks { get; }

    public bool Any => Forms || Urls || Sampling || Roots || Tasks;

    /// <summary>Reads a declaration; what the gateway does not pass on is left out.</summary>
    /// <param name="declared">The object of <c>initialize</c> or of <c>_meta</c>; undefined declares nothing. It has to outlive the result.</param>
    public static AgentCapabilities Read(JsonElement declared)
    {
        if (declared.ValueKind != JsonValueKind.Object) return None;
        var elicitation = Member(declared, "elicitation");
        var urls = Member(elicitation, "url").ValueKind == JsonValueKind.Object;
        var forms = elicitation.ValueKind == JsonValueKind.Object && (!urls || Member(elicitation, "form").ValueKind == JsonValueKind.Object);
        var tasks = Member(Member(declared, "extensions"), TasksExtension).ValueKind == JsonValueKind.Object;
        return new AgentCapabilities(forms, urls, Bounded(Member(declared, "sampling")), Bounded(Member(declared, "roots")), tasks);
    }

    /// <summary>What of it a virtual server lets upstreams use.</summary>
    public AgentCapabilities Within(IReadOnlyList<ClientRequestKind> allowed) => Any
        ? new AgentCapabilities(
            Forms && allowed.Contains(ClientRequestKind.Elicitation),
            Urls && allowed.Contains(ClientRequestKind.UrlElicitation),
            allowed.Contains(ClientRequestKind.Sampling) ? _sampling : default,
            allowed.Contains(ClientRequestKind.Roots) ? _roots : default,
            Tasks)
        : None;

    /// <summary>Writes the members of the object that an upstream gets.</summary>
    public void Write(Utf8JsonWriter writer, bool modern)
    {
        if (Forms || Urls)
        {
            writer.WriteStartObject("elicitation"u8);
            if (Urls && Forms) WriteEmpty(writer, "form"u8);
            if (Urls) WriteEmpty(writer, "url"u8);
            writer.WriteEndObject();
        }

        WriteMember(writer, "sampling"u8, _sampling);
        WriteMember(writer, "roots"u8, _roots);
        if (!Tasks || !modern) return;
        writer.WriteStartObject("extensions"u8);
        writer.WriteStartObject(TasksExtension);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>A large one is kept as "it can", without its details.</summary>
    private static JsonElement Bounded(JsonElement member) =>
        member.ValueKind != JsonValueKind.Object || member.GetRawText().Length <= MaxMemberBytes ? member : Empty;

    private static readonly JsonElement Empty = JsonDocument.Parse("{}").RootElement;

    private static void WriteEmpty(Utf8JsonWriter writer, ReadOnlySpan<byte> name)
    {
        writer.WriteStartObject(name);
        writer.WriteEndObject();
    }

    private static void WriteMember(Utf8JsonWriter writer, ReadOnlySpan<byte> name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object) return;
        writer.WritePropertyName(name);
        value.WriteTo(writer);
    }
}
