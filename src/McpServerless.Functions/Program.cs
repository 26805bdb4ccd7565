using McpServerless.Azure.Storage;
using McpServerless.Functions;
using McpServerless.Hosting;
using McpServerless.Http;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.AddTelemetry();
builder.Services.AddGovernance().AddTableStores().AddGateway();
using var app = builder.Build();

if (StartupSettings.FindFaults(app.Services) is { Count: > 0 } faults)
{
    foreach (var fault in faults) Console.Error.WriteLine($"Wrong setting: {fault}");
    return 1;
}

app.Run();
return 0;
