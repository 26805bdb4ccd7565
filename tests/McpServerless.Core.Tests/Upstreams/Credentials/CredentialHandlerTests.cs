using System.Net;
using McpServerless.Catalogue;
using McpServerless.Testing;
using McpServerless.Upstreams.Credentials;

namespace McpServerless.Core.Tests.Upstreams.Credentials;

public sealed class CredentialHandlerTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly Source _source;
    private readonly Upstream _upstream = new();

    public CredentialHandlerTests() => _source = new Source(_time);

    [Theory]
    [InlineData(ApiKeyPlace.Header, "https://api.example/a?b=1", "X-Key: s 1; Cookie: a=b")]
    [InlineData(ApiKeyPlace.Query, "https://api.example/a?b=1&X-Key=s%201", "Cookie: a=b")]
    [InlineData(ApiKeyPlace.Cookie, "https://api.example/a?b=1", "Cookie: a=b; X-Key=s 1")]
    public async Task ApiKey_GoesWhereTheUpstreamWantsIt(ApiKeyPlace place, string url, string headers)
    {
        _source.Next("s 1");
        await SendAsync(Handler(new UpstreamCredential { Type = CredentialType.ApiKey, In = place, Name = "X-Key", Secret = "u--key" }));
        Assert.Equal((url, headers), _upstream.Received[0]);
    }

    [Theory]
    [InlineData(CredentialType.Http, HttpScheme.Basic, "user:pass", "Basic dXNlcjpwYXNz")]
    [InlineData(CredentialType.Http, HttpScheme.Bearer, "token", "Bearer token")]
    [InlineData(CredentialType.ManagedIdentity, HttpScheme.Bearer, "token", "Bearer token")]
    [InlineData(CredentialType.ClientCredentials, HttpScheme.Bearer, "token", "Bearer token")]
    public async Task OtherCredentials_StandInAuthorization(CredentialType type, HttpScheme scheme, string value, string header)
    {
        _source.Next(value);
        await SendAsync(Handler(new UpstreamCredential { Type = type, Scheme = scheme, Secret = "u--key" }));
        Assert.Equal($"Authorization: {header}; Cookie: a=b", _upstream.Received[0].Headers);
    }

    [Fact]
    public async Task Value_IsKeptUntilItsEnd_AndReadOnceForManyCalls()
    {
        _source.Next("first").Next("second");
        _source.Slow = new TaskCompletionSource();
        var handler = Handler(Bearer);
        var calls = Enumerable.Range(0, 20).Select(_ => SendAsync(handler)).ToList();
        _source.Slow.SetResult();
        await Task.WhenAll(calls);
        _time.Advance(Source.Life - TimeSpan.FromSeconds(1));
        await SendAsync(handler);
        Assert.Equal(1, _source.Reads);

        _time.Advance(TimeSpan.FromSeconds(1));
        await SendAsync(handler);
        Assert.Equal(2, _source.Reads);
        Assert.Equal("Authorization: Bearer second; Cookie: a=b", _upstream.Received[^1].Headers);
    }

    [Fact]
    public async Task RefusedValue_IsReadAnewForTheNextCall_ButNotForEveryCall()
    {
        _source.Next("old").Next("new").Next("newer");
        var handler = Handler(Bearer);
        await SendAsync(handler);
        _upstream.Status = HttpStatusCode.Unauthorized;
        // It was read a moment ago: whoever refuses it would refuse it again.
        await SendAsync(handler);
        await SendAsync(handler);
        Assert.Equal(1, _source.Reads);

        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(handler)).StatusCode);
        Assert.Equal(4, _upstream.Received.Count);
        await SendAsync(handler);
        Assert.Equal("Authorization: Bearer new; Cookie: a=b", _upstream.Received[^1].Headers);
        await SendAsync(handler);
        Assert.Equal(2, _source.Reads);
    }

    [Fact]
    public async Task WithoutAValue_NothingIsSent_AndTheNextCallAsksAgain()
    {
        _source.Fail("the vault is down").Next("token");
        var handler = Handler(Bearer);
        var fault = await Assert.ThrowsAsync<UpstreamCredentialException>(() => SendAsync(handler));
        Assert.Equal("the vault is down", fault.Message);
        Assert.Empty(_upstream.Received);
        await SendAsync(handler);
        Assert.Single(_upstream.Received);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\r\nX-Admin: 1")]
    [InlineData("a\n")]
    public async Task ValueThatIsNotOneLine_IsNotSent_AndNotShown(string value)
    {
        _source.Next(value);
        var fault = await Assert.ThrowsAsync<UpstreamCredentialException>(() => SendAsync(Handler(Bearer)));
        Assert.DoesNotContain("Admin", fault.Message, StringComparison.Ordinal);
        Assert.Contains("u--token", fault.Message, StringComparison.Ordinal);
        Assert.Empty(_upstream.Received);
    }

    private static UpstreamCredential Bearer { get; } = new() { Type = CredentialType.Http, Secret = "u--token" };

    private HttpMessageInvoker Handler(UpstreamCredential credential) => new(new CredentialHandler(credential, _source, _time, _upstream));

    private static async Task<HttpResponseMessage> SendAsync(HttpMessageInvoker handler)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://api.example/a?b=1");
        request.Headers.TryAddWithoutValidation("Cookie", "a=b");
        return await handler.SendAsync(request, CancellationToken.None);
    }

    private sealed class Source(TimeProvider time) : ICredentialSource
    {
        public static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

        private readonly Queue<Func<string>> _values = new();

        public int Reads { get; private set; }

        public TaskCompletionSource? Slow { get; set; }

        public Source Next(string value)
        {
            _values.Enqueue(() => value);
            return this;
        }

        public Source Fail(string message)
        {
            _values.Enqueue(() => throw new UpstreamCredentialException(message));
            return this;
        }

        public async ValueTask<CredentialValue> ReadAsync(UpstreamCredential credential, CancellationToken ct)
        {
            Reads++;
            if (Slow is not null) await Slow.Task;
            return new CredentialValue(_values.Dequeue()(), time.GetUtcNow() + Life);
        }
    }

    private sealed class Upstream : HttpMessageHandler
    {
        public List<(string Url, string Headers)> Received { get; } = [];

        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            lock (Received) Received.Add((request.RequestUri!.AbsoluteUri, string.Join("; ", request.Headers.OrderBy(h => h.Key == "Cookie").Select(h => $"{h.Key}: {string.Join(", ", h.Value)}"))));
            return Task.FromResult(new HttpResponseMessage(Status));
        }
    }
}
