using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.UseMiddleware((_, next) => next());
builder.Services.AddOpenTelemetry().UseFunctionsWorkerDefaults();
builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(1));
builder.Build().Run();

internal sealed class Sample(IConfiguration settings, IHostEnvironment environment)
{
    [Function("settings")]
    public IActionResult Settings([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) =>
        new ContentResult { Content = $"{settings[SampleLibrary.LibraryFunctions.GreetingSetting]} {settings["SAMPLE_ENVIRONMENT_WINS"]} {environment.EnvironmentName}" };

    [Function("hang")]
    public async Task Hang([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request, CancellationToken ct)
    {
        await request.HttpContext.Response.WriteAsync("hanging\n", ct);
        await request.HttpContext.Response.Body.FlushAsync(ct);
        try
        {
            await Task.Delay(Timeout.Infinite, ct);
        }
        finally
        {
            await Console.Out.WriteLineAsync("invocation ended");
        }
    }

    [Function("nightly")]
    public void Nightly([TimerTrigger("%NIGHTLY%")] TimerInfo timer) => _ = timer;
}
