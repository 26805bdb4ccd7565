using FunctionsRuntime.Invocation;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using FromBody = Microsoft.Azure.Functions.Worker.Http.FromBodyAttribute;

namespace FunctionsRuntime.Tests;

public sealed class StartupTests
{
    [Theory]
    [InlineData(typeof(ReservedAdmin), "'reserved'", "admin")]
    [InlineData(typeof(ReservedAdministration), "'reserved'", "admin")]
    [InlineData(typeof(ReservedRuntime), "'reserved'", "runtime")]
    [InlineData(typeof(ReservedByName), "'Admin-list'", "admin")]
    [InlineData(typeof(SameName), "'twice'", "unique")]
    [InlineData(typeof(SameRoute), "'second'", "'first'")]
    [InlineData(typeof(SameRouteButForNames), "'second'", "'first'")]
    [InlineData(typeof(SameRouteEveryMethod), "'second'", "'first'")]
    [InlineData(typeof(UnreadableRoute), "'broken'", "items/{")]
    [InlineData(typeof(UnboundParameter), "'unbound'", "'nobody'")]
    [InlineData(typeof(UnreadableParameter), "'unreadable'", "'uri'")]
    [InlineData(typeof(TwoBodies), "'bodies'", "[FromBody]")]
    [InlineData(typeof(TimerWithBody), "'bodies'", "[FromBody]")]
    [InlineData(typeof(TimerInfoWithoutTrigger), "'unbound'", "'nobody'")]
    [InlineData(typeof(ReturnsValueTask), "'value-task'", "Task")]
    [InlineData(typeof(NotPublic), "'hidden'", "public")]
    [InlineData(typeof(WithoutTrigger), "'idle'", "trigger")]
    [InlineData(typeof(BadSchedule), "'bad'", "every minute")]
    [InlineData(typeof(AbsentSchedule), "'absent'", "NO_SUCH_SETTING")]
    public void AppThatTheHostCouldNotRun_IsRefused_NamingTheFunction(Type functions, params string[] said)
    {
        var builder = RunningApp.Builder(functions);
        builder.ConfigureFunctionsWebApplication();
        var refusal = Assert.Throws<InvalidOperationException>(builder.Build);
        Assert.All(said, s => Assert.Contains(s, refusal.Message));
    }

    [Fact]
    public void SameRouteForOtherMethodsOrConstraints_IsNoConflict()
    {
        var builder = RunningApp.Builder(typeof(Distinct));
        builder.ConfigureFunctionsWebApplication();
        using var host = builder.Build();
    }

    [Fact]
    public void HttpFunctionsWithoutTheWebApplication_AreRefused() =>
        Assert.Contains(
            "ConfigureFunctionsWebApplication",
            Assert.Throws<InvalidOperationException>(RunningApp.Builder(typeof(Distinct)).Build).Message);

    [Fact]
    public void Builder_BuildsOnce()
    {
        var builder = RunningApp.Builder();
        using var host = builder.Build();
        Assert.Throws<InvalidOperationException>(builder.Build);
        Assert.Throws<InvalidOperationException>(() => builder.Use(next => next));
    }

    [Fact]
    public void Functions_AreLookedForInTheApp_NotInTheRuntime()
    {
        var types = FunctionCatalogue.TypesOf(typeof(StartupTests).Assembly).ToList();
        Assert.Contains(typeof(Distinct), types);
        Assert.DoesNotContain(typeof(InvocationContext), types);
    }

    private static class ReservedAdmin
    {
        [Function("reserved")]
        public static void Run([HttpTrigger(AuthorizationLevel.Anonymous, Route = "/Admin/users")] HttpRequest request) => _ = request;
    }

    private static class ReservedAdministration
    {
        [Function("reserved")]
        public static void Run([HttpTrigger(AuthorizationLevel.Anonymous, Route = "administration")] HttpRequest request) => _ = request;
    }

