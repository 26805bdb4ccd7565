#nullable enable
using System.Globalization;
using System.Text.Json;
using Azure.Core;

namespace Azure.Data.Tables;

/// <summary>Reads <c>{"odata.error":{"code":"...","message":{"value":"..."}}}</c> into the code and message of an exception.</summary>
internal sealed class ODataErrorParser : RequestFailedDetailsParser
{
    public static readonly ODataErrorParser Instance = new();

    public override bool TryParse(Response response, out ResponseError? error, out IDictionary<string, string>? data)
    {
        error = null;
        data = null;
        if (response.ContentStream is null || response.Content.ToMemory().IsEmpty)
            return false;
        try
        {
            using var document = JsonDocument.Parse(response.Content.ToMemory());
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("odata.error", out var found))
                return false;
            var code = found.TryGetProperty("code", out var codeElement) ? codeElement.GetString() : null;
            var text = found.TryGetProperty("message", out var message) && message.TryGetProperty("value", out var value) ? value.GetString() : null;
            data = new Dictionary<string, string>();
            if (ActionIndex(text) is { } index)
                data[TableTransactionFailedException.IndexKey] = index;
            error = new ResponseError(code, text);
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // A proxy's HTML page, or JSON of another shape: the status alone then tells what happened.
            return false;
        }
    }

    /// <summary>In a transaction the message begins with the index of the action that failed: <c>1:The specified entity ...</c></summary>
    private static string? ActionIndex(string? message)
    {
        var colon = message?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        return colon > 0 && int.TryParse(message.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? index.ToString(CultureInfo.InvariantCulture)
            : null;
    }
}
