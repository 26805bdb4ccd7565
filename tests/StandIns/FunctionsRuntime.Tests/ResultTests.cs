using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace FunctionsRuntime.Tests;

public sealed class ResultTests
{
    [Theory]
    [InlineData("/action-object", """201 {"name":"seen"}""")]
    [InlineData("/action-status", "403")]
    [InlineData("/result-json", """202 {"name":"seen"}""")]
    [InlineData("/result-text", "200 text")]
    [InlineData("/plain-object", """200 {"Name":"seen"}""")]
    [InlineData("/plain-text", "200 text")]
    [InlineData("/null-task", "200")]
    [InlineData("/nothing", "204")]
    [InlineData("/task", "205")]
    [InlineData("/written-then-empty-action", "418 by hand")]
    [InlineData("/written-then-empty-result", "200 by hand")]
    public async Task Result_BecomesTheResponse(string path, string answer)
    {
        await using var app = await RunningApp.StartAsync(typeof(Results));
        Assert.Equal(answer, await app.GetAsync(path));
    }

    [Theory]
    [InlineData("/throws")]
    [InlineData("/throws-later")]
    [InlineData("/throws-in-result")]
    [InlineData("/throws-after-headers")]
    public async Task UnhandledException_IsA500ThatSaysNothing_AndIsLogged(string path)
    {
        await using var app = await RunningApp.StartAsync(typeof(Results));
        using var response = await app.Client.GetAsync(path);
        Assert.Equal(500, (int)response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        Assert.False(response.Headers.Contains("x-left-over"));
        Assert.Contains(app.Log.Lines, l => l.StartsWith("Error Function:", StringComparison.Ordinal) && l.Contains("the secret detail"));
    }

    [Fact]
    public async Task ExceptionAfterTheResponseHasBegun_BreaksTheConnection()
    {
        await using var app = await RunningApp.StartAsync(typeof(Results));
        await Assert.ThrowsAnyAsync<Exception>(() => app.GetAsync("/throws-midway"));
    }

    [Fact]
    public async Task StreamedResponse_ReachesTheClientBeforeTheFunctionEnds()
    {
        var builder = RunningApp.Builder(typeof(Streaming));
        var gate = new Gate();
        builder.Services.AddSingleton(gate);
        builder.ConfigureFunctionsWebApplication();
        await using var app = await RunningApp.StartAsync(builder);
        using var response = await app.Client.GetAsync("/stream", HttpCompletionOption.ResponseHeadersRead);
        using var body = new StreamReader(await response.Content.ReadAsStreamAsync(), Encoding.UTF8);
        Assert.Equal("data: first", await body.ReadLineAsync());
        Assert.False(gate.Ended.Task.IsCompleted);
        gate.GoOn.SetResult();
        Assert.Equal("data: second", await body.ReadLineAsync());
        Assert.Null(await body.ReadLineAsync());
    }

    private sealed class Gate
    {
        public TaskCompletionSource GoOn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Streaming(Gate gate)
    {
        [Function("stream")]
        public async Task<IActionResult> Stream([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request)
        {
            var response = request.HttpContext.Response;
            response.ContentType = "text/event-stream";
            await response.WriteAsync("data: first\n");
            await response.Body.FlushAsync();
            await gate.GoOn.Task;
            await response.WriteAsync("data: second\n");
            gate.Ended.SetResult();
            return new EmptyResult();
        }
    }

    private sealed record Item(string Name);

    private sealed class FailingResult : IActionResult
    {
        public Task ExecuteResultAsync(ActionContext context) => throw new InvalidOperationException("the secret detail");
    }

    private static class Results
    {
        [Function("action-object")]
        public static IActionResult ActionObject([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
            new ObjectResult(new Item("seen")) { StatusCode = 201 };

        [Function("action-status")]
        public static Task<IActionResult> ActionStatus([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
            Task.FromResult<IActionResult>(new StatusCodeResult(403));

        [Function("result-json")]
        public static IResult ResultJson([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
            TypedResults.Json(new Item("seen"), statusCode: 202);

        [Function("result-text")]
        public static async Task<IResult> ResultText([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            await Task.Yield();
            return TypedResults.Text("text");
        }

        [Function("plain-object")]
        public static Item PlainObject([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => new("seen");

        [Function("plain-text")]
        public static Task<string> PlainText([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => Task.FromResult("text");

        [Function("null-task")]
        public static Task<Item?> NullTask([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => Task.FromResult<Item?>(null);

        [Function("nothing")]
        public static void Nothing([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => request.HttpContext.Response.StatusCode = 204;

        [Function("task")]
        public static async Task Later([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            await Task.Yield();
            request.HttpContext.Response.StatusCode = 205;
        }

        [Function("written-then-empty-action")]
        public static async Task<IActionResult> EmptyAction([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            request.HttpContext.Response.StatusCode = 418;
            await request.HttpContext.Response.WriteAsync("by hand");
            return new EmptyResult();
        }

        [Function("written-then-empty-result")]
        public static async Task<IResult> EmptyMinimal([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            await request.HttpContext.Response.WriteAsync("by hand");
            return Microsoft.AspNetCore.Http.Results.Empty;
        }

        [Function("throws")]
        public static IActionResult Throws([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
            throw new InvalidOperationException("the secret detail");

        [Function("throws-later")]
        public static async Task<IActionResult> ThrowsLater([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            await Task.Yield();
            throw new InvalidOperationException("the secret detail");
        }

        [Function("throws-in-result")]
        public static IActionResult ThrowsInResult([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => new FailingResult();

        [Function("throws-after-headers")]
        public static IActionResult ThrowsAfterHeaders([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            request.HttpContext.Response.Headers["x-left-over"] = "1";
            throw new InvalidOperationException("the secret detail");
        }

        [Function("throws-midway")]
        public static async Task ThrowsMidway([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            await request.HttpContext.Response.WriteAsync("half");
            await request.HttpContext.Response.Body.FlushAsync();
            throw new InvalidOperationException("the secret detail");
        }
    }
}
