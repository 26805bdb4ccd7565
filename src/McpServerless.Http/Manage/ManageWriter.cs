using System.Globalization;
using System.Text.Json;
using McpServerless.Authentication;
using McpServerless.Management;
using McpServerless.ToolCalls;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace McpServerless.Http.Manage;

/// <summary>Sends answers, and problems in the form of RFC 9457.</summary>
internal sealed class ManageWriter(IOptions<GatewayOptions> gateway, IOptions<AuthenticationOptions> authentication, IOptions<ManagementOptions> management)
{
    public static async Task WriteAsync(HttpContext http, ManageAnswer answer, Guid requestId, CancellationToken ct)
    {
        var made = answer.Problem is { } problem ? Describe(problem, requestId) : answer;
        var response = http.Response;
        response.StatusCode = made.Status;
        response.ContentType = made.ContentType;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        foreach (var (name, value) in made.Headers) response.Headers[name] = value;
        response.ContentLength = made.Body.Length;
        await response.Body.WriteAsync(made.Body, ct);
    }

    /// <summary>A problem as it is sent.</summary>
    public static ManageAnswer Describe(ManageProblem problem, Guid requestId)
    {
        var headers = new Dictionary<string, string>();
        if (problem.RetryAfterSeconds is { } seconds) headers["Retry-After"] = seconds.ToString(CultureInfo.InvariantCulture);
        if (problem.Allow is { } allow) headers["Allow"] = allow;
        if (problem.Challenge is { } challenge) headers["WWW-Authenticate"] = challenge;
        var body = new ProblemBody
        {
            Type = problem.Code.Type,
            Title = problem.Code.Meaning,
            Status = problem.Code.Status,
            Detail = problem.Detail,
            Code = problem.Code.Name,
            RequestId = requestId.ToString("D"),
            Errors = problem.Errors.Count > 0 ? problem.Errors : null,
            Roles = problem.Roles.Count > 0 ? problem.Roles : null,
        };
        return new ManageAnswer { Problem = problem, Status = problem.Code.Status, ContentType = ManageAnswer.ProblemJson, Headers = headers, Body = JsonSerializer.SerializeToUtf8Bytes(body, ManageJson.Default.ProblemBody) };
    }

    /// <summary>A refusal of the token or of its scope, with the challenge of RFC 6750, section 3, and RFC 9728, section 5.1.</summary>
    public ManageProblem ProblemOf(Refusal refusal, bool hadToken)
    {
        if (refusal.Code == RefusalCode.StateUnavailable) return new ManageProblem(ManageProblemCode.StateUnavailable, refusal.Detail) { RetryAfterSeconds = refusal.RetryAfterSeconds };
        var metadata = $"{gateway.Value.Base}/.well-known/oauth-protected-resource";
        var scope = authentication.Value.QualifiedScope(management.Value.RequiredScope);
        if (refusal.Code == RefusalCode.InsufficientScope)
        {
            return new ManageProblem(ManageProblemCode.InsufficientScope, refusal.Detail)
            {
                Challenge = $"Bearer error=\"insufficient_scope\", scope=\"{scope}\", resource_metadata=\"{metadata}\", error_description=\"{refusal.Detail}\"",
            };
        }

        var error = hadToken ? $"error=\"invalid_token\", error_description=\"{refusal.Detail}\", " : "";
        return new ManageProblem(ManageProblemCode.InvalidToken, refusal.Detail) { Challenge = $"Bearer {error}resource_metadata=\"{metadata}\", scope=\"{scope}\"" };
    }
}
