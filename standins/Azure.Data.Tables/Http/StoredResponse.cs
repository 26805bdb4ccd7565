#nullable enable
using System.Diagnostics.CodeAnalysis;
using Azure.Core;

namespace Azure.Data.Tables;

/// <summary>A response that did not come off a connection of its own: one part of a transaction's answer.</summary>
internal sealed class StoredResponse(int status, string reason, IReadOnlyList<HttpHeader> headers, ReadOnlyMemory<byte> body) : Response
{
    public override int Status => status;
    public override string ReasonPhrase => reason;
    public override Stream? ContentStream { get; set; } = new MemoryStream(body.ToArray(), 0, body.Length, writable: false, publiclyVisible: true);
    public override string ClientRequestId { get; set; } = "";
    public override bool IsError => status >= 400;

    // What it holds is memory, which stays readable after the message it came with is gone.
    public override void Dispose()
    {
    }

    protected override bool ContainsHeader(string name) => TryGetHeader(name, out _);

    protected override IEnumerable<HttpHeader> EnumerateHeaders() => headers;

    protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
    {
        value = TryGetHeaderValues(name, out var values) ? string.Join(',', values) : null;
        return value is not null;
    }

    protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
    {
        var found = headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).ToArray();
        values = found.Length > 0 ? found : null;
        return values is not null;
    }
}
