using System.Text.Json;

namespace McpServerless.OpenApi;

/// <summary>Where an argument goes in a request.</summary>
public enum ArgumentPlace
{
    Path,
    Query,
    Header,
    Cookie,
}

/// <summary>How a value becomes text (OpenAPI 3.1.1, section 4.8.12.2, "Parameter Object", styles).</summary>
public enum ArgumentStyle
{
    Simple,
    Label,
    Matrix,
    Form,
    SpaceDelimited,
    PipeDelimited,
    DeepObject,
}

/// <summary>How a call of a tool becomes an HTTP request, and which answers count as its result: member <c>http</c> of a contract.</summary>
public sealed record HttpBinding
{
    public required string Method { get; init; }

    /// <summary>Appended to the upstream's URL. Begins with a slash; each <c>{name}</c> is a parameter in the path.</summary>
    public required string Path { get; init; }

    public required IReadOnlyList<ParameterBinding> Parameters { get; init; }

    /// <summary>Null when the request has no body.</summary>
    public BodyBinding? Body { get; init; }

    /// <summary>Statuses of a success: <c>200</c>, or <c>2XX</c> for all of a hundred. Another 2xx is outside the contract.</summary>
    public required IReadOnlyList<string> Success { get; init; }

    /// <summary>The header <c>Accept</c>; null sends none.</summary>
    public string? Accept { get; init; }

    public bool IsSuccess(int status) => Success.Any(code =>
        code is [var hundred, 'X', 'X'] ? status / 100 == hundred - '0' : int.TryParse(code, out var exact) && exact == status);

    /// <summary>Reads what the schema of contract files has admitted.</summary>
    public static HttpBinding Read(JsonElement http) => new()
    {
        Method = http.GetProperty("method").GetString()!, // the schema requires it, as the others
        Path = http.GetProperty("path").GetString()!,
        Parameters = http.TryGetProperty("parameters", out var parameters) ? [.. parameters.EnumerateArray().Select(ReadParameter)] : [],
        Body = http.TryGetProperty("body", out var body) ? ReadBody(body) : null,
        Success = [.. http.GetProperty("success").EnumerateArray().Select(code => code.GetString()!)],
        Accept = Text(http, "accept"),
    };

    private static ParameterBinding ReadParameter(JsonElement item)
    {
        var place = Enum.Parse<ArgumentPlace>(Text(item, "in")!, ignoreCase: true);
        var style = Text(item, "style") is { } text ? Enum.Parse<ArgumentStyle>(text, ignoreCase: true) : DefaultStyle(place);
        return new ParameterBinding
        {
            Argument = Text(item, "argument")!,
            Place = place,
            Name = Text(item, "name")!,
            Style = style,
            Explode = Flag(item, "explode") ?? style == ArgumentStyle.Form,
            AllowReserved = Flag(item, "allowReserved") ?? false,
            AsJson = Text(item, "mediaType") is not null,
        };
    }

    private static BodyBinding ReadBody(JsonElement body) => new()
    {
        Argument = Text(body, "argument")!,
        MediaType = Text(body, "mediaType")!,
        Binary = Flag(body, "binary") ?? false,
        Fields = body.TryGetProperty("fields", out var fields)
            ? fields.EnumerateObject().ToDictionary(f => f.Name, f => ReadField(f.Value), StringComparer.Ordinal)
            : new Dictionary<string, FieldBinding>(),
    };

    private static FieldBinding ReadField(JsonElement field)
    {
        var style = Text(field, "style") is { } text ? Enum.Parse<ArgumentStyle>(text, ignoreCase: true) : ArgumentStyle.Form;
        return new FieldBinding(Text(field, "mediaType"), Flag(field, "binary") ?? false, style, Flag(field, "explode") ?? style == ArgumentStyle.Form);
    }

    internal static ArgumentStyle DefaultStyle(ArgumentPlace place) =>
        place is ArgumentPlace.Path or ArgumentPlace.Header ? ArgumentStyle.Simple : ArgumentStyle.Form;

    private static string? Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static bool? Flag(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.GetBoolean() : null;
}

/// <summary>One argument outside the body.</summary>
public sealed record ParameterBinding
{
    /// <summary>Member of the tool's arguments.</summary>
    public required string Argument { get; init; }

    public required ArgumentPlace Place { get; init; }

    /// <summary>The name that the API knows.</summary>
    public required string Name { get; init; }

    public required ArgumentStyle Style { get; init; }

    public required bool Explode { get; init; }

    /// <summary>Whether reserved characters (RFC 3986, section 2.2) stand as they are in the query.</summary>
    public bool AllowReserved { get; init; }

    /// <summary>Whether the value is sent as JSON text (a parameter with <c>content</c>).</summary>
    public bool AsJson { get; init; }
}

/// <summary>The argument that becomes the body.</summary>
public sealed record BodyBinding
{
    public required string Argument { get; init; }

    public required string MediaType { get; init; }

    /// <summary>Whether the argument is base64 text (RFC 4648, section 4) of the bytes to send.</summary>
    public bool Binary { get; init; }

    /// <summary>Members of a form that are sent otherwise than by default.</summary>
    public required IReadOnlyDictionary<string, FieldBinding> Fields { get; init; }
}

/// <summary>One member of a form.</summary>
/// <param name="MediaType">Of the part in a multipart body; null for the default of the value's type.</param>
/// <param name="Binary">Whether the value is base64 text of a file's bytes.</param>
public sealed record FieldBinding(string? MediaType, bool Binary, ArgumentStyle Style, bool Explode);
