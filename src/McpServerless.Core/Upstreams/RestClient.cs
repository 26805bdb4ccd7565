using System.Text.Json;
using McpServerless.Catalogue;
using McpServerless.Contracts;
using McpServerless.OpenApi;
using McpServerless.Telemetry;
using McpServerless.ToolCalls;

namespace McpServerless.Upstreams;

/// <summary>Calls the operations of an HTTP API as tools, by the bindings of their contracts.</summary>
internal sealed class RestClient(UpstreamHttp http, TimeProvider time)
{
    /// <summary>The request of a call, or the refusal of arguments that HTTP cannot carry. Nothing is sent.</summary>
    public static Outcome<HttpRequestMessage> Prepare(CheckedCall checkedCall) =>
        BindingOf(checkedCall) is { } binding
            ? ToolRequest.Create(checkedCall.Grant.Feature.Upstream.Url, binding, checkedCall.Call.Arguments)
            : UpstreamFault.Unavailable("the contract says nothing of how the tool is called over HTTP");

    /// <summary>Sends a request once and waits for its answer.</summary>
    /// <remarks>
    /// Refuses with <c>upstream_unavailable</c> (also for 401, 407, 429, 502, 503 and 504, about which an agent can do nothing),
    /// <c>upstream_timeout</c>, <c>upstream_protocol_error</c>, <c>result_invalid</c> or <c>result_too_large</c>. Other errors of the API
    /// are results with <c>isError</c>: a model can act on what they say.
    /// </remarks>
    /// <exception cref="OperationCanceledException">The caller went away.</exception>
    public async ValueTask<Outcome<UpstreamAnswer>> SendAsync(CheckedCall checkedCall, HttpRequestMessage request, CancellationToken ct)
    {
        var upstream = checkedCall.Grant.Feature.Upstream;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(upstream.TimeoutSeconds), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            TraceContext.Write(request);
            using var response = await http.For(upstream).SendAsync(request, both.Token);
            return await ReadAsync(response, checkedCall, both.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return UpstreamFault.Timeout(upstream.TimeoutSeconds);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return UpstreamFault.Unavailable(e.Message);
        }
    }

    private async ValueTask<Outcome<UpstreamAnswer>> ReadAsync(HttpResponseMessage response, CheckedCall checkedCall, CancellationToken ct)
    {
        var upstream = checkedCall.Grant.Feature.Upstream;
        var binding = BindingOf(checkedCall)!; // the request was made from it
        var status = (int)response.StatusCode;
        if (status is 401 or 407 or 429 or 502 or 503 or 504)
        {
            return UpstreamFault.FromStatus(status == 407 ? 401 : status, null) with { RetryAfterSeconds = RetryAfter(response) };
        }

        var isSuccess = binding.IsSuccess(status);
        if (!isSuccess && status < 400)
        {
            return status is >= 300
                ? UpstreamFault.Protocol($"HTTP {status}: redirects are not followed")
                : new Refusal(RefusalCode.ResultInvalid, "The tool's result broke its contract and was withheld. The call took effect.") { OperatorNote = $"HTTP {status} is none of the contract's successes" };
        }

        if (response.Content.Headers.ContentLength > upstream.MaxResultBytes) return UpstreamFault.TooLarge(upstream.MaxResultBytes);
        using var body = new PooledBytes((int)Math.Clamp(response.Content.Headers.ContentLength ?? 4096, 256, 1 << 20) + 1);
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        if (!await body.ReadToEndAsync(stream, upstream.MaxResultBytes, ct)) return UpstreamFault.TooLarge(upstream.MaxResultBytes);
        return ToAnswer(new ApiAnswer(status, response.Content.Headers.ContentType, body.Memory), isSuccess, $"urn:uuid:{checkedCall.Call.Context.RequestId:D}");
    }

    private static HttpBinding? BindingOf(CheckedCall checkedCall) => (checkedCall.Grant.Feature as ExposedTool)?.Compiled.Http;

    private static Outcome<UpstreamAnswer> ToAnswer(ApiAnswer answer, bool isSuccess, string resourceUri)
    {
        var message = new PooledBytes(answer.Body.Length + 256);
        if (answer.Write(message, isError: !isSuccess, resourceUri) is { } problem)
        {
            message.Dispose();
            return UpstreamFault.Protocol(problem);
        }

        // Written here from what was checked, so it is JSON; the depth is the answer's own and three levels around it.
        return new UpstreamAnswer(JsonDocument.Parse(message.Memory, new JsonDocumentOptions { MaxDepth = 128 }), message, answer.Status, isModern: false);
    }

    private int? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => (int)Math.Clamp(delta.TotalSeconds, 0, 86_400),
        { Date: { } date } => (int)Math.Clamp((date - time.GetUtcNow()).TotalSeconds, 0, 86_400),
        _ => null,
    };
}
