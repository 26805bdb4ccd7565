using System.Globalization;
using System.Text.Json;
using McpServerless.ToolCalls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace McpServerless.Authentication;

/// <summary>Turns an access token into a <see cref="Caller"/>, on every request.</summary>
/// <remarks>
/// Entra v2.0 access tokens (Microsoft identity platform, "Access token claims reference"). Refuses with <c>invalid_token</c>. That a
/// signature was right is remembered by the token's hash for <see cref="AuthenticationOptions.VerifiedTokenSeconds"/>; the times in the
/// token are compared on every request.
/// </remarks>
public sealed partial class AccessTokenVerifier
{
    private const int MinRsaKeyBits = 2048;

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly AuthenticationOptions _options;
    private readonly SigningKeys _signingKeys;
    private readonly VerifiedTokens _verified;
    private readonly TimeProvider _time;
    private readonly ILogger<AccessTokenVerifier> _logger;

    public AccessTokenVerifier(
        IOptions<AuthenticationOptions> options,
        SigningKeys signingKeys,
        TimeProvider time,
        ILogger<AccessTokenVerifier> logger)
    {
        _options = options.Value;
        _time = time;
        _logger = logger;
        _verified = new VerifiedTokens(TimeSpan.FromSeconds(_options.VerifiedTokenSeconds));
        _signingKeys = signingKeys;
    }

    /// <summary>Who is calling, or <c>invalid_token</c>.</summary>
    /// <param name="token">The bearer token, or null when the request had none.</param>
    public async ValueTask<Outcome<Caller>> AuthenticateAsync(AccessToken? token, CancellationToken ct)
    {
        if (token is null) return Refuse("no token");
        var now = _time.GetUtcNow();
        var key = VerifiedTokens.KeyOf(token.Reveal());
        if (_verified.Find(key, now) is { } known) return JudgeTimes(known, now);

        var text = token.Reveal().ToString();
        if (CompactToken.FindFault(text, _options.MaxTokenBytes, out var keyId) is { } fault) return Refuse(fault);
        if (!(await _signingKeys.FindAsync(keyId, ct)).Succeeded(out var keys, out var unavailable)) return unavailable;
        if (!keys.Contains(keyId)) return Refuse("signed with a key that the issuer does not publish");
        var result = await _handler.ValidateTokenAsync(text, Parameters(keys));
        if (!result.IsValid) return Refuse(Describe(result.Exception));
        if (!ReadClaims((JsonWebToken)result.SecurityToken).Succeeded(out var proven, out var refusal)) return refusal;
        var judged = JudgeTimes(proven, now);
        if (judged.Succeeded(out _, out _)) _verified.Remember(key, proven, now);
        return judged;
    }

    private TokenValidationParameters Parameters(SigningKeys.KeySet keys) => new()
    {
        IssuerSigningKeys = keys.Keys,
        // The one key that the token names, and no trying around.
        TryAllIssuerSigningKeys = false,
        ValidIssuer = _options.EffectiveIssuer,
        ValidAudience = _options.Audience,
        IgnoreTrailingSlashWhenValidatingAudience = false,
        ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
        ValidTypes = ["JWT", "at+jwt"],
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        ValidateIssuerSigningKey = true,
        // The token's times are judged by the gateway's own clock, also for a token that is remembered.
        ValidateLifetime = false,
    };

    private Outcome<Caller> JudgeTimes(ProvenToken token, DateTimeOffset now)
    {
        var skew = TimeSpan.FromSeconds(_options.ClockSkewSeconds);
        if (token.Caller.ExpiresAt + skew <= now) return Refuse("expired", "The access token has expired.");
        if (token.NotBefore is { } notBefore && notBefore - skew > now) return Refuse("not valid yet", "The access token is not valid yet.");
        return token.Caller;
    }

