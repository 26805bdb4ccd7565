using System.Text;
using FunctionsRuntime.Startup;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FunctionsRuntime.Tests;

/// <summary>An app with the functions of the given types, listening on a free port of loopback.</summary>
internal sealed class RunningApp : IAsyncDisposable
{
    private readonly IHost host;

    private RunningApp(IHost host, Uri address, RecordedLog log)
    {
        this.host = host;
        Log = log;
        Client = new HttpClient { BaseAddress = address };
    }

    public HttpClient Client { get; }

    public RecordedLog Log { get; }

    public IServiceProvider Services => host.Services;

    public static FunctionsApplicationBuilder Builder(params Type[] functions)
    {
        var builder = FunctionsApplication.CreateBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.FunctionTypes = functions;
        builder.HostJson = new HostJson { RoutePrefix = "" };
        builder.Logging.ClearProviders();
        return builder;
    }

    public static Task<RunningApp> StartAsync(params Type[] functions)
    {
        var builder = Builder(functions);
        builder.ConfigureFunctionsWebApplication();
        return StartAsync(builder);
    }

    public static async Task<RunningApp> StartAsync(FunctionsApplicationBuilder builder)
    {
        var log = new RecordedLog();
        builder.Logging.AddProvider(log);
        var host = builder.Build();
        await host.StartAsync();
        var address = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new RunningApp(host, new Uri(address), log);
    }

    /// <returns>The status and the body, as <c>200 hello</c>.</returns>
    public async Task<string> SendAsync(HttpMethod method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await Client.SendAsync(request);
        return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}".TrimEnd();
    }

    public Task<string> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task StopAsync(CancellationToken ct = default) => host.StopAsync(ct);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await host.StopAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
    }
}
