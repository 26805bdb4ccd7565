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
        return code == UrlElicitationRequired && call.IsModern ? AskForUrls(call, answer.Error) : new CallResult(answer);
    }

    /// <summary>What 2025-11-25 says by an error, 2026-07-28 says by a result that asks for input (MCP 2026-07-28, Elicitation).</summary>
    private static Outcome<CallResult> AskForUrls(GovernedCall call, JsonElement error)
    {
        if (!call.TakesRounds
            || !error.TryGetProperty("data"u8, out var data) || data.ValueKind != JsonValueKind.Object
            || !data.TryGetProperty("elicitations"u8, out var elicitations) || elicitations.ValueKind != JsonValueKind.Array)
        {
            return UpstreamFault.Protocol("the upstream asks for a URL to be opened, but names none");
        }

        if (!call.Capabilities.Urls) return new Refusal(RefusalCode.CapabilityMissing, "The user has to open a URL, which this client cannot ask for.") { RequiredCapabilityPath = ["elicitation", "url"] };
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("inputRequests"u8);
            var number = 0;
            foreach (var elicitation in elicitations.EnumerateArray())
            {
                if (elicitation.ValueKind != JsonValueKind.Object) continue;
                writer.WriteStartObject(string.Create(CultureInfo.InvariantCulture, $"url-{++number}"));
                writer.WriteString("method"u8, RequestMethods.ElicitationCreate);
                writer.WriteStartObject("params"u8);
                foreach (var member in elicitation.EnumerateObject())
                {
                    if (!member.NameEquals("elicitationId"u8)) member.WriteTo(writer);
                }

                writer.WriteEndObject();
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        using var authored = JsonDocument.Parse(buffer.WrittenMemory);
        var result = authored.RootElement.Clone();
        return InputRequests.FindFault(result, call.Capabilities) is { } breach
            ? UpstreamFault.Protocol(breach)
            : new CallResult(result) { Kind = ResultKind.InputRequired };
    }
}
