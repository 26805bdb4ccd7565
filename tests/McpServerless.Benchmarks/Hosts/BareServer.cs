using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace McpServerless.Benchmarks.Hosts;

/// <summary>Kestrel on a free port of this machine, with nothing between it and one handler: no routing, no logging.</summary>
internal static class BareServer
{
    public static async Task<(WebApplication App, Uri Address)> StartAsync(RequestDelegate handler)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(handler);
        await app.StartAsync();
        return (app, new Uri(app.Urls.First()));
    }

    /// <summary>Serves as a process of its own, for as long as the benchmark lives.</summary>
    public static async Task RunAsync(RequestDelegate handler)
    {
        ProcessMeter.Start();
        var (app, address) = await StartAsync(handler);
        Console.WriteLine($"{HostProcess.ListeningLine}{address}");
        await Task.Delay(Timeout.Infinite);
        GC.KeepAlive(app);
    }
}
