using McpServerless.Access;
using Microsoft.AspNetCore.Http;

namespace McpServerless.Http.Health;

/// <summary>Says whether the process lives, and whether it can serve.</summary>
public sealed class HealthEndpoint(GovernanceState state)
{
    /// <summary>200 as long as the process answers.</summary>
    public static Task LiveAsync(HttpContext http, CancellationToken ct) => WriteAsync(http, StatusCodes.Status200OK, """{"status":"live"}""", ct);

    /// <summary>200 when the state was read and a catalogue is active, else 503 with the reason.</summary>
    public async Task ReadyAsync(HttpContext http, CancellationToken ct)
    {
        if (!(await state.CurrentAsync(ct)).Succeeded(out var snapshot, out var refusal))
        {
            await WriteAsync(http, StatusCodes.Status503ServiceUnavailable, $$"""{"status":"not ready","reason":"{{refusal.Code.Name}}"}""", ct);
        }
        else if (snapshot.Catalogue.Number == 0)
        {
            await WriteAsync(http, StatusCodes.Status503ServiceUnavailable, """{"status":"not ready","reason":"no catalogue is active; run mcpgov apply"}""", ct);
        }
        else
        {
            await WriteAsync(http, StatusCodes.Status200OK, $$"""{"status":"ready","catalogue":{{snapshot.Catalogue.Number}}}""", ct);
        }
    }

    private static async Task WriteAsync(HttpContext http, int status, string json, CancellationToken ct)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.WriteAsync(json, ct);
    }
}