    private static class ReservedRuntime
    {
        [Function("reserved")]
        public static void Run([HttpTrigger(AuthorizationLevel.Anonymous, Route = "runtime/{x}")] HttpRequest request, string x) => _ = (request, x);
    }

    private static class ReservedByName
    {
        [Function("Admin-list")]
        public static void Run([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => _ = request;
    }

    private static class SameName
    {
        [Function("twice")]
        public static void Run([HttpTrigger(AuthorizationLevel.Anonymous, Route = "a")] HttpRequest request) => _ = request;

        [Function("Twice")]
        public static void Again([HttpTrigger(AuthorizationLevel.Anonymous, Route = "b")] HttpRequest request) => _ = request;
    }

    private static class SameRoute
    {
        [Function("first")]
        public static void Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = "items/")] HttpRequest request) => _ = request;

        [Function("second")]
        public static void Again([HttpTrigger(AuthorizationLevel.Anonymous, "POST", Route = "/Items")] HttpRequest request) => _ = request;
    }

    private static class SameRouteButForNames
    {
        [Function("first")]
        public static void Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "items/{id}")] HttpRequest request, string id) =>
            _ = (request, id);

        [Function("second")]
        public static void Again([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "items/{name}")] HttpRequest request, string name) =>
            _ = (request, name);
    }

    private static class SameRouteEveryMethod
    {
        [Function("first")]
        public static void Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "items")] HttpRequest request) => _ = request;

        [Function("second")]
        public static void Again([HttpTrigger(AuthorizationLevel.Anonymous, Route = "items")] HttpRequest request) => _ = request;
    }

    private static class UnreadableRoute
    {
        [Function("broken")]
        public static void Run([HttpTrigger(AuthorizationLevel.Anonymous, Route = "items/{")] HttpRequest request) => _ = request;
    }

    private static class UnboundParameter
    {
        [Function("unbound")]
        public static void Run([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request, string nobody) => _ = (request, nobody);
    }

    private static class UnreadableParameter
    {
        [Function("unreadable")]
        public static void Run([HttpTrigger(AuthorizationLevel.Anonymous, Route = "at/{uri}")] HttpRequest request, Uri uri) => _ = (request, uri);
    }

    private static class TwoBodies
    {
        [Function("bodies")]
        public static void Run([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request, [FromBody] string a, [FromBody] string b) =>
            _ = (request, a, b);
    }

    private static class TimerWithBody
    {
        [Function("bodies")]
        public static void Run([TimerTrigger("0 0 * * * *")] TimerInfo timer, [FromBody] string a) => _ = (timer, a);
    }

    private static class TimerInfoWithoutTrigger
    {
        [Function("unbound")]
        public static void Run([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request, TimerInfo nobody) => _ = (request, nobody);
    }

    private static class ReturnsValueTask
    {
        [Function("value-task")]
        public static ValueTask Run([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => new(Task.FromResult(request));
    }

    private static class NotPublic
    {
        [Function("hidden")]
        internal static void Run([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => _ = request;
    }

    private static class WithoutTrigger
    {
        [Function("idle")]
        public static void Run(CancellationToken ct) => _ = ct;
    }

    private static class BadSchedule
    {
        [Function("bad")]
        public static void Run([TimerTrigger("every minute")] TimerInfo timer) => _ = timer;
    }

    private static class AbsentSchedule
    {
        [Function("absent")]
        public static void Run([TimerTrigger("%NO_SUCH_SETTING%")] TimerInfo timer) => _ = timer;
    }

    private static class Distinct
    {
        [Function("by-number")]
        public static void ByNumber([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "items/{id:int}")] HttpRequest request, int id) =>
            _ = (request, id);

        [Function("by-name")]
        public static void ByName([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "items/{name}")] HttpRequest request, string name) =>
            _ = (request, name);

        [Function("put")]
        public static void Put([HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "items/{name}")] HttpRequest request, string name) =>
            _ = (request, name);
    }
}
