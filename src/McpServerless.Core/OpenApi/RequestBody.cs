using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace McpServerless.OpenApi;

/// <summary>The argument that is the body, as its media type has it.</summary>
internal static class RequestBody
{
    public static bool IsJson(string mediaType)
    {
        var name = Name(mediaType);
        return name.Equals("application/json", StringComparison.OrdinalIgnoreCase) || name.Equals("text/json", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    public static bool IsForm(string mediaType) => Name(mediaType).Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);

    public static bool IsMultipart(string mediaType) => Name(mediaType).Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase);

    public static bool IsText(string mediaType) => Name(mediaType).StartsWith("text/", StringComparison.OrdinalIgnoreCase);

    /// <summary>A media type without its parameters.</summary>
    public static string Name(string mediaType)
    {
        var end = mediaType.IndexOf(';', StringComparison.Ordinal);
        return (end < 0 ? mediaType : mediaType[..end]).Trim();
    }

    /// <summary>The content, or what is wrong with the argument.</summary>
    public static (HttpContent? Content, string? Problem) Create(BodyBinding body, JsonElement value)
    {
        if (IsMultipart(body.MediaType)) return Multipart(body, value);
        if (IsForm(body.MediaType)) return Form(body, value);
        if (body.Binary)
        {
            return value.ValueKind == JsonValueKind.String && value.TryGetBytesFromBase64(out var bytes)
                ? (With(new ByteArrayContent(bytes), body.MediaType), null)
                : (null, "is not base64");
        }

        return IsJson(body.MediaType)
            ? (With(new ByteArrayContent(JsonMarshal.GetRawUtf8Value(value).ToArray()), body.MediaType), null)
            : (With(new ByteArrayContent(Encoding.UTF8.GetBytes(ParameterText.Scalar(value))), body.MediaType), null);
    }

    /// <summary>Spaces are sent as <c>%20</c>, which every form parser reads like the plus that the URL Standard writes.</summary>
    private static (HttpContent?, string?) Form(BodyBinding body, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object) return (null, "is not an object, which a form needs");
        var pairs = value.EnumerateObject().SelectMany(member =>
        {
            var field = body.Fields.GetValueOrDefault(member.Name);
            return ParameterText.Pairs(member.Name, member.Value, field?.Style ?? ArgumentStyle.Form, field?.Explode ?? true, asJson: field?.MediaType is { } type && IsJson(type));
        });
        return (With(new ByteArrayContent(Encoding.ASCII.GetBytes(string.Join('&', pairs))), body.MediaType), null);
    }

    private static (HttpContent?, string?) Multipart(BodyBinding body, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object) return (null, "is not an object, which a form needs");
        var form = new MultipartFormDataContent();
        foreach (var member in value.EnumerateObject())
        {
            if (member.Name.Any(char.IsControl)) return Failed(form, "has a member whose name holds a control character");
            var field = body.Fields.GetValueOrDefault(member.Name);
            // A list is sent as one part for each of its items (OpenAPI 3.1.1, "Encoding multipart media types").
            JsonElement[] items = member.Value.ValueKind == JsonValueKind.Array && !AsJson(field) ? [.. member.Value.EnumerateArray()] : [member.Value];
            foreach (var item in items)
            {
                if (item.ValueKind == JsonValueKind.Null) continue;
                if (Part(field, item) is not { } part) return Failed(form, $"has the file '{member.Name}', which is not base64");
                Add(form, part, member.Name, isFile: field?.Binary == true);
            }
        }

        if (form.Any()) return (form, null);
        form.Dispose();
        return (EmptyForm(), null);
    }

    /// <summary>A form without a part. The framework would write a part that has no name, which RFC 7578, section 4.2, does not allow.</summary>
    private static ByteArrayContent EmptyForm() => With(new ByteArrayContent("--empty-form--\r\n"u8.ToArray()), "multipart/form-data; boundary=empty-form");

    private static bool AsJson(FieldBinding? field) => field?.MediaType is { } type && IsJson(type);

    private static (byte[] Bytes, string? MediaType)? Part(FieldBinding? field, JsonElement item)
    {
        if (field?.Binary == true)
        {
            return item.ValueKind == JsonValueKind.String && item.TryGetBytesFromBase64(out var bytes) ? (bytes, field.MediaType ?? "application/octet-stream") : null;
        }

        var isObject = item.ValueKind is JsonValueKind.Object or JsonValueKind.Array;
        var text = isObject || AsJson(field) ? item.GetRawText() : ParameterText.Scalar(item);
        return (Encoding.UTF8.GetBytes(text), field?.MediaType ?? (isObject ? "application/json" : null));
    }

    private static void Add(MultipartFormDataContent form, (byte[] Bytes, string? MediaType) part, string name, bool isFile)
    {
        // As browsers write it (HTML Living Standard, "Multipart form data"): a quote would else end the name, and some parsers want this header first.
        var quoted = $"\"{name.Replace("\"", "%22", StringComparison.Ordinal)}\"";
        var content = new ByteArrayContent(part.Bytes);
        content.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = quoted, FileName = isFile ? quoted : null };
        form.Add(part.MediaType is null ? content : With(content, part.MediaType));
    }

    private static (HttpContent?, string?) Failed(MultipartFormDataContent form, string problem)
    {
        form.Dispose();
        return (null, problem);
    }

    private static ByteArrayContent With(ByteArrayContent content, string mediaType)
    {
        content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        return content;
    }
}
