using System.Collections.Concurrent;
using McpServerless.Access;
using McpServerless.Testing;
using Microsoft.AspNetCore.Http;

namespace McpServerless.EndToEnd;

/// <summary>Two instances on one storage account: what is revoked is refused by both, what is not goes on; and nothing is decided on what is too old. On a gateway of its own.</summary>
public sealed class RevocationTests : IAsyncLifetime
{
    private readonly Gateway _gateway = new();
    private readonly EpochGate _gate = new();

    private FunctionApp _second = null!;

    public async Task InitializeAsync()
    {
        await _gateway.InitializeAsync();
        await _gate.StartAsync(_gateway.Azurite);
        _second = await _gateway.StartAppAsync(new Dictionary<string, string> { ["Storage__ConnectionString"] = _gate.ConnectionString, ["Access__MaxStalenessSeconds"] = "2", ["Access__PollMilliseconds"] = "200", ["Runaway__Pause"] = "false" });
    }

    public async Task DisposeAsync()
    {
        if (_second is not null) await _second.DisposeAsync();
        await _gate.DisposeAsync();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task RevokedTool_IsRefusedByEveryInstance_WhileOtherToolsOfTheClientGoOn()
    {
        var token = _gateway.Issuer.Token();
        McpWire[] instances = [new(_gateway.Endpoint, token), new(_second.Endpoint(Gateway.Server), token)];
        var others = new ConcurrentBag<string>();
        using var stop = new CancellationTokenSource();
        var load = instances.SelectMany(i => Enumerable.Range(0, 2).Select(async _ =>
        {
            while (!stop.IsCancellationRequested)
            {
                var answer = await i.CallAsync("ok", """{"text":"load"}""");
                others.Add($"{answer.Status} {answer.Refusal ?? "ok"}");
            }
        })).ToArray();
        for (var round = 0; round < 3; round++)
        {
            var grant = Gateway.Grant("g-revoked", ["not-granted"]);
            await _gateway.Access.SaveGrantAsync(grant, CancellationToken.None);
            await _gateway.Access.BumpEpochAsync(CancellationToken.None);
            foreach (var instance in instances) await AnswersAsync(instance, "not-granted", "ok");
            await _gateway.Access.DeleteGrantAsync(grant, CancellationToken.None);
            await _gateway.Access.BumpEpochAsync(CancellationToken.None);
            foreach (var instance in instances) await AnswersAsync(instance, "not-granted", "tool_unknown");
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);
        Assert.Equal(["200 ok"], others.Distinct());
    }

    [Fact]
    public async Task SwitchedOffTool_AndDeniedTool_AreRefusedByEveryInstance()
    {
        var token = _gateway.Issuer.Token();
        McpWire[] instances = [new(_gateway.Endpoint, token), new(_second.Endpoint(Gateway.Server), token)];
        var denial = Gateway.Grant("d-denied", ["echo-*"]) with { Effect = GrantEffect.Deny };
        await _gateway.Access.SaveGrantAsync(denial, CancellationToken.None);
        var editor = (McpServerless.Access.Administration.IAccessEditor)_gateway.Access;
        await editor.SwitchOffAsync(new KillSwitch(KillSwitch.OfTool("scripted", "later"), "op", TimeProvider.System.GetUtcNow(), "test"), CancellationToken.None);
        await _gateway.Access.BumpEpochAsync(CancellationToken.None);
        foreach (var instance in instances)
        {
            await AnswersAsync(instance, "echo-raw", "tool_unknown");
            await AnswersAsync(instance, "later", "switched_off");
            await AnswersAsync(instance, "own-error", "ok");
        }

        var record = (await _gateway.RecordsOfToolAsync("echo-raw")).Last(r => r.GetProperty("decision").GetString() == "refused");
        Assert.Equal("grant_denied", record.GetProperty("refusalCode").GetString());
        await _gateway.Access.DeleteGrantAsync(denial, CancellationToken.None);
        await editor.SwitchOnAsync(KillSwitch.OfTool("scripted", "later"), CancellationToken.None);
        await _gateway.Access.BumpEpochAsync(CancellationToken.None);
        foreach (var instance in instances)
        {
            await AnswersAsync(instance, "echo-raw", "ok");
            await AnswersAsync(instance, "later", "ok");
        }
    }

    [Fact]
    public async Task WithTheEpochOutOfReach_CallsAreRefusedByName_AndServedAgainByThemselves()
    {
        var instance = new McpWire(_second.Endpoint(Gateway.Server), _gateway.Issuer.Token());
        await AnswersAsync(instance, "own-error", "ok");
        _gate.IsClosed = true;
        await AnswersAsync(instance, "own-error", "state_unavailable");
        var refused = await instance.CallAsync("own-error");
        Assert.Equal(503, refused.Status);
        Assert.True(refused.Headers.ContainsKey("Retry-After"));
        await AnswersAsync(new McpWire(_gateway.Endpoint, _gateway.Issuer.Token()), "own-error", "ok");
        _gate.IsClosed = false;
        await AnswersAsync(instance, "own-error", "ok");
    }

    [Theory]
    [InlineData("""{"amount":100}""", null)]
    [InlineData("""{"amount":100.01}""", "constraint_violated")]
    [InlineData("{}", "constraint_violated")]
    public async Task ConstraintOnArguments_IsHeld_AndSaysWhereItIsBroken(string arguments, string? refusal)
    {
        var grant = Gateway.Grant("g-small", ["not-granted"]) with
        {
            Constraints = [new ArgumentConstraint(["*"], System.Text.Json.JsonDocument.Parse("""{"required":["amount"],"properties":{"amount":{"maximum":100}}}""").RootElement)],
        };
        await _gateway.Access.SaveGrantAsync(grant, CancellationToken.None);
        await _gateway.Access.BumpEpochAsync(CancellationToken.None);
        var instance = _gateway.Wire();
        for (var attempt = 0; attempt < 600 && Kind(await instance.CallAsync("not-granted", arguments)) == "tool_unknown"; attempt++) await Task.Delay(50);
        var answer = await instance.CallAsync("not-granted", arguments);
        Assert.Equal(refusal, answer.Refusal);
        var record = (await _gateway.RecordsOfToolAsync("not-granted"))[^1];
        Assert.Equal("g-small", record.GetProperty("grantId").GetString());
        if (refusal is null) return;
        Assert.True(answer.Result.GetProperty("isError").GetBoolean());
        Assert.Contains("amount", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("100.01", answer.Text, StringComparison.Ordinal);
    }

    private static async Task AnswersAsync(McpWire instance, string tool, string expected)
    {
        var last = "";
        for (var attempt = 0; attempt < 600; attempt++)
        {
            last = Kind(await instance.CallAsync(tool));
            if (last == expected) return;
            await Task.Delay(50);
        }

        Assert.Fail($"{tool} went on to answer {last} and not {expected}.");
    }

    private static string Kind(WireAnswer answer) => answer.Refusal ?? "ok";

    /// <summary>Stands between an instance and the emulator, and can hold back everything about the epoch's table.</summary>
    private sealed class EpochGate : IAsyncDisposable
    {
        private static readonly HttpClient Http = new();

        private LoopbackServer? _server;

        public volatile bool IsClosed;

        public string ConnectionString { get; private set; } = "";

        public async Task StartAsync(Azurite azurite)
        {
            var target = azurite.TableEndpoint;
            _server = await LoopbackServer.StartAsync(context => PassAsync(context, target));
            ConnectionString = azurite.ConnectionString.Replace(target.GetLeftPart(UriPartial.Authority), _server.Url.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal);
        }

        public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

        private async Task PassAsync(HttpContext context, Uri target)
        {
            if (IsClosed && context.Request.Path.Value!.Contains("Epoch", StringComparison.Ordinal))
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            }

            var encoded = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
            using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), target.GetLeftPart(UriPartial.Authority) + encoded);
            if (context.Request.ContentLength is > 0 || context.Request.Headers.TransferEncoding.Count > 0) request.Content = new StreamContent(context.Request.Body);
            foreach (var (name, values) in context.Request.Headers.Where(h => h.Key != "Host"))
            {
                if (!request.Headers.TryAddWithoutValidation(name, values.ToArray())) request.Content?.Headers.TryAddWithoutValidation(name, values.ToArray());
            }

            using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            context.Response.StatusCode = (int)response.StatusCode;
            foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(h => h.Key is not ("Transfer-Encoding" or "Connection" or "Keep-Alive"))) context.Response.Headers[name] = values.ToArray();
            await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
    }
}
