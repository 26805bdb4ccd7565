using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure.Core.Pipeline;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Azure.Data.Tables.Tests;

/// <summary>Stands where the service would, answers as a test says, and keeps what it was asked.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private static readonly X509Certificate2 Certificate = CreateCertificate();

    private readonly WebApplication _app;

    private ScriptedServer(WebApplication app) => _app = app;

    public ConcurrentQueue<SeenRequest> Requests { get; } = new();

    public Uri Endpoint => new(_app.Urls.Single().Replace("[::]", "127.0.0.1", StringComparison.Ordinal));

    public static Task<ScriptedServer> StartAsync(Func<HttpContext, int, Task> answer) => StartAsync(answer, https: false);

    /// <param name="answer">Gets the context and how many requests came before.</param>
    /// <param name="https">With a certificate that only <see cref="TrustingOptions"/> trusts; tokens are sent over nothing less.</param>
    public static async Task<ScriptedServer> StartAsync(Func<HttpContext, int, Task> answer, bool https)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (https)
                listen.UseHttps(Certificate);
        }));
        var server = new ScriptedServer(builder.Build());
        server._app.Run(async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            var seen = new SeenRequest(context.Request.Method, target, headers, await body.ReadToEndAsync());
            var before = server.Requests.Count;
            server.Requests.Enqueue(seen);
            await answer(context, before);
        });
        await server._app.StartAsync();
        return server;
    }

    /// <summary>An error as the service words it.</summary>
    public static Task ErrorAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json;odata=minimalmetadata";
        return context.Response.WriteAsync($$$$"""{"odata.error":{"code":"{{{{code}}}}","message":{"lang":"en-US","value":"Scripted."}}}""");
    }

    public static Task JsonAsync(HttpContext context, string json)
    {
        context.Response.ContentType = "application/json;odata=minimalmetadata";
        return context.Response.WriteAsync(json);
    }

    /// <summary>Options that accept the server's certificate and do not make a test wait between tries.</summary>
    public static TableClientOptions TrustingOptions(int maxRetries = 0)
    {
        var options = new TableClientOptions
        {
            Transport = new HttpClientTransport(new HttpClient(new SocketsHttpHandler
            {
                SslOptions = { RemoteCertificateValidationCallback = static (_, shown, _, _) => shown?.GetCertHashString() == Certificate.Thumbprint },
            })),
        };
        options.Retry.MaxRetries = maxRetries;
        options.Retry.Delay = TimeSpan.FromMilliseconds(1);
        options.Retry.MaxDelay = TimeSpan.FromMilliseconds(1);
        return options;
    }

    public TableClient Table(int maxRetries = 0) =>
        new(Endpoint, "things", new TableSharedKeyCredential("account", Convert.ToBase64String("key"u8)), TrustingOptions(maxRetries));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}

/// <param name="Target">Path and query as they were on the wire.</param>
internal sealed record SeenRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body);
