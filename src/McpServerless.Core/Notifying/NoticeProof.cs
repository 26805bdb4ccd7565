using McpServerless.Access;
using McpServerless.Access.Administration;

namespace McpServerless.Notifying;

/// <summary>By what the state shows that a change was made whose notice is held back.</summary>
public enum NoticeEvidence
{
    /// <summary>The grant is gone.</summary>
    GrantGone,

    /// <summary>The client's history has the change of state.</summary>
    ClientState,

    /// <summary>The request is there, in that state.</summary>
    RequestState,
}

/// <summary>What to look at to know whether a change was made, when whoever made it died before it could say so.</summary>
public sealed record NoticeProof(NoticeEvidence Evidence)
{
    public string? ClientId { get; init; }

    public string? Server { get; init; }

    public string? GrantId { get; init; }

    public string? RequestId { get; init; }

    public ClientState? ClientState { get; init; }

    public GrantRequestState? RequestState { get; init; }

    public DateTimeOffset? At { get; init; }

    /// <summary>Whether the state shows that the change was made.</summary>
    /// <exception cref="StoreUnavailableException">The state could not be read.</exception>
    public async ValueTask<bool> HoldsAsync(IAccessEditor editor, CancellationToken ct)
    {
        switch (Evidence)
        {
            case NoticeEvidence.GrantGone:
                return await editor.FindGrantAsync(ClientId ?? "", Server ?? "", GrantId ?? "", ct) is null;
            case NoticeEvidence.ClientState:
                return await editor.FindClientAsync(ClientId ?? "", ct) is { } client && client.Value.History.Any(h => h.State == ClientState && h.At == At);
            default:
                return await editor.FindRequestAsync(RequestId ?? "", ct) is { } request && request.Value.State == RequestState;
        }
    }
}