    private Outcome<ProvenToken> ReadClaims(JsonWebToken token)
    {
        if (token.SigningKey is not { KeySize: >= MinRsaKeyBits }) return Refuse("signed with a key that is too short");
        // Entra's v1.0 tokens have other claims and another issuer; the manifest's requestedAccessTokenVersion decides.
        if (Text(token, "ver") != "2.0") return Refuse("ver is not 2.0");
        if (Text(token, "tid") is not { } tenant || !Same(tenant, _options.TenantId)) return Refuse("tid is not the configured tenant");
        if (Text(token, "azp") is not { Length: > 0 } client) return Refuse("azp is missing");
        if (Text(token, "oid") is not { Length: > 0 } objectId) return Refuse("oid is missing");
        if (!token.TryGetPayloadValue("exp", out long exp)) return Refuse("exp is missing or no number");

        // "/" is how a token without any scope writes scp (Entra Agent ID, token claims).
        var scopes = Text(token, "scp") is { } scp && scp != "/" ? scp.Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
        var kind = KindOf(token, scopes, objectId);
        var caller = new Caller
        {
            TenantId = tenant,
            ClientId = client,
            ObjectId = objectId,
            Kind = kind,
            Scopes = scopes,
            Roles = Texts(token, "roles"),
            TokenId = Text(token, "uti") ?? Text(token, "jti"),
            ExpiresAt = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(exp, 0, 253_402_300_799)),
            IssuedAt = token.TryGetPayloadValue("iat", out long iat) ? DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(iat, 0, 253_402_300_799)) : null,
            AuthContexts = Texts(token, "acrs"),
            AuthMethods = Texts(token, "amr"),
            Agent = AgentOf(token, kind),
            AgentBlueprintId = Text(token, "xms_par_app_azp"),
            Groups = Texts(token, "groups"),
            HasMoreGroups = token.TryGetPayloadValue("_claim_names", out JsonElement names) && JsonMembers.Member(names, "groups").ValueKind != JsonValueKind.Undefined,
            ClaimedName = Text(token, "preferred_username") ?? Text(token, "upn"),
        };
        DateTimeOffset? notBefore = token.TryGetPayloadValue("nbf", out long nbf)
            ? DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(nbf, 0, 253_402_300_799))
            : null;
        return new ProvenToken(caller, notBefore);
    }

    /// <summary>
    /// <c>idtyp</c> decides where the app registration asks for it. Otherwise a token is the application's own only if it has no
    /// scope and its subject is the service principal; everything else is taken for a user's, which is the kind that needs a scope.
    /// </summary>
    private static CallerKind KindOf(JsonWebToken token, string[] scopes, string objectId) => Text(token, "idtyp") switch
    {
        "app" when scopes.Length == 0 => CallerKind.Application,
        null when scopes.Length == 0 && Text(token, "sub") == objectId => CallerKind.Application,
        _ => CallerKind.Delegated,
    };

    /// <summary>Facets of actor and subject are numbers between blanks: 11 is an agent identity, 13 an agent's user (Entra Agent ID, token claims).</summary>
    private static AgentActor AgentOf(JsonWebToken token, CallerKind kind) => (Facets(token, "xms_act_fct"), Facets(token, "xms_sub_fct"), kind) switch
    {
        (_, var subject, CallerKind.Delegated) when subject.Contains("13", StringComparer.Ordinal) => AgentActor.OwnUser,
        (var actor, _, CallerKind.Delegated) when actor.Contains("11", StringComparer.Ordinal) => AgentActor.ForUser,
        (var actor, var subject, CallerKind.Application) when actor.Contains("11", StringComparer.Ordinal) || subject.Contains("11", StringComparer.Ordinal) => AgentActor.Identity,
        _ => AgentActor.None,
    };

    private static string[] Facets(JsonWebToken token, string claim) => Text(token, claim)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static string? Text(JsonWebToken token, string claim) => token.TryGetPayloadValue(claim, out string value) ? value : null;

    private static string[] Texts(JsonWebToken token, string claim) => token.TryGetPayloadValue(claim, out string[] values) ? values : [];

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private Refusal Refuse(string why, string detail = "A valid access token is required.")
    {
        Log.TokenRefused(_logger, why);
        return new Refusal(RefusalCode.InvalidToken, detail) { OperatorNote = why };
    }

    // The library's messages can hold the token's own text; its types say enough.
    private static string Describe(Exception? exception) => exception switch
    {
        SecurityTokenSignatureKeyNotFoundException => "signed with a key that the issuer does not publish",
        SecurityTokenInvalidSignatureException => "wrong signature",
        SecurityTokenInvalidIssuerException => "wrong issuer",
        SecurityTokenInvalidAudienceException => "wrong audience",
        SecurityTokenInvalidAlgorithmException => "algorithm is not accepted",
        SecurityTokenInvalidTypeException => "typ is not accepted",
        null => "not valid",
        _ => string.Create(CultureInfo.InvariantCulture, $"not valid ({exception.GetType().Name})"),
    };

    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Debug, "Access token refused: {Why}")]
        public static partial void TokenRefused(ILogger logger, string why);
    }
}
