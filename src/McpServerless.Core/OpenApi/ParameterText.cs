using System.Buffers;
using System.Text;
using System.Text.Json;

namespace McpServerless.OpenApi;

/// <summary>Values as the styles of OpenAPI write them (OpenAPI 3.1.1, section 4.8.12 and appendix C; RFC 6570 where a style comes from there).</summary>
/// <remarks>
/// What the specification leaves undefined is sent in the form that most servers read: a list within deepObject as <c>name[key][]=value</c>,
/// and an object or list within any other style as its JSON text. A null is left out.
/// </remarks>
internal static class ParameterText
{
    // Reserved characters that can stand in a query without ending a value; '&', '#', '+', '%' and ';' would change what is read.
    private static readonly SearchValues<char> LeftAlone = SearchValues.Create(":/?@!$'()*,=[]");

    public static string Encode(string text, bool allowReserved = false)
    {
        if (!allowReserved) return Uri.EscapeDataString(text);
        var encoded = new StringBuilder(text.Length);
        var rest = text.AsSpan();
        while (rest.IndexOfAny(LeftAlone) is >= 0 and var at)
        {
            encoded.Append(Uri.EscapeDataString(rest[..at])).Append(rest[at]);
            rest = rest[(at + 1)..];
        }

        return encoded.Append(Uri.EscapeDataString(rest)).ToString();
    }

    /// <summary>A string without its quotes, a number as it was written, anything else as JSON.</summary>
    public static string Scalar(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    /// <summary>What takes the place of <c>{name}</c> in a path; encoded.</summary>
    public static string InPath(ParameterBinding parameter, JsonElement value)
    {
        var matrix = parameter.Style == ArgumentStyle.Matrix;
        var name = Encode(parameter.Name);
        if (parameter.AsJson || !IsContainer(value))
        {
            var text = Encode(parameter.AsJson ? value.GetRawText() : Scalar(value));
            return parameter.Style switch { ArgumentStyle.Label => "." + text, ArgumentStyle.Matrix => $";{name}={text}", _ => text };
        }

        var separator = (parameter.Style, parameter.Explode) switch { (ArgumentStyle.Label, true) => ".", (ArgumentStyle.Matrix, true) => ";", _ => "," };
        var parts = Parts(value, parameter.Explode, text => Encode(text));
        if (matrix && parameter.Explode && value.ValueKind == JsonValueKind.Array) parts = parts.Select(part => $"{name}={part}");
        var joined = string.Join(separator, parts);
        return parameter.Style switch
        {
            ArgumentStyle.Label => "." + joined,
            ArgumentStyle.Matrix => parameter.Explode ? ";" + joined : $";{name}={joined}",
            _ => joined,
        };
    }

    /// <summary>A header's value, or a cookie's before it is encoded. Not percent-encoded: headers are not.</summary>
    public static string InHeader(ParameterBinding parameter, JsonElement value) =>
        parameter.AsJson ? value.GetRawText() : IsContainer(value) ? string.Join(',', Parts(value, parameter.Explode, text => text)) : Scalar(value);

    /// <summary>The pairs of a query, a form body or a cookie header; encoded.</summary>
    public static IEnumerable<string> Pairs(string name, JsonElement value, ArgumentStyle style, bool explode, bool asJson = false, bool allowReserved = false)
    {
        string Text(string text) => Encode(text, allowReserved);
        var key = Encode(name);
        if (value.ValueKind == JsonValueKind.Null) return [];
        if (asJson) return [$"{key}={Text(value.GetRawText())}"];
        if (!IsContainer(value)) return [$"{key}={Text(Scalar(value))}"];
        if (style == ArgumentStyle.DeepObject) return Deep(key, value, Text);
        if (!Parts(value, explode, Text).Any()) return [];
        if (explode) return value.ValueKind == JsonValueKind.Array ? Parts(value, explode, Text).Select(part => $"{key}={part}") : Parts(value, explode, Text);
        var separator = style switch { ArgumentStyle.SpaceDelimited => "%20", ArgumentStyle.PipeDelimited => "%7C", _ => "," };
        return [$"{key}={string.Join(separator, Parts(value, explode, Text))}"];
    }

    private static bool IsContainer(JsonElement value) => value.ValueKind is JsonValueKind.Array or JsonValueKind.Object;

    /// <summary>Items of a list; of an object <c>name=value</c>, or names and values in turn.</summary>
    private static IEnumerable<string> Parts(JsonElement value, bool explode, Func<string, string> encode)
    {
        if (value.ValueKind == JsonValueKind.Array)
            return value.EnumerateArray().Where(item => item.ValueKind != JsonValueKind.Null).Select(item => encode(Scalar(item)));
        var members = value.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null);
        return explode
            ? members.Select(member => $"{encode(member.Name)}={encode(Scalar(member.Value))}")
            : members.SelectMany(member => new[] { encode(member.Name), encode(Scalar(member.Value)) });
    }

    private static IEnumerable<string> Deep(string key, JsonElement value, Func<string, string> encode) => value.ValueKind switch
    {
        JsonValueKind.Null => [],
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Deep($"{key}[{Encode(member.Name)}]", member.Value, encode)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(item => Deep($"{key}[]", item, encode)),
        _ => [$"{key}={encode(Scalar(value))}"],
    };
}
