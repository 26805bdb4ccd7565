using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace FunctionsRuntime.Startup;

/// <summary>Where the app listens, and the line on standard output that tells a script so.</summary>
internal sealed class ListeningAddress(IServer server, IHostApplicationLifetime lifetime) : IHostedService
{
    /// <summary>The port of Core Tools, on loopback only.</summary>
    private const string Default = "http://127.0.0.1:7071";

    public static string[] From(IConfiguration configuration)
    {
        var urls = configuration["urls"] ?? configuration["FUNCTIONS_HTTP_URLS"] ?? configuration["ASPNETCORE_URLS"];
        return (string.IsNullOrWhiteSpace(urls) ? Default : urls).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() =>
        {
            foreach (var address in server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
                Console.Out.WriteLine($"Now listening on: {address}");
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
