using System.Text.Json;

namespace McpServerless.Testing;

/// <summary>What to ask the <see cref="TokenIssuer"/> for. Everything but the client is as Entra would give it to a well-behaved application.</summary>
public sealed record TokenRequest(string ClientId)
{
    /// <summary>The object id of a user; makes the token a delegated one.</summary>
    public string? User { get; init; }

    /// <summary>Scopes of a delegated token, separated by spaces. Default <c>Mcp.Call</c>.</summary>
    public string? Scopes { get; init; }

    /// <summary>App roles, separated by spaces; empty for none. Default <c>Mcp.Call</c>, and none in a delegated token.</summary>
    public string? Roles { get; init; }

    public string? Audience { get; init; }

    /// <summary>From now to <c>exp</c>; negative for a token that has expired. Default an hour.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>A JSON object laid over the claims; a null in it takes a claim away.</summary>
    public string? Claims { get; init; }
}

/// <summary>Plays the Entra tenant: real signed tokens, discovery and keys on this machine. See <c>samples/tenant/issuer.mjs</c>.</summary>
public sealed class TokenIssuer : IAsyncDisposable
{
    public const string TenantId = "11111111-1111-1111-1111-111111111111";
    public const string Audience = "22222222-2222-2222-2222-222222222222";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private TokenIssuer(ChildProcess process, Uri address)
    {
        Process = process;
        Issuer = address.GetLeftPart(UriPartial.Authority);
        TokenEndpoint = new Uri(address, "token");
    }

    /// <summary>The claim <c>iss</c>, without a slash at its end.</summary>
    public string Issuer { get; }

    public Uri TokenEndpoint { get; }

    public ChildProcess Process { get; }

    /// <exception cref="InvalidOperationException">It did not come up; the message has what it said.</exception>
    public static async Task<TokenIssuer> StartAsync(string? logFile = null, CancellationToken cancellationToken = default)
    {
        _ = NodeProgram.Installed("oauth2-mock-server", "package.json");
        var process = ChildProcess.Start(NodeProgram.Start("Token issuer", RepositoryRoot.Combine("samples", "tenant", "issuer.mjs")) with
        {
            Environment = new Dictionary<string, string?> { ["PORT"] = "0", ["TENANT_ID"] = TenantId, ["AUDIENCE"] = Audience },
            LogFile = logFile,
            ReadyLine = ListeningLine.Pattern,
        });
        try
        {
            return new TokenIssuer(process, await ListeningLine.AddressAsync(process, StartLimit, cancellationToken));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="InvalidOperationException">The issuer refuses; the message has its reason.</exception>
    public async Task<string> TokenAsync(TokenRequest request, CancellationToken cancellationToken = default)
    {
        using var form = new FormUrlEncodedContent(FieldsOf(request));
        using var response = await _http.PostAsync(TokenEndpoint, form, cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        if (!response.IsSuccessStatusCode) throw new InvalidOperationException($"The token issuer says {(int)response.StatusCode}: {body}");
        using var answer = JsonDocument.Parse(body);
        return answer.RootElement.GetProperty("access_token").GetString()
            ?? throw new InvalidOperationException($"The token issuer gave no token: {body}");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Process.DisposeAsync();
    }

    private static IEnumerable<KeyValuePair<string, string>> FieldsOf(TokenRequest request)
    {
        yield return new("grant_type", "client_credentials");
        yield return new("client_id", request.ClientId);
        yield return new("client_secret", "anything");
        if (request.User is { } user) yield return new("user", user);
        if (request.Scopes is { } scopes) yield return new("scp", scopes);
        if (request.Roles is { } roles) yield return new("roles", roles);
        if (request.Audience is { } audience) yield return new("aud", audience);
        if (request.Lifetime is { } lifetime) yield return new("lifetime", ((long)lifetime.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (request.Claims is { } claims) yield return new("claims", claims);
    }
}
