using System.Net.Http.Headers;

namespace McpServerless.Cli.Commands;

/// <summary>A document from a file or from the web.</summary>
internal static class DocumentSource
{
    private const int MaxBytes = 64 * 1024 * 1024;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <returns>The bytes, and for the web the address that they came from in the end.</returns>
    /// <exception cref="UsageException">There is no such file, or the address gives no document.</exception>
    public static async Task<(byte[] Bytes, Uri? Location)> ReadAsync(string source, CancellationToken ct)
    {
        if (Uri.TryCreate(source, UriKind.Absolute, out var url) && url.Scheme is "https" or "http") return await FetchAsync(url, ct);
        try
        {
            if (new FileInfo(source) is { Exists: true, Length: > MaxBytes }) throw new UsageException($"{source} is larger than {MaxBytes} bytes.");
            return (await File.ReadAllBytesAsync(source, ct), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{source} cannot be read: {e.Message}");
        }
    }

    private static async Task<(byte[], Uri?)> FetchAsync(Uri url, CancellationToken ct)
    {
        // A document fetched over plain http could be anybody's; only the machine itself is trusted that far.
        if (url.Scheme == "http" && !url.IsLoopback) throw new UsageException($"{url} is http, which is only for loopback addresses; use https.");
        using var http = new HttpClient { Timeout = Limit, MaxResponseContentBufferSize = MaxBytes };
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        foreach (var type in (ReadOnlySpan<string>)["application/json", "application/yaml", "text/yaml", "*/*"]) request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        try
        {
            using var response = await http.SendAsync(request, ct);
            if (!response.IsSuccessStatusCode) throw new UsageException($"{url} answers with HTTP {(int)response.StatusCode}.");
            return (await response.Content.ReadAsByteArrayAsync(ct), response.RequestMessage?.RequestUri ?? url);
        }
        catch (HttpRequestException e)
        {
            throw new UsageException($"{url} cannot be read: {e.Message}");
        }
        catch (TaskCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new UsageException($"{url} did not answer within {Limit.TotalSeconds} seconds.");
        }
    }
}
