using McpServerless.Authentication;
using McpServerless.Catalogue;
using McpServerless.Contracts.Watching;

namespace McpServerless.Access;

/// <summary>Proof that a caller may enter a virtual server: a known caller, an active client, the gateway's own role or scope.</summary>
public sealed class Admission
{
    internal Admission(Caller caller, ClientAccess access, ServerCatalogue server) => (Caller, Access, Server) = (caller, access, server);

    public Caller Caller { get; }

    public ClientAccess Access { get; }

    public ServerCatalogue Server { get; }

    /// <summary>Tools that are out of service for now.</summary>
    public HeldTools Held { get; internal init; } = HeldTools.None;

    /// <summary>How long a stream may be held for this caller: up to a limit, and never past the end of its token.</summary>
    internal TimeSpan HoldFor(int seconds, TimeProvider time)
    {
        var left = Caller.ExpiresAt - time.GetUtcNow();
        var limit = TimeSpan.FromSeconds(seconds);
        return left < limit ? left > TimeSpan.Zero ? left : TimeSpan.Zero : limit;
    }
}

/// <summary>Proof that a caller may use one tool, prompt or resource. Only <see cref="Authorizer"/> makes one, and only one buys a forward.</summary>
public sealed class CallGrant
{
    internal CallGrant(Admission admission, Grant grant, ExposedFeature feature) => (Admission, Grant, Feature) = (admission, grant, feature);

    public Admission Admission { get; }

    public Grant Grant { get; }

    public ExposedFeature Feature { get; }
}
