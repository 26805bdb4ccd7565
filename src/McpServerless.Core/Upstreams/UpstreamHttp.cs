using System.Collections.Concurrent;
using McpServerless.Catalogue;
using McpServerless.Upstreams.Credentials;

namespace McpServerless.Upstreams;

/// <summary>The pooled connections to upstreams and webhooks: no redirects, no cookies, no proxy, no caller's header; the gateway's own credential where the upstream wants one.</summary>
public sealed class UpstreamHttp(ICredentialSource credentials, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<(UpstreamCredential Credential, bool Guarded), HttpMessageInvoker> _proving = [];
    private readonly Route _public = new(guarded: true);
    private readonly Route _private = new(guarded: false);

    /// <summary>The way to an upstream, by whether it may lie in a private network and by how the gateway proves itself.</summary>
    public HttpMessageInvoker For(Catalogue.Upstream upstream)
    {
        var route = upstream.AllowPrivateNetwork ? _private : _public;
        return upstream.Credential is not { } credential ? route.Plain
            : _proving.GetOrAdd((credential, !upstream.AllowPrivateNetwork), _ => new HttpMessageInvoker(new CredentialHandler(credential, credentials, time, route.Connections)));
    }

    /// <summary>The connections, by whether they may lead into a private network; with no credential.</summary>
    public HttpMessageInvoker For(bool allowPrivateNetwork) => (allowPrivateNetwork ? _private : _public).Plain;

    public void Dispose()
    {
        foreach (var proving in _proving.Values) proving.Dispose();
        _public.Dispose();
        _private.Dispose();
    }

    private sealed class Route : IDisposable
    {
        public Route(bool guarded)
        {
            Connections = new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,
                ActivityHeadersPropagator = null,
                ConnectTimeout = TimeSpan.FromSeconds(10),
                // DNS changes are followed because connections do not live for ever.
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
                MaxResponseHeadersLength = 32,
                ResponseDrainTimeout = TimeSpan.FromSeconds(1),
                ConnectCallback = guarded ? AddressGuard.ConnectAsync : null,
            };
            Plain = new HttpMessageInvoker(Connections, disposeHandler: false);
        }

        public SocketsHttpHandler Connections { get; }

        public HttpMessageInvoker Plain { get; }

        public void Dispose()
        {
            Plain.Dispose();
            Connections.Dispose();
        }
    }
}
