using System.Collections.Concurrent;

namespace McpServerless.Upstreams;

/// <summary>The clients of all upstreams, kept while the catalogue's entry stays the same.</summary>
internal sealed class UpstreamClients(UpstreamHttp http, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, UpstreamClient> _clients = new(StringComparer.Ordinal);

    public UpstreamClient For(Catalogue.Upstream upstream)
    {
        if (_clients.TryGetValue(upstream.Name, out var client) && client.Upstream == upstream) return client;
        return _clients.AddOrUpdate(
            upstream.Name,
            _ => Create(upstream),
            (_, existing) => existing.Upstream == upstream ? existing : Create(upstream));
    }

    private UpstreamClient Create(Catalogue.Upstream upstream) => new(upstream, http.For(upstream), time);
}
