using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FunctionsRuntime.Tests;

public sealed class MiddlewareTests
{
    private readonly ConcurrentQueue<string> trail = [];

    [Fact]
    public async Task Middleware_RunsInOrderAroundTheFunction_AndBeforeItsResultIsExecuted()
    {
        await using var app = await StartAsync(b => b
            .UseMiddleware(Mark("first"))
            .UseMiddleware(Mark("second")));
        Assert.Equal("200 function", await app.GetAsync("/function"));
        Assert.Equal(["first in", "second in", "function", "second out", "first out", "result executed"], trail);
    }

    [Fact]
    public async Task MiddlewareRegisteredBeforeTheWebApplication_SeesTheExecutedResult_ButNoHttpContext()
    {
        var builder = Builder();
        builder.UseMiddleware(async (context, next) =>
        {
            trail.Enqueue($"outer {context.GetHttpContext() is null}");
            await next();
            trail.Enqueue("outer out");
        });
        builder.ConfigureFunctionsWebApplication();
        builder.UseMiddleware((context, next) =>
        {
            trail.Enqueue($"inner {context.GetHttpContext() is null}");
            return next();
        });
        await using var app = await RunningApp.StartAsync(builder);
        await app.GetAsync("/function");
        Assert.Equal(["outer True", "inner False", "function", "result executed", "outer out"], trail);
    }

    [Fact]
    public async Task MiddlewareThatDoesNotCallOn_AnswersInTheFunctionsPlace()
    {
        await using var app = await StartAsync(b => b.UseMiddleware((context, _) =>
        {
            context.GetInvocationResult().Value = new ObjectResult("refused") { StatusCode = 403 };
            return Task.CompletedTask;
        }));
        Assert.Equal("403 refused", await app.GetAsync("/function"));
        Assert.Empty(trail);
    }

    [Fact]
    public async Task Middleware_MayReplaceTheFunctionsResult()
    {
        await using var app = await StartAsync(b => b.UseMiddleware(async (context, next) =>
        {
            await next();
            Assert.IsType<TrackedResult>(context.GetInvocationResult<IActionResult>().Value);
            context.GetInvocationResult().Value = new StatusCodeResult(202);
        }));
        Assert.Equal("202", await app.GetAsync("/function"));
    }

    [Fact]
    public async Task Middleware_CatchesWhatTheFunctionThrows()
    {
        await using var app = await StartAsync(b => b.UseMiddleware(async (context, next) =>
        {
            try
            {
                await next();
            }
            catch (InvalidOperationException e)
            {
                context.GetInvocationResult().Value = new ObjectResult(e.Message) { StatusCode = 503 };
            }
        }));
        Assert.Equal("503 down", await app.GetAsync("/failing"));
    }

    [Fact]
    public async Task MiddlewareClass_IsASingletonOfTheContainer()
    {
        await using var app = await StartAsync(b => b.UseMiddleware<Counting>());
        await app.GetAsync("/function");
        await app.GetAsync("/function");
        Assert.Equal(2, app.Services.GetRequiredService<Counting>().Count);
    }

    [Fact]
    public async Task UseWhen_RunsForTheInvocationsThatItsPredicateNames()
    {
        await using var app = await StartAsync(b => b
            .UseWhen<Counting>(c => c.FunctionDefinition.Name == "other")
            .UseWhen(c => c.FunctionDefinition.Name == "other", Mark("when")));
        await app.GetAsync("/function");
        await app.GetAsync("/other");
        Assert.Equal(1, app.Services.GetRequiredService<Counting>().Count);
        Assert.Equal(["function", "result executed", "when in", "when out"], trail);
    }

    [Fact]
    public async Task Items_AndFeatures_TravelWithTheInvocation()
    {
        await using var app = await StartAsync(b => b
            .UseMiddleware((context, next) =>
            {
                context.Items["who"] = "caller";
                context.Features.Set(new Version(1, 2));
                return next();
            })
            .UseMiddleware(async (context, next) =>
            {
                await next();
                var seen = $"{context.Items["who"]} {context.Features.Get<Version>()} {context.Features.Get<Uri>() is null}";
                context.GetInvocationResult().Value = seen;
            }));
        Assert.Equal("200 caller 1.2 True", await app.GetAsync("/other"));
    }

    private static Func<FunctionContext, Func<Task>, Task> Mark(ConcurrentQueue<string> trail, string name) => async (_, next) =>
    {
        trail.Enqueue($"{name} in");
        await next();
        trail.Enqueue($"{name} out");
    };

    private Func<FunctionContext, Func<Task>, Task> Mark(string name) => Mark(trail, name);

    private FunctionsApplicationBuilder Builder()
    {
        var builder = RunningApp.Builder(typeof(Functions));
        builder.Services.AddSingleton(trail);
        return builder;
    }

    private Task<RunningApp> StartAsync(Action<IFunctionsWorkerApplicationBuilder> use)
    {
        var builder = Builder();
        builder.ConfigureFunctionsWebApplication();
        use(builder);
        return RunningApp.StartAsync(builder);
    }

    private sealed class Counting : IFunctionsWorkerMiddleware
    {
        public int Count { get; private set; }

        public Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            Count++;
            return next(context);
        }
    }

    private sealed class TrackedResult(ConcurrentQueue<string> trail, string text) : IActionResult
    {
        public Task ExecuteResultAsync(ActionContext context)
        {
            trail.Enqueue("result executed");
            return context.HttpContext.Response.WriteAsync(text);
        }
    }

    private sealed class Functions(ConcurrentQueue<string> trail)
    {
        [Function("function")]
        public IActionResult Run([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            trail.Enqueue("function");
            return new TrackedResult(trail, "function");
        }

        [Function("other")]
        public string Other([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => "other";

        [Function("failing")]
        public IActionResult Failing([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => throw new InvalidOperationException("down");
    }
}
