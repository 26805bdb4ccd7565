using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using FromBody = Microsoft.Azure.Functions.Worker.Http.FromBodyAttribute;

namespace FunctionsRuntime.Tests;

public sealed class BindingTests
{
    [Theory]
    [InlineData("/guid/0f8fad5b-d9cb-469f-a165-70867728950e", "200 0f8fad5b-d9cb-469f-a165-70867728950e")]
    [InlineData("/guid/not-one", "500")]
    [InlineData("/day/friday", "200 Friday")]
    [InlineData("/sum/2/3", "200 5")]
    [InlineData("/sum/2/three", "500")]
    [InlineData("/sum/2", "200 3")]
    public async Task RouteValues_AreReadAsTheParametersType(string path, string answer)
    {
        await using var app = await RunningApp.StartAsync(typeof(Values));
        Assert.Equal(answer, await app.GetAsync(path));
    }

    [Fact]
    public async Task Body_IsReadAsTheParametersType()
    {
        await using var app = await RunningApp.StartAsync(typeof(Values));
        Assert.Equal("200 pears 3", await app.SendAsync(HttpMethod.Post, "/order", """{"what":"pears","count":3}"""));
        Assert.Equal("500", await app.SendAsync(HttpMethod.Post, "/order", """{"what":"""));
        Assert.Equal("500", await app.SendAsync(HttpMethod.Post, "/order", """{"what":"pears","count":"many"}"""));
    }

    [Fact]
    public async Task Context_KnowsTheInvocation()
    {
        await using var app = await RunningApp.StartAsync(typeof(Values));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/context/7");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        using var response = await app.Client.SendAsync(request);
        Assert.Equal(
            "context id=7 same=True trace=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 trigger=httpTrigger",
            await response.Content.ReadAsStringAsync());
        Assert.Contains("Information category: seen", app.Log.Lines);
    }

    [Fact]
    public async Task ClientThatHangsUp_CancelsTheInvocation()
    {
        var builder = RunningApp.Builder(typeof(Waiting));
        var gate = new Gate();
        builder.Services.AddSingleton(gate);
        builder.ConfigureFunctionsWebApplication();
        await using var app = await RunningApp.StartAsync(builder);
        using var hangUp = new CancellationTokenSource();
        var request = app.Client.GetAsync("/wait", hangUp.Token);
        await gate.Started.Task;
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        Assert.True(await gate.Canceled.Task.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.DoesNotContain(app.Log.Lines, l => l.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task FunctionClass_IsMadeForEachInvocation_InItsScope()
    {
        var builder = RunningApp.Builder(typeof(Injected));
        builder.Services.AddScoped<PerInvocation>();
        builder.Services.AddSingleton<Disposals>();
        builder.ConfigureFunctionsWebApplication();
        await using var app = await RunningApp.StartAsync(builder);
        var first = await app.GetAsync("/injected");
        var second = await app.GetAsync("/injected");
        Assert.EndsWith("True True", first, StringComparison.Ordinal);
        Assert.NotEqual(first, second);
        Assert.Equal(2, app.Services.GetRequiredService<Disposals>().Count);
    }

    private sealed class Gate
    {
        public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<bool> Canceled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Waiting(Gate gate)
    {
        [Function("wait")]
        public async Task Wait([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request, FunctionContext context, CancellationToken ct)
        {
            ct.Register(() => gate.Canceled.SetResult(context.CancellationToken.IsCancellationRequested));
            gate.Started.SetResult();
            await Task.Delay(Timeout.Infinite, ct);
        }
    }

    private sealed class Disposals
    {
        private int count;

        public int Count => count;

        public void Add() => Interlocked.Increment(ref count);
    }

    private sealed class PerInvocation(Disposals disposals) : IDisposable
    {
        public Guid Id { get; } = Guid.NewGuid();

        public void Dispose() => disposals.Add();
    }

    private sealed class Injected(PerInvocation mine, IServiceProvider services)
    {
        [Function("injected")]
        public string Run([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request, FunctionContext context) =>
            $"{mine.Id} {ReferenceEquals(mine, request.HttpContext.RequestServices.GetService<PerInvocation>())} "
            + ReferenceEquals(services.GetService<PerInvocation>(), context.InstanceServices.GetService<PerInvocation>());
    }

    private sealed record Order(string What, int Count);

    private static class Values
    {
        [Function("guid")]
        public static string AsGuid([HttpTrigger(AuthorizationLevel.Anonymous, Route = "guid/{id}")] HttpRequest request, Guid id) => id.ToString();

        [Function("day")]
        public static string AsDay([HttpTrigger(AuthorizationLevel.Anonymous, Route = "day/{day}")] HttpRequest request, DayOfWeek day) =>
            day.ToString();

        [Function("sum")]
        public static string Sum([HttpTrigger(AuthorizationLevel.Anonymous, Route = "sum/{a}/{b?}")] HttpRequest request, long a, int b = 1) =>
            $"{a + b}";

        [Function("order")]
        public static string Body([HttpTrigger(AuthorizationLevel.Anonymous, "post")] HttpRequest request, [FromBody] Order order) =>
            $"{order.What} {order.Count}";

        [Function("context")]
        public static string Context([HttpTrigger(AuthorizationLevel.Anonymous, Route = "context/{id}")] HttpRequest trigger, FunctionContext context)
        {
            context.GetLogger("category").LogInformation("seen");
            return $"{context.FunctionDefinition.Name} id={context.BindingContext.BindingData["id"]} "
                + $"same={ReferenceEquals(context.GetHttpContext(), trigger.HttpContext) && Guid.TryParse(context.InvocationId, out _)} "
                + $"trace={context.TraceContext.TraceParent} trigger={context.FunctionDefinition.InputBindings["trigger"].Type}";
        }
    }
}
