using System.Runtime.InteropServices;
using System.Text.Json;
using McpServerless.Protocol;
using ModelContextProtocol.Protocol;

namespace McpServerless.ToolCalls;

/// <summary>A request that goes to an upstream, as it arrived: read but not yet judged.</summary>
public sealed record GovernedCall
{
    private static readonly JsonElement NoArguments = JsonDocument.Parse("{}").RootElement;

    public required RequestContext Context { get; init; }

    public required CallTarget Target { get; init; }

    /// <summary>The request's own id.</summary>
    public required RpcId Id { get; init; }

    /// <summary>All of <c>params</c>; an object.</summary>
    public required JsonElement Params { get; init; }

    /// <summary>Receives what the upstream sends before its answer.</summary>
    public required IAgentChannel Agent { get; init; }

    /// <summary>What the agent declared: with this request, or when its session began. Not yet limited by the server's policy.</summary>
    public AgentCapabilities Capabilities { get; init; } = AgentCapabilities.None;

    /// <summary>A header of the request by its name, for the arguments that a modern request mirrors; null in the older era, which mirrors none.</summary>
    public Func<string, string?>? Header { get; init; }

    public string Method => Target.Method;

    public bool IsModern => Context.Revision == ProtocolRevision.Modern;

    /// <summary>The arguments; an absent member stands for <c>{}</c> (MCP, Tools). Its kind is judged with the contract.</summary>
    public JsonElement Arguments => Params.TryGetProperty("arguments"u8, out var arguments) ? arguments : NoArguments;

    /// <summary>The caller's own token for progress notifications; undefined when it asked for none.</summary>
    public JsonElement ProgressToken => Meta("progressToken"u8) is { ValueKind: JsonValueKind.String or JsonValueKind.Number } token ? token : default;

    /// <summary>The least severe log message that a modern request wants to be told of; undefined when it wants none.</summary>
    public JsonElement LogLevel => IsModern ? Meta("io.modelcontextprotocol/logLevel"u8) : default;

    /// <summary>Whether this may be answered with a request for more input (MCP 2026-07-28, Multi Round-Trip Requests).</summary>
    public bool TakesRounds => IsModern && Method is RequestMethods.ToolsCall or RequestMethods.PromptsGet or RequestMethods.ResourcesRead;

    /// <summary>The same call without some of its arguments.</summary>
    public GovernedCall Without(IReadOnlyList<string> arguments)
    {
        using var buffer = new PooledBytes();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var member in Params.EnumerateObject())
            {
                writer.WritePropertyName(member.Name);
                if (!member.NameEquals("arguments"u8))
                {
                    writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(member.Value), skipInputValidation: true);
                    continue;
                }

                writer.WriteStartObject();
                foreach (var argument in member.Value.EnumerateObject())
                {
                    if (arguments.Contains(argument.Name, StringComparer.Ordinal)) continue;
                    writer.WritePropertyName(argument.Name);
                    writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(argument.Value), skipInputValidation: true);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return this with { Params = JsonElement.Parse(buffer.Memory.Span) };
    }

    private JsonElement Meta(ReadOnlySpan<byte> name) =>
        Params.TryGetProperty("_meta"u8, out var meta) && meta.ValueKind == JsonValueKind.Object && meta.TryGetProperty(name, out var value) ? value : default;
}

/// <summary>Where messages to the agent go while its request runs.</summary>
public interface IAgentChannel
{
    /// <summary>Whether the agent went away before it had all of the answer.</summary>
    bool IsLost { get; }

    /// <summary>Sends one JSON-RPC notification or request to the agent, and returns when it has left.</summary>
    /// <param name="message">The message as UTF-8 JSON.</param>
    /// <param name="eventId">From where the stream can be taken up again; null where it cannot.</param>
    /// <param name="ct">Ends the wait.</param>
    ValueTask SendAsync(ReadOnlyMemory<byte> message, string? eventId, CancellationToken ct);

    /// <summary>Begins the stream although there is no message yet.</summary>
    ValueTask OpenAsync(CancellationToken ct);

    /// <summary>Adds a header to the answer, where it still can have one.</summary>
    void Header(string name, string value)
    {
    }
}
