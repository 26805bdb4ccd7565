using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using McpServerless.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace McpServerless.Infra.Tests;

/// <summary>Plays Azure Monitor's ingestion and the platform's identity endpoint. Strict: telemetry without the identity's token is refused.</summary>
internal sealed class AzureMonitor : IAsyncDisposable
{
    private const string Token = "token-of-the-identity";
    private const string IdentityHeader = "only-for-this-app";

    private readonly WebApplication _ingestion;
    private readonly LoopbackServer _identity;
    private readonly DirectoryInfo _folder;

    private AzureMonitor(WebApplication ingestion, LoopbackServer identity, DirectoryInfo folder, string certificateFile)
    {
        (_ingestion, _identity, _folder) = (ingestion, identity, folder);
        var address = ingestion.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        ConnectionString = $"InstrumentationKey=44444444-4444-4444-4444-444444444444;IngestionEndpoint={address}/;LiveEndpoint={address}/";
        Environment = new Dictionary<string, string>
        {
            ["IDENTITY_ENDPOINT"] = $"{identity.Url}token",
            ["IDENTITY_HEADER"] = IdentityHeader,
            // Trusted by this one process, through the platform's own variable.
            ["SSL_CERT_FILE"] = certificateFile,
            ["APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL"] = "true",
        };
    }

    public string ConnectionString { get; }

    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>What came in, envelope by envelope.</summary>
    public ConcurrentQueue<JsonElement> Envelopes { get; } = new();

    public ConcurrentQueue<string> Refused { get; } = new();

    public static async Task<AzureMonitor> StartAsync(string clientId)
    {
        using var certificate = SelfSigned();
        var folder = Directory.CreateTempSubdirectory("mcpserverless-monitor-");
        var certificateFile = Path.Combine(folder.FullName, "monitor.pem");
        await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var served = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(served)));
        var app = builder.Build();
        AzureMonitor? monitor = null;
        app.Run(http => monitor!.TakeAsync(http));
        await app.StartAsync();
        var identity = await LoopbackServer.StartAsync(http => GiveTokenAsync(http, clientId));
        return monitor = new AzureMonitor(app, identity, folder, certificateFile);
    }

    /// <summary>Spans whose name ends with a function's. The worker's are dependencies, since the request is the host's.</summary>
    public int Spans(string function) => Envelopes.Select(envelope => envelope.GetProperty("data")).Count(data =>
        data.GetProperty("baseType").GetString() is "RequestData" or "RemoteDependencyData"
        && data.GetProperty("baseData").GetProperty("name").GetString()?.EndsWith(function, StringComparison.Ordinal) == true);

    public async ValueTask DisposeAsync()
    {
        await _ingestion.DisposeAsync();
        await _identity.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddMinutes(-5), now.AddHours(1));
    }

    /// <summary>As App Service has it (managed identity REST endpoint, version 2019-08-01).</summary>
    private static Task GiveTokenAsync(HttpContext http, string clientId)
    {
        if (http.Request.Headers["X-IDENTITY-HEADER"] != IdentityHeader || http.Request.Query["client_id"] != clientId || http.Request.Query["resource"].ToString().TrimEnd('/') != "https://monitor.azure.com")
        {
            http.Response.StatusCode = 400;
            return Task.CompletedTask;
        }

        http.Response.ContentType = "application/json";
        var expires = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds();
        return http.Response.WriteAsync($$"""{"access_token":"{{Token}}","expires_on":"{{expires}}","resource":"https://monitor.azure.com","token_type":"Bearer","client_id":"{{clientId}}"}""");
    }

    private async Task TakeAsync(HttpContext http)
    {
        if (!http.Request.Path.Value!.EndsWith("/track", StringComparison.Ordinal)) return; // Live metrics.
        if (http.Request.Headers.Authorization != $"Bearer {Token}")
        {
            Refused.Enqueue(http.Request.Headers.Authorization.ToString());
            http.Response.StatusCode = 401;
            return;
        }

        await using var body = http.Request.Headers.ContentEncoding == "gzip" ? new GZipStream(http.Request.Body, CompressionMode.Decompress) : http.Request.Body;
        using var reader = new StreamReader(body);
        var lines = (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var line in lines) Envelopes.Enqueue(JsonDocument.Parse(line).RootElement);
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync($$"""{"itemsReceived":{{lines.Length}},"itemsAccepted":{{lines.Length}},"errors":[]}""");
    }
}
