#nullable enable
using System.Runtime.CompilerServices;

namespace Azure.Data.Tables;

/// <summary>Follows continuation tokens until there is none; a page without values is passed on like any other.</summary>
internal sealed class QueryPages<T>(
    Func<string?, int?, CancellationToken, Task<Page<T>>> getPage, int? maxPerPage, CancellationToken cancellationToken)
    : AsyncPageable<T>(cancellationToken)
    where T : notnull
{
    public static string? Header(Response response, string name) => response.Headers.TryGetValue(name, out var value) ? value : null;

    public override IAsyncEnumerable<Page<T>> AsPages(string? continuationToken = null, int? pageSizeHint = null) =>
        PagesAsync(continuationToken, pageSizeHint ?? maxPerPage, CancellationToken);

    private async IAsyncEnumerable<Page<T>> PagesAsync(
        string? continuation, int? top, [EnumeratorCancellation] CancellationToken token)
    {
        do
        {
            var page = await getPage(continuation, top, token).ConfigureAwait(false);
            continuation = page.ContinuationToken;
            yield return page;
        }
        while (!string.IsNullOrEmpty(continuation));
    }
}
