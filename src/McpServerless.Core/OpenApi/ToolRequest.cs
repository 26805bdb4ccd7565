using System.Net;
using System.Text;
using System.Text.Json;
using McpServerless.ToolCalls;

namespace McpServerless.OpenApi;

/// <summary>Makes the HTTP request of a call whose arguments keep their schema.</summary>
/// <remarks>
/// Scheme, host, port and the path before the template come from the catalogue alone. Refuses with <c>arguments_invalid</c> what no schema
/// says and HTTP could not carry, or would read as something else: dots in a path, control characters in a header.
/// </remarks>
internal static class ToolRequest
{
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public static Outcome<HttpRequestMessage> Create(Uri upstream, HttpBinding binding, JsonElement arguments)
    {
        var path = new StringBuilder(binding.Path);
        var query = new List<string>();
        var cookies = new List<string>();
        var headers = new List<(string Name, string Value)>();
        foreach (var parameter in binding.Parameters)
        {
            if (!arguments.TryGetProperty(parameter.Argument, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                if (parameter.Place == ArgumentPlace.Path) return Invalid(parameter.Argument, "is needed for the path");
                continue;
            }

            switch (parameter.Place)
            {
                case ArgumentPlace.Path:
                    if (LeadsElsewhere(value)) return Invalid(parameter.Argument, "cannot stand in a path: it is empty, or has a control character or a segment of dots");
                    path.Replace($"{{{parameter.Name}}}", ParameterText.InPath(parameter, value));
                    break;
                case ArgumentPlace.Query:
                    query.AddRange(ParameterText.Pairs(parameter.Name, value, parameter.Style, parameter.Explode, parameter.AsJson, parameter.AllowReserved));
                    break;
                case ArgumentPlace.Cookie:
                    cookies.AddRange(ParameterText.Pairs(parameter.Name, value, parameter.Style, parameter.Explode, parameter.AsJson));
                    break;
                default:
                    var text = ParameterText.InHeader(parameter, value);
                    if (text.Any(c => c is < ' ' or > '~')) return Invalid(parameter.Argument, "cannot stand in a header: it has a control character or one beyond ASCII");
                    headers.Add((parameter.Name, text));
                    break;
            }
        }

        // Two values side by side could make a segment of dots between them.
        if (path.ToString().Split('/').Any(PathSegments.IsDots)) return Invalid(null, "make a path with a segment of dots");
        return Assemble(upstream, binding, arguments, path.ToString(), query, headers, cookies);
    }

    private static Outcome<HttpRequestMessage> Assemble(
        Uri upstream, HttpBinding binding, JsonElement arguments, string path, List<string> query, List<(string Name, string Value)> headers, List<string> cookies)
    {
        var text = upstream.GetLeftPart(UriPartial.Path).TrimEnd('/') + path;
        var pairs = string.Join('&', query.Prepend(upstream.Query.TrimStart('?')).Where(part => part.Length > 0));
        var uri = new Uri(pairs.Length > 0 ? $"{text}?{pairs}" : text, AsWritten);
        if (uri.Scheme != upstream.Scheme || uri.Host != upstream.Host || uri.Port != upstream.Port || uri.UserInfo.Length > 0)
            throw new InvalidOperationException("A request would have left its upstream.");

        var request = new HttpRequestMessage(new HttpMethod(binding.Method), uri) { Version = HttpVersion.Version11 };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        if (cookies.Count > 0) request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", cookies));
        request.Headers.TryAddWithoutValidation("User-Agent", "McpServerless");
        if (binding.Accept is not null) request.Headers.TryAddWithoutValidation("Accept", binding.Accept);
        if (binding.Body is not { } body || !arguments.TryGetProperty(body.Argument, out var argument)) return request;

        var (content, problem) = RequestBody.Create(body, argument);
        request.Content = content;
        if (problem is null) return request;
        request.Dispose();
        return Invalid(body.Argument, problem);
    }

    /// <summary>Judged before styles and encoding, so that no separator of theirs hides anything.</summary>
    private static bool LeadsElsewhere(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0 || value.EnumerateArray().Any(LeadsElsewhere),
        JsonValueKind.Object => !value.EnumerateObject().Any() || value.EnumerateObject().Any(m => PathSegments.Leads(m.Name) || LeadsElsewhere(m.Value)),
        JsonValueKind.Null => true,
        _ => PathSegments.Leads(ParameterText.Scalar(value)),
    };

    private static Refusal Invalid(string? argument, string problem)
    {
        var violation = argument is null ? $": {problem}" : $"/{JsonPointers.Escape(argument)}: {problem}";
        return new Refusal(RefusalCode.ArgumentsInvalid, $"The arguments cannot be sent. {(argument is null ? "Together they " : $"/{argument} ")}{problem}.")
        {
            Violations = [violation],
            OperatorNote = violation,
        };
    }
}
