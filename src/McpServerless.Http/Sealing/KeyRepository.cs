using System.Xml.Linq;
using McpServerless.Sealing;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace McpServerless.Http.Sealing;

/// <summary>The key ring's keys in the gateway's own store.</summary>
/// <remarks>
/// The key ring asks without <c>async</c>, but seldom: when an instance starts, once a day, and when a key is renewed. The store's calls run on the pool
/// and have a time limit, so that what waits is one thread for a bounded time.
/// </remarks>
internal sealed class KeyRepository(ISealingKeyStore store, TimeProvider time) : IXmlRepository
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public IReadOnlyCollection<XElement> GetAllElements() => Run(async ct => (IReadOnlyCollection<XElement>)[.. (await store.ReadAsync(ct)).Select(xml => XElement.Parse(xml))]);

    public void StoreElement(XElement element, string friendlyName) => Run(async ct =>
    {
        await store.SaveAsync(friendlyName, element.ToString(SaveOptions.DisableFormatting), ct);
        return true;
    });

    private T Run<T>(Func<CancellationToken, Task<T>> work)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        try
        {
            return Task.Run(() => work(limit.Token)).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException e)
        {
            throw new StoreUnavailableException("The sealing keys could not be read in time.", e);
        }
    }
}
