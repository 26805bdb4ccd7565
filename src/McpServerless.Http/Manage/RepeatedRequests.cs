using System.Security.Cryptography;
using System.Text;
using McpServerless.Management;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace McpServerless.Http.Manage;

/// <summary>Answers a request that is sent again under its <c>Idempotency-Key</c> as it was answered before.</summary>
/// <remarks>
/// As the IETF draft "The Idempotency-Key HTTP Header Field" has it: the same key for another request is 422, two at once are 409. What comes of a fault
/// of the gateway is not kept, so that the request can be sent again; a request whose instance died holds its key for some minutes.
/// </remarks>
internal sealed class RepeatedRequests(IIdempotencyStore store, IOptions<ManagementOptions> options, TimeProvider time)
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotency-Replayed";
    private const int MaxKey = 128;

    /// <summary>Longer than a request can take: the platform ends it after 230 seconds.</summary>
    private static readonly TimeSpan Working = TimeSpan.FromMinutes(5);

    public async Task<ManageAnswer> AnswerAsync(ManageOperation operation, ManageRequest request, Func<Task<ManageAnswer>> run, CancellationToken ct)
    {
        if (!operation.IsRepeatable || !request.Http.Headers.TryGetValue(Header, out var given)) return await run();
        if (KeyOf(given) is not { } key) return new ManageProblem(ManageProblemCode.MalformedRequest, $"{Header} has 1 to {MaxKey} visible ASCII characters, once.");
        var now = time.GetUtcNow();
        var asked = new KeptRequest(request.Caller.Caller.Principal, key, DigestOf(request), now + Working);
        if (await store.TakeAsync(asked, now, ct) is { } kept)
        {
            if (kept.Digest != asked.Digest) return new ManageProblem(ManageProblemCode.IdempotencyKeyReused, $"The {Header} was used for another request.");
            return kept.Answer is { } before ? Replay(before) : new ManageProblem(ManageProblemCode.IdempotencyInProgress, "The same request is being answered.") { RetryAfterSeconds = 2 };
        }

        ManageAnswer? answer = null;
        try
        {
            answer = await run();
            return answer;
        }
        finally
        {
            // Without the caller's token: the key must not stay taken because the caller went away.
            if (answer is null || answer.Status >= 500) await store.ReleaseAsync(asked, CancellationToken.None);
            else await store.KeepAsync(asked with { Until = now.AddHours(options.Value.IdempotencyHours), Answer = Keep(answer, request.RequestId) }, CancellationToken.None);
        }
    }

    private static KeptAnswer Keep(ManageAnswer answer, Guid requestId)
    {
        var sent = answer.Problem is { } problem ? ManageWriter.Describe(problem, requestId) : answer;
        return new KeptAnswer(sent.Status, sent.Headers, sent.ContentType, Encoding.UTF8.GetString(sent.Body.Span));
    }

    private static ManageAnswer Replay(KeptAnswer kept) => new()
    {
        Status = kept.Status,
        ContentType = kept.ContentType,
        Body = Encoding.UTF8.GetBytes(kept.Body),
        Headers = new Dictionary<string, string>(kept.Headers) { [ReplayedHeader] = "true" },
    };

    private static string? KeyOf(StringValues given) =>
        given is [{ Length: > 0 and <= MaxKey } key] && !key.AsSpan().ContainsAnyExceptInRange('!', '~') ? key : null;

    private static string DigestOf(ManageRequest request)
    {
        var body = request.Body.ValueKind == System.Text.Json.JsonValueKind.Undefined ? "" : request.Body.GetRawText();
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{request.Http.Method}\n{request.Http.Path}{request.Http.QueryString}\n{request.Http.Headers.IfMatch}\n{body}")));
    }
}
