#nullable enable
using System.Globalization;
using System.Text;
using Azure.Core;

namespace Azure.Data.Tables;

/// <summary>Takes a transaction's answer apart: one response per action, or a single one for the action that failed.</summary>
internal static class ChangeSetReader
{
    public static List<Response> Read(Response answer)
    {
        var responses = new List<Response>();
        if (Boundary(answer.Headers.ContentType) is { } boundary)
            ReadParts(answer.Content.ToString(), boundary, responses);
        // Nothing to hold the transaction against: it may or may not have happened, and the caller must not take it for done.
        return responses.Count > 0 ? responses : throw new RequestFailedException(answer.Status, "The answer to the transaction cannot be read.");
    }

    private static void ReadParts(string body, string boundary, List<Response> responses)
    {
        var parts = body.Split("--" + boundary);
        // Before the first boundary and after the last, which ends in "--", there is nothing.
        foreach (var part in parts.Skip(1).TakeWhile(part => !part.StartsWith("--", StringComparison.Ordinal)))
        {
            var content = part.TrimStart('\r', '\n');
            // The headers of a part; Azurite leaves them out before an error.
            List<HttpHeader> headers = content.StartsWith("HTTP/", StringComparison.Ordinal) ? [] : TakeHeaders(ref content);
            if (Boundary(headers.Find(header => header.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)).Value) is { } inner)
                ReadParts(content, inner, responses);
            else
                responses.Add(ReadResponse(content.TrimStart('\r', '\n')));
        }
    }

    private static StoredResponse ReadResponse(string content)
    {
        var status = TakeLine(ref content).Split(' ', 3); // HTTP/1.1 204 No Content
        if (status.Length < 2 || !int.TryParse(status[1], NumberStyles.None, CultureInfo.InvariantCulture, out var code))
            throw new RequestFailedException("A part of the answer to the transaction is no HTTP response.");
        var headers = TakeHeaders(ref content);
        return new StoredResponse(code, status.Length > 2 ? status[2] : "", headers, Encoding.UTF8.GetBytes(content.TrimEnd('\r', '\n')));
    }

    /// <summary>Up to and with the empty line.</summary>
    private static List<HttpHeader> TakeHeaders(ref string content)
    {
        var headers = new List<HttpHeader>();
        while (TakeLine(ref content) is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
                headers.Add(new HttpHeader(line[..colon], line[(colon + 1)..].Trim()));
        }

        return headers;
    }

    private static string TakeLine(ref string content)
    {
        var end = content.IndexOf('\n', StringComparison.Ordinal);
        var line = end < 0 ? content : content[..end];
        content = end < 0 ? "" : content[(end + 1)..];
        return line.TrimEnd('\r');
    }

    private static string? Boundary(string? contentType)
    {
        const string Name = "boundary=";
        if (contentType?.StartsWith("multipart/mixed", StringComparison.OrdinalIgnoreCase) != true)
            return null;
        var start = contentType.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
        return start < 0 ? null : contentType[(start + Name.Length)..].Split(';')[0].Trim().Trim('"');
    }
}
