using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpServerless.Contracts;
using McpServerless.Http.Mcp;
using McpServerless.Management;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace McpServerless.Http.Manage;

/// <summary>Reads what a request brings, and holds it to the operation's schemas. What is not known is refused, and so is what stands there twice.</summary>
internal sealed class ManageReader(IOptions<GatewayOptions> gateway, IOptions<ManagementOptions> management, TimeProvider time)
{
    private readonly ConcurrentDictionary<JsonObject, ValueSchema> _schemas = new(ReferenceEqualityComparer.Instance);

    private readonly RequestBody _body = new(
        new GatewayOptions { MaxRequestBytes = management.Value.MaxRequestBytes, BodyTimeoutSeconds = gateway.Value.BodyTimeoutSeconds }, time);

    /// <summary>What can be said before it is known what is asked for.</summary>
    public ManageProblem? CheckHeaders(HttpRequest request)
    {
        if (TransportChecks.SizeOf(request.Headers) > gateway.Value.MaxHeaderBytes) return new ManageProblem(ManageProblemCode.HeadersTooLarge, $"The headers are larger than {gateway.Value.MaxHeaderBytes} bytes.");
        return request.Query.ContainsKey("access_token") ? ManageProblem.Parameter("access_token", "a token belongs into the Authorization header, not into the URL") : null;
    }

    /// <summary>Parameters, preconditions and body of an operation.</summary>
    /// <returns>The request or what is wrong with it, and the memory of its body, which the caller disposes of.</returns>
    public async ValueTask<(ManageRequest? Request, ManageProblem? Problem, ReadBody? Body)> ReadAsync(ManageOperation operation, GovernanceCaller caller, IReadOnlyDictionary<string, string> path, HttpRequest request, CancellationToken ct)
    {
        if (!Accepts(request.Headers.Accept)) return (null, new ManageProblem(ManageProblemCode.NotAcceptable, "Accept has to list application/json."), null);
        if (path.Any(p => Faults(Parameters.OfPath(p.Key), p.Value).Count > 0)) return (null, ManageProblem.Absent, null);
        if (ReadQuery(operation, request.Query, out var query) is { } wrong) return (null, wrong, null);
        if (ReadTags(request.Headers.IfMatch, out var tags) is { } unreadable) return (null, unreadable, null);
        var onlyNew = request.Headers.IfNoneMatch is { Count: > 0 } none && none.ToString().Trim() == "*";
        if (operation.Precondition == Precondition.Required && tags is null) return (null, ManageRequest.Unconditional, null);
        var read = new ManageRequest { Caller = caller, Http = request, Path = path, Query = query, IfMatch = tags, OnlyNew = onlyNew };
        if (operation.Body is null) return (read, null, null);
        if (!IsJson(request.ContentType)) return (null, new ManageProblem(ManageProblemCode.MediaTypeUnsupported, "Content-Type has to be application/json."), null);
        var (body, error) = await _body.ReadAsync(request, ct);
        if (body is null) return (null, ProblemOf(error!), null); // one of the two is there
        var faults = SchemaOf(operation.Body).Check(body.Root);
        if (faults.Count > 0)
        {
            body.Dispose();
            return (null, new ManageProblem(ManageProblemCode.BodyInvalid, "The body breaks its schema.") { Errors = faults }, null);
        }

        return (read with { Body = body.Root }, null, body);
    }

    private static ManageProblem ProblemOf(ProtocolError error) => error.HttpStatus switch
    {
        StatusCodes.Status408RequestTimeout => new ManageProblem(ManageProblemCode.RequestTimeout, error.Message),
        StatusCodes.Status413PayloadTooLarge => new ManageProblem(ManageProblemCode.RequestTooLarge, error.Message),
        _ => new ManageProblem(ManageProblemCode.MalformedRequest, error.Message),
    };

    private ManageProblem? ReadQuery(ManageOperation operation, IQueryCollection query, out Dictionary<string, string> values)
    {
        values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, given) in query)
        {
            if (operation.Query.FirstOrDefault(p => p.Name == name) is not { } parameter) return ManageProblem.Parameter(name, "is none of this operation");
            if (given is not [{ } value]) return ManageProblem.Parameter(name, "is there more than once");
            if (Faults(parameter, value) is [var fault, ..]) return ManageProblem.Parameter(name, fault.TrimStart(':', ' '));
            values[name] = value;
        }

        return null;
    }

    private IReadOnlyList<string> Faults(ManageParameter parameter, string value)
    {
        JsonNode? node = parameter.Schema["type"]?.GetValue<string>() switch
        {
            "integer" => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number) : null,
            "boolean" => value switch { "true" => JsonValue.Create(true), "false" => JsonValue.Create(false), _ => null },
            _ => DateOnlyFault(parameter, value) ? null : JsonValue.Create(value),
        };
        if (node is null) return [$"is no {parameter.Schema["format"] ?? parameter.Schema["type"]}"];
        using var document = JsonDocument.Parse(node.ToJsonString());
        return SchemaOf(parameter.Schema).Check(document.RootElement);
    }

    /// <summary>What the format lets pass and .NET does not, such as a leap second.</summary>
    private static bool DateOnlyFault(ManageParameter parameter, string value) =>
        parameter.Schema["format"]?.GetValue<string>() == "date-time" && !DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, out _);

    /// <summary>Entity tags of <c>If-Match</c> (RFC 9110, section 13.1.1). A weak one never is the same, but it is no fault.</summary>
    private static ManageProblem? ReadTags(StringValues header, out IReadOnlyList<string>? tags)
    {
        tags = null;
        if (header.Count == 0) return null;
        var text = string.Join(',', header.ToArray());
        if (text.Trim() == "*")
        {
            tags = ["*"];
            return null;
        }

        if (!Microsoft.Net.Http.Headers.EntityTagHeaderValue.TryParseList([text], out var parsed)) return new ManageProblem(ManageProblemCode.MalformedRequest, "If-Match is neither * nor a list of entity tags.");
        tags = [.. parsed.Where(t => !t.IsWeak).Select(t => t.Tag.ToString()).Where(t => t != "*")];
        return null;
    }

    private ValueSchema SchemaOf(JsonObject schema) => _schemas.GetOrAdd(schema, static s =>
    {
        using var document = JsonDocument.Parse(s.ToJsonString());
        return ValueSchema.Build(document.RootElement);
    });

    private static bool IsJson(string? contentType) =>
        Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(contentType, out var type) && type.MediaType.Equals(ManageAnswer.Json, StringComparison.OrdinalIgnoreCase);

    private static bool Accepts(StringValues accept)
    {
        if (accept.Count == 0) return true;
        if (!Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParseList(accept.ToArray()!, out var ranges)) return false; // null lines are none
        return ranges.Any(r => r.Quality != 0 && (r.MatchesAllTypes || r.MediaType.Equals(ManageAnswer.Json, StringComparison.OrdinalIgnoreCase) || (r.MatchesAllSubTypes && r.Type.Equals("application", StringComparison.OrdinalIgnoreCase))));
    }
}
