using FunctionsRuntime.Startup;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;

namespace FunctionsRuntime.Tests;

public sealed class HostFilesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void HostJson_GivesPrefixAndLimits()
    {
        File.WriteAllText(Path.Combine(folder, "host.json"), """
            { "version": "2.0", "extensions": { "http": { "routePrefix": "/v1/", "maxConcurrentRequests": 5, "maxOutstandingRequests": -1 } } }
            """);
        Assert.Equal(new HostJson { RoutePrefix = "v1", MaxConcurrentRequests = 5 }, HostJson.Read(folder));
    }

    [Fact]
    public void EmptyRoutePrefix_IsNone()
    {
        File.WriteAllText(Path.Combine(folder, "host.json"), """{ "extensions": { "http": { "routePrefix": "" } } }""");
        Assert.Equal("", HostJson.Read(folder).RoutePrefix);
    }

    [Fact]
    public void AbsentHostJson_MeansApiAndNoLimits() => Assert.Equal(new HostJson { RoutePrefix = "api" }, HostJson.Read(folder));

    [Fact]
    public void LocalSettings_BecomeVariables_UnlessSetAlready()
    {
        File.WriteAllText(Path.Combine(folder, "local.settings.json"), """
            {
              // A comment, and commas too many.
              "Values": {
                "FR_TEST_NEW": "from file", "FR_TEST_SET": "from file", "FR_TEST_NULL": null, "FR_TEST__NESTED": "deep", "FR_TEST_FLAG": true,
              },
            }
            """);
        Environment.SetEnvironmentVariable("FR_TEST_SET", "from environment");
        LocalSettings.Apply(Path.Combine(folder, "absent"), folder);
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        Assert.Equal("from file", configuration["FR_TEST_NEW"]);
        Assert.Equal("from environment", configuration["FR_TEST_SET"]);
        Assert.Null(configuration["FR_TEST_NULL"]);
        Assert.Equal("deep", configuration["FR_TEST:NESTED"]);
        Assert.Equal("True", configuration["FR_TEST_FLAG"]);
    }

    [Theory]
    [InlineData(null, null, null, "http://127.0.0.1:7071")]
    [InlineData(null, null, "http://127.0.0.1:3", "http://127.0.0.1:3")]
    [InlineData(null, "http://127.0.0.1:2", "http://127.0.0.1:3", "http://127.0.0.1:2")]
    [InlineData("http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3", "http://127.0.0.1:1")]
    public void Address_ComesFromTheArgument_ThenTheVariables_ThenIsCoreToolsOwn(string? argument, string? own, string? aspNet, string address)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("urls", argument), new("FUNCTIONS_HTTP_URLS", own), new("ASPNETCORE_URLS", aspNet)])
            .Build();
        Assert.Equal([address], ListeningAddress.From(configuration));
    }

    [Fact]
    public async Task BodyAboveTheHostsLimit_IsNotRead()
    {
        var builder = RunningApp.Builder(typeof(Reading));
        builder.Configuration["FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"] = "10";
        builder.ConfigureFunctionsWebApplication();
        await using var app = await RunningApp.StartAsync(builder);
        Assert.Equal("200 9", await app.SendAsync(HttpMethod.Post, "/read", "123456789"));
        Assert.Equal("500", await app.SendAsync(HttpMethod.Post, "/read", "1234567890a"));
    }

    private static class Reading
    {
        [Function("read")]
        public static async Task<string> Run([HttpTrigger(AuthorizationLevel.Anonymous, "post")] HttpRequest request)
        {
            using var reader = new StreamReader(request.Body);
            return $"{(await reader.ReadToEndAsync()).Length}";
        }
    }
}
