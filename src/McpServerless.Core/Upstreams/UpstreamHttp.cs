namespace McpServerless.Upstreams;

/// <summary>The pooled connections to upstreams and webhooks: no redirects, no cookies, no proxy, no caller's header.</summary>
public sealed class UpstreamHttp : IDisposable
{
    private readonly HttpMessageInvoker _public = Create(guarded: true);
    private readonly HttpMessageInvoker _private = Create(guarded: false);

    /// <summary>The connections for an upstream, by whether it may lie in a private network.</summary>
    public HttpMessageInvoker For(Catalogue.Upstream upstream) => For(upstream.AllowPrivateNetwork);

    /// <summary>The connections, by whether they may lead into a private network.</summary>
    public HttpMessageInvoker For(bool allowPrivateNetwork) => allowPrivateNetwork ? _private : _public;

    public void Dispose()
    {
        _public.Dispose();
        _private.Dispose();
    }

    private static HttpMessageInvoker Create(bool guarded) => new(
        new SocketsHttpHandler
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
        },
        disposeHandler: true);
}
