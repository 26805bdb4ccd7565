using System.Buffers;
using System.Globalization;
using System.Text.Json;
using McpServerless.ToolCalls;
using McpServerless.Upstreams;
using ModelContextProtocol.Protocol;

namespace McpServerless.Contracts;

/// <summary>What becomes of an error with which an upstream answered.</summary>
internal static class ErrorResults
{
    private const int UrlElicitationRequired = -32042;
    private const int MaxElicitations = 20;

    /// <summary>
    /// An error about the call passes, also that the client lacks a capability. One about headers or versions speaks of the gateway's own request, and an agent could do
    /// nothing about it. One that only the older era has is told in the words of the newer.
    /// </summary>
    public static Outcome<CallResult> Check(GovernedCall call, UpstreamAnswer answer)
    {
        var code = answer.ErrorCode;
        if (code == RefusalCode.CapabilityMissing.JsonRpcCode)
        {
            // An older client declares nothing to an upstream of the newer era: what it could be asked, it could not be asked through two requests.
            return call.IsModern ? new CallResult(answer) : UpstreamFault.NeedsCapability;
        }

        if (UpstreamFault.IsOfTheHop(code)) return UpstreamFault.Protocol($"the upstream refused the gateway's request with {code}");
        if (code != UrlElicitationRequired) return new CallResult(answer);
        if (FindElicitations(answer.Error) is not { } elicitations) return UpstreamFault.Protocol("the upstream asks for URLs to be opened, but names none");
        if (call.IsModern && call.TakesRounds && !call.Capabilities.Urls)
        {
            return new Refusal(RefusalCode.CapabilityMissing, "The user has to open a URL, which this client cannot ask for.") { RequiredCapabilityPath = ["elicitation", "url"] };
        }

        foreach (var elicitation in elicitations)
        {
            if (InputRequests.JudgeUrl(elicitation, call.Capabilities) is { } breach) return UpstreamFault.Protocol(breach);
        }

        if (!call.IsModern) return new CallResult(answer);
        return call.TakesRounds ? AskForUrls(elicitations) : UpstreamFault.Protocol("the upstream asks for URLs to be opened where there are no rounds");
    }

    /// <summary>The URLs that the error is about; null when it is not as MCP 2025-11-25, Elicitation, has it.</summary>
    private static IReadOnlyList<JsonElement>? FindElicitations(JsonElement error) =>
        error.TryGetProperty("data"u8, out var data) && data.ValueKind == JsonValueKind.Object
        && data.TryGetProperty("elicitations"u8, out var elicitations) && elicitations.ValueKind == JsonValueKind.Array
        && elicitations.GetArrayLength() is > 0 and <= MaxElicitations
        && elicitations.EnumerateArray().All(e => e.ValueKind == JsonValueKind.Object)
            ? [.. elicitations.EnumerateArray()]
            : null;

    /// <summary>What 2025-11-25 says by an error, 2026-07-28 says by a result that asks for input (MCP 2026-07-28, Elicitation).</summary>
    private static CallResult AskForUrls(IReadOnlyList<JsonElement> elicitations)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("inputRequests"u8);
            for (var i = 0; i < elicitations.Count; i++)
            {
                writer.WriteStartObject(string.Create(CultureInfo.InvariantCulture, $"url-{i + 1}"));
                writer.WriteString("method"u8, RequestMethods.ElicitationCreate);
                writer.WriteStartObject("params"u8);
                writer.WriteString("mode"u8, "url"u8);
                foreach (var member in elicitations[i].EnumerateObject())
                {
                    if (!member.NameEquals("elicitationId"u8) && !member.NameEquals("mode"u8)) member.WriteTo(writer);
                }

                writer.WriteEndObject();
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        using var authored = JsonDocument.Parse(buffer.WrittenMemory);
        return new CallResult(authored.RootElement.Clone()) { Kind = ResultKind.InputRequired };
    }
}
