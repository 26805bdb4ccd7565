using System.Text.Json;
using McpServerless.Contracts.Sanitising;
using McpServerless.Protocol;
using ModelContextProtocol.Protocol;

namespace McpServerless.Contracts;

/// <summary>What an upstream may ask of an agent, whether in an answer of several rounds or by a request of its own.</summary>
/// <remarks>
/// Only what the agent declared and the virtual server allows (MCP 2026-07-28, Multi Round-Trip Requests). A form must not ask for secrets, and a URL
/// has to be https (MCP, Elicitation, Security Considerations).
/// </remarks>
internal static class InputRequests
{
    private const int MaxRequests = 20;

    /// <summary>What is wrong with a result that asks for input; null when nothing is.</summary>
    public static string? FindFault(JsonElement result, AgentCapabilities capabilities)
    {
        var hasState = result.TryGetProperty("requestState"u8, out var state);
        if (hasState && state.ValueKind != JsonValueKind.String) return "requestState is not a text";
        if (!result.TryGetProperty("inputRequests"u8, out var requests)) return hasState ? null : "the result asks for input, but for none";
        if (requests.ValueKind == JsonValueKind.Object && requests.GetPropertyCount() == 0 && !hasState) return "the result asks for input, but for none";
        if (requests.ValueKind != JsonValueKind.Object || requests.GetPropertyCount() > MaxRequests) return $"inputRequests is not an object of up to {MaxRequests} requests";
        foreach (var request in requests.EnumerateObject())
        {
            if (Judge(request.Value, capabilities) is { } fault) return fault;
        }

        return null;
    }

    /// <summary>What is wrong with one request to an agent; null when it may be sent.</summary>
    public static string? Judge(JsonElement request, AgentCapabilities capabilities)
    {
        if (request.ValueKind != JsonValueKind.Object || !request.TryGetProperty("method"u8, out var method) || method.ValueKind != JsonValueKind.String) return "a request to the client has no method";
        var parameters = request.TryGetProperty("params"u8, out var own) ? own : default;
        switch (method.GetString())
        {
            case RequestMethods.ElicitationCreate:
                return JudgeElicitation(parameters, capabilities);
            case OlderMethods.SamplingCreateMessage:
                return !capabilities.Sampling ? "it asks for sampling, which is not declared or not allowed"
                    : !capabilities.SamplingTools && Has(parameters, "tools"u8, "toolChoice"u8) ? "it asks for sampling with tools, which is not declared"
                    : null;
            case OlderMethods.RootsList:
                return capabilities.Roots ? null : "it asks for roots, which are not declared or not allowed";
            default:
                return "it asks the client for something that no capability covers";
        }
    }

    private static string? JudgeElicitation(JsonElement parameters, AgentCapabilities capabilities)
    {
        if (parameters.ValueKind != JsonValueKind.Object) return "an elicitation has no params";
        if (parameters.TryGetProperty("mode"u8, out var mode))
        {
            if (mode.ValueKind != JsonValueKind.String || !(mode.ValueEquals("url"u8) || mode.ValueEquals("form"u8))) return "it elicits in a mode that no capability covers";
            if (mode.ValueEquals("url"u8)) return JudgeUrl(parameters, capabilities);
        }

        return capabilities.Forms ? JudgeForm(parameters) : "it elicits by a form, which is not declared or not allowed";
    }

    /// <summary>What is wrong with an elicitation by a URL; null when it may be sent.</summary>
    public static string? JudgeUrl(JsonElement parameters, AgentCapabilities capabilities)
    {
        if (!capabilities.Urls) return "it elicits by a URL, which is not declared or not allowed";
        return parameters.TryGetProperty("url"u8, out var url) && url.ValueKind == JsonValueKind.String
            && Uri.TryCreate(url.GetString(), UriKind.Absolute, out var target)
            && (target.Scheme == Uri.UriSchemeHttps || (target.Scheme == Uri.UriSchemeHttp && target.IsLoopback))
                ? null
                : "it elicits by something that is no https URL";
    }

    private static string? JudgeForm(JsonElement parameters)
    {
        if (!parameters.TryGetProperty("requestedSchema"u8, out var schema)) return null;
        if (schema.ValueKind != JsonValueKind.Object) return "its form has no schema";
        if (!schema.TryGetProperty("properties"u8, out var properties)) return null;
        if (properties.ValueKind != JsonValueKind.Object) return "its form has no properties";
        foreach (var property in properties.EnumerateObject())
        {
            var title = property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty("title"u8, out var own) && own.ValueKind == JsonValueKind.String ? own.GetString()! : "";
            if (SensitiveNames.IsSecret(property.Name) || SensitiveNames.IsSecret(title)) return "its form asks for what its name says is a secret";
        }

        return null;
    }

    private static bool Has(JsonElement owner, ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) =>
        owner.ValueKind == JsonValueKind.Object && (owner.TryGetProperty(one, out _) || owner.TryGetProperty(other, out _));
}
