#nullable enable
namespace Azure.Data.Tables;

/// <summary>Follows continuation tokens until there is none; a page without values is passed on like any other.</summary>
/// <remarks>As in the real package, only the token given to the query cancels it; one given to the enumeration is not looked at.</remarks>
internal sealed class QueryPages<T>(Func<string?, int?, Task<Page<T>>> getPage, int? maxPerPage) : AsyncPageable<T>
    where T : notnull
{
    public static string? Header(Response response, string name) => response.Headers.TryGetValue(name, out var value) ? value : null;

    public override async IAsyncEnumerable<Page<T>> AsPages(string? continuationToken = null, int? pageSizeHint = null)
    {
        do
        {
            var page = await getPage(continuationToken, pageSizeHint ?? maxPerPage).ConfigureAwait(false);
            continuationToken = page.ContinuationToken;
            yield return page;
        }
        while (!string.IsNullOrEmpty(continuationToken));
    }
}
