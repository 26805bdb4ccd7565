using System.Globalization;
using FunctionsRuntime.Startup;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;

namespace FunctionsRuntime.Tests;

public sealed class RoutingTests
{
    [Theory]
    [InlineData("GET", "/plain", "200 plain")]
    [InlineData("GET", "/PLAIN", "200 plain")]
    [InlineData("GET", "/items/special", "200 literal")]
    [InlineData("GET", "/items/other", "200 item other")]
    [InlineData("GET", "/numbers/42", "200 number 42")]
    [InlineData("GET", "/numbers/abc", "404")]
    [InlineData("GET", "/pages", "200 page 1")]
    [InlineData("GET", "/pages/7", "200 page 7")]
    [InlineData("GET", "/files/a/b.txt", "200 file a/b.txt")]
    [InlineData("GET", "/files", "200 file none")]
    [InlineData("GET", "/absent", "404")]
    [InlineData("GET", "/", "404")]
    public async Task Request_ReachesTheFunctionThatItsRouteNames(string method, string path, string answer)
    {
        await using var app = await RunningApp.StartAsync(typeof(Routes));
        Assert.Equal(answer, await app.SendAsync(new HttpMethod(method), path));
    }

    [Fact]
    public async Task MethodThatNoFunctionOfTheRouteTakes_IsNotFound_AsOnTheHost()
    {
        await using var app = await RunningApp.StartAsync(typeof(Routes));
        Assert.Equal("404", await app.SendAsync(HttpMethod.Post, "/plain"));
        Assert.Equal("404", await app.SendAsync(HttpMethod.Options, "/plain"));
        Assert.Equal("200 posted", await app.SendAsync(HttpMethod.Post, "/pair"));
        Assert.Equal("200 got", await app.SendAsync(HttpMethod.Get, "/pair"));
    }

    [Fact]
    public async Task FunctionWithoutMethods_TakesEveryMethod()
    {
        await using var app = await RunningApp.StartAsync(typeof(Routes));
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post, HttpMethod.Delete, HttpMethod.Options })
            Assert.Equal($"200 {method}", await app.SendAsync(method, "/any"));
    }

    [Fact]
    public async Task FunctionWithoutRoute_HasItsNameAsRoute()
    {
        await using var app = await RunningApp.StartAsync(typeof(Routes));
        Assert.Equal("200 unrouted", await app.GetAsync("/unrouted"));
    }

    [Fact]
    public async Task RoutePrefix_ComesBeforeEveryRoute_AndIsApiByDefault()
    {
        var builder = RunningApp.Builder(typeof(Routes));
        builder.HostJson = new HostJson();
        builder.ConfigureFunctionsWebApplication();
        await using var app = await RunningApp.StartAsync(builder);
        Assert.Equal("200 plain", await app.GetAsync("/api/plain"));
        Assert.Equal("404", await app.GetAsync("/plain"));
    }

    [Fact]
    public async Task LevelsAboveAnonymous_AskForNoKey_AsInCoreTools()
    {
        await using var app = await RunningApp.StartAsync(typeof(Routes));
        Assert.Equal("200 keyed", await app.GetAsync("/keyed"));
    }

    private static class Routes
    {
        [Function("plain")]
        public static IActionResult Plain([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "plain")] HttpRequest request) => Text("plain");

        [Function("literal")]
        public static IActionResult Literal([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "items/special")] HttpRequest request) =>
            Text("literal");

        [Function("item")]
        public static IActionResult Item(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "items/{name}")] HttpRequest request, string name) =>
            Text($"item {name}");

        [Function("number")]
        public static IActionResult Number(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "numbers/{id:int}")] HttpRequest request, int id) =>
            Text($"number {id.ToString(CultureInfo.InvariantCulture)}");

        [Function("page")]
        public static IActionResult Page(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "pages/{page:int?}")] HttpRequest request, int? page) =>
            Text($"page {page ?? 1}");

        [Function("file")]
        public static IActionResult File(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "files/{*path}")] HttpRequest request, string? path) =>
            Text($"file {path ?? "none"}");

        [Function("post-pair")]
        public static IActionResult PostPair([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "pair")] HttpRequest request) =>
            Text("posted");

        [Function("get-pair")]
        public static IActionResult GetPair([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "pair")] HttpRequest request) => Text("got");

        [Function("any")]
        public static IActionResult Any([HttpTrigger(AuthorizationLevel.Anonymous, Route = "any")] HttpRequest request) => Text(request.Method);

        [Function("unrouted")]
        public static IActionResult Unrouted([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) => Text("unrouted");

        [Function("keyed")]
        public static IActionResult Keyed([HttpTrigger(AuthorizationLevel.Function, "get")] HttpRequest request) => Text("keyed");

        private static ContentResult Text(string text) => new() { Content = text };
    }
}
