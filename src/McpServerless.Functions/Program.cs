using McpServerless.Azure.Storage;
using McpServerless.Hosting;
using McpServerless.Http;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Services.AddGovernance().AddTableStores().AddGateway();
builder.Build().Run();
